"""The identity graph generated in memory for tests, independent of the environment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import polars as pl

from synth_assets.core.model import Domain, Table, TableView
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph.domain import domain_of
from synth_assets.domains.identity_graph.validation import configuration
from synth_assets_tests.quality.memory import Memory

Frames = dict[str, pl.DataFrame]
# Enough people for every segment, few enough for a second.
HOUSEHOLDS = 1_500


def graph(households: int = HOUSEHOLDS, shards: int = 2, **fields: Any) -> Domain:
    """The identity graph with these fields and defaults for all others."""
    first = {"household_config": {"num_households": households}, "shards": shards}
    return domain_of(configuration(first, fields))


@lru_cache(maxsize=1)
def default() -> Domain:
    """The graph of most tests."""
    return graph()


def generated(of: Domain) -> list[Table]:
    """The tables that are generated from row numbers."""
    return [table for table in of.tables if isinstance(table.source, Generated)]


def stored(of: Domain, only: Sequence[str] | None = None) -> Memory:
    """All partitions of the tables as a store would hold them."""
    memory = Memory({})
    for table in of.tables:
        if only is not None and table.name not in only:
            continue
        keys = list(table.partitioning.keys())
        made = table.source.partitions(TableView(of, table, keys, memory, of.scenario))
        memory.slices[table.name] = {partition.key: frame.collect() for partition, frame in made}
    return memory


def whole(memory: Memory) -> Frames:
    """All rows of each table, in order of the first column."""
    frames = {name: pl.concat(slices.values()) for name, slices in memory.slices.items()}
    return {name: frame.sort(frame.columns[:1]) for name, frame in frames.items()}
