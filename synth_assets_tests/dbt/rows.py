"""Rows of models as each warehouse has them, made comparable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import psycopg

from synth_assets.orchestration.settings import Settings

Rows = dict[str, list[tuple[Any, ...]]]
Read = dict[str, list[dict[str, Any]]]


def comparable(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows in order, with values in the order of their names and numbers to six digits."""
    return sorted((tuple(_value(row[name]) for name in sorted(row)) for row in rows), key=str)


def _value(value: Any) -> Any:
    if isinstance(value, float | Decimal | int) and not isinstance(value, bool):
        return f"{float(value):.6f}"
    return str(value) if isinstance(value, date | datetime) else value


def read(target: str, settings: Settings, models: Mapping[str, str]) -> Read:
    """All rows of models, by name; each is given as ``schema.table``."""
    return READERS[target](settings, models)


def _from_duckdb(settings: Settings, models: Mapping[str, str]) -> Read:
    with duckdb.connect(str(settings.warehouse)) as db:
        return {m: db.sql(f"select * from {at}").pl().to_dicts() for m, at in models.items()}


def _from_postgres(settings: Settings, models: Mapping[str, str]) -> Read:
    with psycopg.connect(settings.locations["postgres"]) as db:
        cursor = db.cursor(row_factory=psycopg.rows.dict_row)
        return {m: cursor.execute(f"select * from {at}").fetchall() for m, at in models.items()}


def _from_bigquery(settings: Settings, models: Mapping[str, str]) -> Read:
    from synth_assets.orchestration.bigquery_client import client_of

    with client_of(settings.locations["bigquery"].partition(".")[0]) as client:
        return {
            m: [dict(row) for row in client.query(f"select * from {at}").result()]
            for m, at in models.items()
        }


READERS = {"duckdb": _from_duckdb, "postgres": _from_postgres, "bigquery": _from_bigquery}
