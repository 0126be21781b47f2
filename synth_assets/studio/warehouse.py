"""Queries on dbt's models, read-only, in the warehouse in which they were built.

A connection lasts for one query: DuckDB lets nobody write a file while another process reads it,
and dbt has to. Queries aggregate; a page never gets the rows of a model.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import psycopg
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.stores import KINDS
from synth_assets.studio.context import Studio

# Seconds to wait while another process writes the file, and between two tries.
PATIENCE, STEP = 2.0, 0.25
# The most rows that a query returns to a page.
MOST_ROWS = 20_000
PARAMETER = re.compile(r"\$([a-z_]+)")


class NotBuiltError(UserError):
    """The models of a domain are not built yet."""


class LockedError(UserError):
    """Another process, such as dbt, writes the warehouse."""


class Warehouse:
    """The warehouse with the models of a domain.

    Args:
        studio: Where it is.
        domain: The domain.
    """

    def __init__(self, studio: Studio, domain: Domain) -> None:
        self._studio = studio
        self.kind = warehouse_of(studio, domain)

    def query(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """The result of a query, from a cache if the warehouse has not changed.

        Args:
            sql: A query in the SQL that DuckDB and PostgreSQL share, with ``$name`` parameters.
            **parameters: Values of the parameters.

        Raises:
            NotBuiltError: A model does not exist.
            LockedError: Another process writes the warehouse.
            UserError: The warehouse cannot be asked.
        """
        sql = f"select * from ({sql}) as found limit {MOST_ROWS}"
        if self.kind == "duckdb":
            path = self._studio.warehouse
            if not path.exists():
                raise NotBuiltError(f"dbt has built nothing in {path}")
            return _from_duckdb(path, _version(path), sql, parameters)
        if self.kind == "postgres":
            minute = int(time.time() // 60)
            return _from_postgres(self._studio, minute, sql, parameters)
        raise UserError(
            f"dashboards read models in DuckDB and PostgreSQL, and these are in {self.kind}"
        )


def warehouse_of(studio: Studio, domain: Domain) -> str:
    """The kind of warehouse in which the models of a domain are built.

    Args:
        studio: Where tables are stored.
        domain: The domain.
    """
    routes = studio.open_stores().routes
    table = next(table for table in domain.tables if table.store is None)
    return KINDS[routes.kind_of(table)].warehouse


def _version(path: Path) -> tuple[int, int]:
    """What changes with every write of the file."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@st.cache_data(max_entries=200, show_spinner=False)
def _from_duckdb(
    path: Path, version: tuple[int, int], sql: str, parameters: Mapping[str, Any]
) -> pl.DataFrame:
    used = {name: parameters[name] for name in PARAMETER.findall(sql)}
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with duckdb.connect(str(path), read_only=True) as connection:
                found = connection.execute(sql, used) if used else connection.execute(sql)
                return _plottable(found.pl())
        except duckdb.CatalogException as error:
            raise NotBuiltError(_first(error)) from None
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise UserError(f"the warehouse cannot be read: {_first(error)}") from None
            if time.monotonic() > end:
                raise LockedError(f"another process writes {path.name}") from None
        except duckdb.Error as error:
            raise UserError(f"the warehouse cannot be asked: {_first(error)}") from None
        time.sleep(STEP)


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs={Studio: lambda s: str(s.home)})
def _from_postgres(
    studio: Studio, minute: int, sql: str, parameters: Mapping[str, Any]
) -> pl.DataFrame:
    store = studio.open_stores().of_kind("postgres")
    text = PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))
    try:
        with psycopg.connect(**store.connection_info(), autocommit=True) as server:  # type: ignore[attr-defined]
            server.execute("set default_transaction_read_only = on")
            cursor = server.execute(text.encode(), parameters)
            names = [column.name for column in cursor.description or []]
            rows = cursor.fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise NotBuiltError(_first(error)) from None
    except psycopg.Error as error:
        raise UserError(f"the warehouse cannot be asked: {_first(error)}") from None
    found = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return _plottable(found)


def _plottable(found: pl.DataFrame) -> pl.DataFrame:
    """Decimals as floating-point numbers, which plots understand."""
    return found.with_columns(pl.col(pl.Decimal).cast(pl.Float64))


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
