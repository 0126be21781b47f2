"""Timelines of small worlds, and what a consumer makes of their events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import polars as pl

from synth_assets import World, open_world
from synth_assets.replay.envelope import lines, with_envelopes
from synth_assets.replay.invented import NONE, Rates
from synth_assets.replay.timeline import Timeline

SHOP = {"history_days": 0, "end_date": "2026-01-04", "training_orders": 2_100}
ORDERS = "raw_orders_training"


def timeline(
    table: str = ORDERS, domain: str = "jaffle", rates: Rates = NONE, **bounds: int
) -> Timeline:
    """The events of a table, by default of some days of orders."""
    of, rows = world(domain), rows_of(domain, table)
    return Timeline(of[table].table, of.scenario, rows.lazy(), rates, **bounds)


@cache
def world(domain: str) -> World:
    """A small world of a domain."""
    return open_world(domain, **(SHOP if domain == "jaffle" else {"users": 1_000}))


@cache
def rows_of(domain: str, table: str) -> pl.DataFrame:
    """All rows of a table with their partition, as a store has them."""
    of = world(domain)[table]
    key = of.table.partitioning.partition_column
    return pl.concat(of.partition(k).with_columns(pl.lit(k).alias(key)) for k in of.keys).collect()


def events(
    table: str = ORDERS, domain: str = "jaffle", rates: Rates = NONE
) -> list[dict[str, Any]]:
    """All events of a table, as a consumer reads them."""
    return parsed(_text(table, domain, rates))


@cache
def _text(table: str, domain: str, rates: Rates) -> bytes:
    of = timeline(table, domain, rates)
    return written(of, of.windows())


def written(of: Timeline, windows: Iterable[pl.DataFrame]) -> bytes:
    """The lines of windows of events."""
    return b"".join(lines(with_envelopes(window, of.table)) for window in windows)


def parsed(text: bytes) -> list[dict[str, Any]]:
    """The events of lines."""
    return [json.loads(line) for line in text.splitlines()]


def applied(stream: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows after all events, by key; each event must fit the row before it."""
    rows: dict[str, dict[str, Any]] = {}
    for event in stream:
        key = json.dumps(event["key"])
        assert event["before"] == rows.get(key), event
        if event["op"] == "d":
            del rows[key]
        else:
            assert (event["op"] == "u") == (key in rows)
            rows[key] = event["after"]
    return rows


def stored(of: Timeline) -> dict[str, dict[str, Any]]:
    """The rows that a table has, as its events write them."""
    moment = pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    rows = of.rows.select(of.table.schema.column_names()).with_columns(moment).collect()
    keys = [name for name, column in of.table.schema.columns().items() if column.primary_key]
    return {json.dumps({k: row[k] for k in keys}): row for row in rows.to_dicts()}
