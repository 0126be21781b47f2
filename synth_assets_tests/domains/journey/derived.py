"""The journey derived from a handwritten export, and its tables stored as by a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from synth_assets.core.model import Domain, Table, TableView
from synth_assets.core.partitioning import WHOLE_KEY, Daily
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.domain import domain
from synth_assets.domains.journey.tables import events
from synth_assets.stores.routing import Stores
from synth_assets_tests.domains.journey.exports import FIRST
from synth_assets_tests.environment import of_domain, only
from synth_assets_tests.quality.memory import Memory


def journey(export: pl.DataFrame, count: int, **fields: Any) -> Domain:
    """The journey of the first ``count`` days of an export, with these scenario fields."""
    days = {"start_date": FIRST, "end_date": FIRST + timedelta(days=count)}
    with only(**of_domain("journey", **days | fields)):
        made = domain()
    return replace(
        made, tables=[of_export(t, export) if t.name == events.NAME else t for t in made.tables]
    )


def of_export(table: Table, export: pl.DataFrame) -> Table:
    """The events table with the rows of the export."""

    def derive(stored: TableView, key: str) -> pl.LazyFrame:
        return export.lazy().filter(pl.col("event_date") == key.replace("-", ""))

    return replace(table, source=Derived(derive), checks=())


def fill(of: Domain, stores: Stores, keys: Sequence[str] | None = None, *names: str) -> None:
    """Stores the partitions of all tables, or of some by name, in order."""
    for table in of.tables:
        if not names or table.name in names:
            store(of, table, stores, keys)


def store(of: Domain, table: Table, stores: Stores, keys: Sequence[str] | None = None) -> None:
    """Stores partitions of a table."""
    daily = isinstance(table.partitioning, Daily)
    partition_keys = list(keys or table.partitioning.keys()) if daily else [WHOLE_KEY]
    stored, place = TableView(of, table, partition_keys, stores, of.scenario), stores.of(table)
    with place.opened():
        for partition, frame in table.source.partitions(stored):
            place.replace(table, partition.key, frame, of.scenario.fingerprint())


def in_memory(of: Domain, keys: Sequence[str] | None = None) -> Memory:
    """All tables as a store would hold them."""
    memory = Memory({})
    for table in of.tables:
        daily = isinstance(table.partitioning, Daily)
        partition_keys = list(keys or table.partitioning.keys()) if daily else [WHOLE_KEY]
        stored = TableView(of, table, partition_keys, memory, of.scenario)
        memory.slices[table.name] = {p.key: f.collect() for p, f in table.source.partitions(stored)}
    return memory


def whole(memory: Memory, name: str) -> pl.DataFrame:
    """All rows of a table."""
    return pl.concat(memory.slices[name].values())
