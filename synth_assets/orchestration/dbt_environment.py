"""The environment of dbt: the variables that its profile, macros and sources read.

They say where the stored tables are and how the warehouse is reached. dbt never prints a variable
that begins with ``DBT_ENV_SECRET_``. In which warehouse a domain is built is in ``warehouse``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from synth_assets.core.model import Domain
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.warehouse import (
    create_folder,
    read_by_dbt,
    refuse_damaged,
    refuse_nothing,
    target_of,
    warehouse_lock,
)
from synth_assets.stores import KINDS
from synth_assets.stores.routing import DEFAULT_KIND, Stores

# The target of models that DuckDB builds in a file.
IN_A_FILE = "duckdb"


@contextmanager
def prepared(domain: Domain, settings: Settings, stores: Stores) -> Iterator[None]:
    """The block in which dbt builds a domain; one process at a time is in it.

    Args:
        domain: The domain.
        settings: The settings.
        stores: Where its tables are stored.

    Raises:
        UserError: Nothing of the domain is stored, or DuckDB cannot read the warehouse file.
    """
    refuse_nothing(domain, stores)
    prepare_environment(domain, settings, stores)
    with warehouse_lock(settings):
        if target_of(domain, settings, stores.routes) == IN_A_FILE:
            refuse_damaged(settings.warehouse)
        yield


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
        # On BigQuery, SYNTH_BIGQUERY_PREFIX.
        "SYNTH_SCHEMA_PREFIX": "",
    }
    for domain in load_domains():
        names |= _party_schemas(domain)
    return names


@contextmanager
def temporary_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Sets variables of the environment, for the processes that are started meanwhile.

    Args:
        variables: Their values by name.
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _party_schemas(domain: Domain) -> dict[str, str]:
    return {
        f"SYNTH_SCHEMA_OF_{table.tags['party'].upper()}": table.location.schema
        for table in read_by_dbt(domain)
        if "party" in table.tags and table.location is not None
    }


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
