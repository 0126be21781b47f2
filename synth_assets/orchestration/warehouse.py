"""The warehouse in which dbt builds a domain, and the variables through which dbt finds it.

Tables in PostgreSQL and BigQuery are built where they are stored. Files (Parquet, Delta Lake, the
store's own DuckDB file) are read by DuckDB, which builds in a file of its own. dbt never prints a
variable that begins with ``DBT_ENV_SECRET_``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import duckdb
import psycopg
import yaml
from google.api_core.exceptions import GoogleAPIError

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.stores import KINDS, Store
from synth_assets.stores.routing import DEFAULT_KIND, Routes, Stores

# Name of the dbt project's profile.
PROFILE = "synth"


def read_by_dbt(domain: Domain) -> list[Table]:
    """The tables of a domain that dbt reads: all without a store of their own.

    Args:
        domain: The domain.
    """
    return [table for table in domain.tables if table.store is None]


class SeveralWarehousesError(UserError):
    """A domain whose tables are in several warehouses has no dbt models."""


def target_of(domain: Domain, settings: Settings, routes: Routes) -> str:
    """The dbt target of a domain, which is an output of dbt's profiles.

    Args:
        domain: The domain.
        settings: The settings, which may name a target and have the folder of the profiles.
        routes: Which table is in which kind of store.

    Raises:
        SeveralWarehousesError: The domain's tables are in several warehouses.
        UserError: The profiles cannot be read, or lack the target.
    """
    target = settings.dbt_target or _warehouse_of(domain, routes)
    _refuse_unknown(target, settings.dbt_profiles / "profiles.yml")
    return target


def _refuse_unknown(target: str, file: Path) -> None:
    try:
        outputs = list(yaml.safe_load(file.read_text())[PROFILE]["outputs"])
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        raise UserError(f"{file}: must be dbt's profiles, with outputs of {PROFILE!r}") from None
    if target not in outputs:
        raise UnknownNameError(f"dbt target of {file}", target, outputs)


def _warehouse_of(domain: Domain, routes: Routes) -> str:
    tables = {KINDS[routes.kind_of(table)].warehouse: table.path for table in read_by_dbt(domain)}
    if len(tables) > 1:
        where = ", ".join(f"{path} in {name}" for name, path in tables.items())
        raise SeveralWarehousesError(
            f"dbt builds a domain in one warehouse, and {domain.name} is stored in several "
            f"({where}): send all its tables to one with SYNTH_STORE, or leave dbt out"
        )
    return next(iter(tables))


def prepare(domain: Domain, settings: Settings, stores: Stores) -> None:
    """Prepares a dbt build of a domain.

    Args:
        domain: The domain.
        settings: The settings.
        stores: Where its tables are stored.

    Raises:
        UserError: Nothing of the domain is stored.
    """
    refuse_nothing(domain, stores)
    prepare_environment(domain, settings, stores)


def prepare_environment(domain: Domain, settings: Settings, stores: Stores) -> None:
    """Sets the variables that dbt's profile and macros read; starts the embedded server if needed.

    Tables that are not stored read as empty.

    Args:
        domain: The domain.
        settings: The settings.
        stores: Where its tables are stored.
    """
    create_folder(settings)
    os.environ.update(parsing_variables(settings) | _party_schemas(domain))
    os.environ["SYNTH_ALLOW_MISSING_SOURCES"] = "true"
    os.environ["SYNTH_LANDED"] = json.dumps(_landed(domain, stores))
    os.environ["SYNTH_DELTA_EXTENSION"] = _delta_extension()
    for kind in {stores.routes.kind_of(table) for table in read_by_dbt(domain)}:
        store = stores.of_kind(kind)
        if store.kind == "postgres":
            os.environ.update(_of_postgres(store.connection_info()))  # type: ignore[attr-defined]
        elif store.kind == "bigquery":
            os.environ.update(_of_bigquery(*settings.locations["bigquery"].partition(".")[::2]))
            for party, project in settings.parties.items():
                os.environ[f"SYNTH_PROJECT_OF_{party.upper()}"] = project


def parsing_variables(settings: Settings) -> dict[str, str]:
    """The variables that dbt reads while it parses the project, for files that DuckDB reads.

    A run with the same values uses the project as it was parsed.

    Args:
        settings: The settings.
    """
    names = {
        "SYNTH_LAKE": settings.locations["parquet"],
        "SYNTH_WAREHOUSE": str(settings.warehouse),
    }
    for domain in load_domains():
        names |= _party_schemas(domain)
    return names


def _party_schemas(domain: Domain) -> dict[str, str]:
    return {
        f"SYNTH_SCHEMA_OF_{table.tags['party'].upper()}": table.location.schema
        for table in read_by_dbt(domain)
        if "party" in table.tags and table.location is not None
    }


def create_folder(settings: Settings) -> None:
    """Creates the folder of DuckDB's file.

    Args:
        settings: The settings.

    Raises:
        UserError: The folder cannot be created.
    """
    try:
        settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot use {settings.warehouse} as SYNTH_WAREHOUSE: {error.strerror}"
        ) from None


def refuse_nothing(domain: Domain, stores: Stores) -> None:
    """Refuses to build a domain of which nothing is stored.

    Args:
        domain: The domain.
        stores: Where its tables are stored.

    Raises:
        UserError: Nothing of the domain is stored.
    """
    tables = read_by_dbt(domain)
    if not any(stores.describe(table) for table in tables):
        where = ", ".join(dict.fromkeys(stores.of(table).location for table in tables))
        raise UserError(
            f"nothing of {domain.name} is stored at {where}, so that dbt has nothing to build "
            f"from: make it with `synth materialize {domain.name}`"
        )


def model_rows(
    models: Sequence[str], domain: Domain, settings: Settings, stores: Stores
) -> dict[str, int]:
    """The numbers of rows of dbt models, without models that are not built.

    Args:
        models: Tables and views, as ``schema.model``.
        domain: Their domain.
        settings: The settings.
        stores: Where the domain's tables are stored.
    """
    counts: dict[str, int] = {}
    kind = stores.routes.kind_of(read_by_dbt(domain)[0])
    with _asking(stores.of_kind(kind), settings) as ask:
        for model in models:
            with suppress(duckdb.Error, psycopg.Error, GoogleAPIError):
                counts[model] = ask(model)
    return counts


@contextmanager
def _asking(store: Store, settings: Settings) -> Iterator[Callable[[str], int]]:
    """A function that counts the rows of a model, in the warehouse of a store's tables."""
    if store.kind == "postgres":
        info = store.connection_info()  # type: ignore[attr-defined]
        with psycopg.connect(**info, autocommit=True) as server:
            yield lambda model: server.execute(f"select count(*) from {model}").fetchall()[0][0]
    elif store.kind == "bigquery":
        project, _, prefix = settings.locations["bigquery"].partition(".")
        from synth_assets.orchestration.bigquery_client import client_of

        with client_of(project) as client:
            query = f"select count(*) from {prefix}"
            yield lambda model: next(iter(client.query(query + model).result()))[0]
    else:
        create_folder(settings)
        with duckdb.connect(str(settings.warehouse)) as file:
            yield lambda model: file.execute(f"select count(*) from {model}").fetchall()[0][0]


def _of_postgres(info: Mapping[str, str]) -> dict[str, str]:
    names = {
        "host": "SYNTH_DBT_HOST",
        "port": "SYNTH_DBT_PORT",
        "user": "SYNTH_DBT_USER",
        "password": "DBT_ENV_SECRET_POSTGRES_PASSWORD",
        "dbname": "SYNTH_DBT_DATABASE",
        "sslmode": "SYNTH_DBT_SSLMODE",
    }
    return {names[key]: str(value) for key, value in info.items() if key in names and value}


def _of_bigquery(project: str, prefix: str) -> dict[str, str]:
    found = {"SYNTH_DBT_PROJECT": project, "SYNTH_SCHEMA_PREFIX": prefix}
    if emulator := os.environ.get("BIGQUERY_EMULATOR_HOST"):
        found["SYNTH_DBT_ENDPOINT"] = emulator
        found["SYNTH_DBT_METHOD"] = "oauth-secrets"
        found["DBT_ENV_SECRET_BIGQUERY_TOKEN"] = "none-needed"
    return found


def _landed(domain: Domain, stores: Stores) -> dict[str, dict[str, str]]:
    """How and where DuckDB reads each table that is not in the lake."""
    places = {}
    for table in read_by_dbt(domain):
        kind = stores.routes.kind_of(table)
        store, read_as = stores.of_kind(kind), KINDS[kind].read_as
        if read_as is None or kind == DEFAULT_KIND:
            continue
        for part in stored_tables(table):
            location = store.location if read_as == "duckdb" else store.uri(part)
            places[f"{part.domain}.{part.name}"] = {"kind": read_as, "location": location}
    return places


def _delta_extension() -> str:
    """The file of DuckDB's Delta extension, from its wheel."""
    spec = find_spec("duckdb_extension_delta")
    folders = (spec and spec.submodule_search_locations) or []
    files = (path for folder in folders for path in Path(folder).rglob("*.duckdb_extension"))
    return str(next(files, ""))
