"""The warehouse in which dbt builds a domain: its target, and the numbers of rows of its models.

Tables in PostgreSQL and BigQuery are built where they are stored. Files (Parquet, Delta Lake, the
store's own DuckDB file) are read by DuckDB, which builds in a file of its own. The variables
through which dbt finds the warehouse are in ``dbt_environment``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import psycopg
import yaml
from google.api_core.exceptions import GoogleAPIError

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.model import Domain, Table
from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.settings import Settings
from synth_assets.stores import KINDS, Store
from synth_assets.stores.duckdb.connections import LOCKED, open_file
from synth_assets.stores.routing import Routes, Stores

# How long to wait for another process that uses the warehouse file. Builds often take so long that
# a shorter wait is not logged.
LONGEST_BUILD_SECONDS, USUAL_BUILD_SECONDS = 1800, 30
# Name of the dbt project's profile.
PROFILE = "synth"


def read_by_dbt(domain: Domain) -> list[Table]:
    """The tables of a domain that dbt reads: all without a store of their own.

    Args:
        domain: The domain.
    """
    return [table for table in domain.tables if table.store is None]


class NoWarehouseError(UserError):
    """A domain has no dbt models, because no warehouse reads all of its tables."""


def target_of(domain: Domain, settings: Settings, routes: Routes) -> str:
    """The dbt target of a domain, which is an output of dbt's profiles.

    Args:
        domain: The domain.
        settings: The settings, which may name a target and have the folder of the profiles.
        routes: Which table is in which kind of store.

    Raises:
        NoWarehouseError: The domain's tables are in several warehouses, or in a store that DuckDB
            cannot read.
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
    kinds = {table.path: KINDS[routes.kind_of(table)] for table in read_by_dbt(domain)}
    for path, kind in kinds.items():
        if kind.warehouse == "duckdb" and kind.read_as is None:
            raise NoWarehouseError(
                f"dbt cannot read {path}, since DuckDB does not read a store of kind {kind.name}: "
                "send all tables of the domain to another one with SYNTH_STORE, or leave dbt out"
            )
    tables = {kind.warehouse: path for path, kind in kinds.items()}
    if len(tables) > 1:
        where = ", ".join(f"{path} in {name}" for name, path in tables.items())
        raise NoWarehouseError(
            f"dbt builds a domain in one warehouse, and {domain.name} is stored in several "
            f"({where}): send all its tables to one with SYNTH_STORE, or leave dbt out"
        )
    return next(iter(tables))


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


def refuse_damaged(file: Path) -> None:
    """Refuses a file of DuckDB that is none; another process may have it open, or it may not exist.

    Args:
        file: The file.

    Raises:
        UserError: DuckDB cannot read it.
    """
    try:
        if file.exists():
            duckdb.connect(str(file), read_only=True).close()
    except duckdb.ConnectionException:
        return  # this process has it open
    except duckdb.Error as error:
        if not LOCKED.search(str(error)):
            reason = str(error).splitlines()[0]
            raise UserError(
                f"cannot open the warehouse {file}: {reason} (remove it, and the next build of dbt "
                "makes it anew from the stored tables)"
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


@contextmanager
def warehouse_lock(settings: Settings) -> Iterator[None]:
    """Keeps other processes from the warehouse file: DuckDB lets one process write and none read.

    Args:
        settings: The settings.

    Raises:
        UserError: Another process holds it for longer than a build of dbt takes.
    """
    create_folder(settings)
    file = settings.warehouse
    with locked(
        file.with_name(f".{file.name}.lock"),
        timeout=LONGEST_BUILD_SECONDS,
        unnoticed=USUAL_BUILD_SECONDS,
    ):
        yield


def model_rows(
    models: Sequence[str], domain: Domain, settings: Settings, stores: Stores
) -> dict[str, int]:
    """The numbers of rows of dbt models, without models that are not built.

    Args:
        models: Tables and views, as ``schema.model``.
        domain: Their domain.
        settings: The settings.
        stores: Where the domain's tables are stored.

    Raises:
        UserError: DuckDB cannot read the warehouse file.
    """
    counts: dict[str, int] = {}
    kind = stores.routes.kind_of(read_by_dbt(domain)[0])
    with warehouse_lock(settings), _asking(stores.of_kind(kind), settings) as ask:
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
        refuse_damaged(settings.warehouse)
        with open_file(str(settings.warehouse)) as file:
            yield lambda model: file.execute(f"select count(*) from {model}").fetchall()[0][0]
