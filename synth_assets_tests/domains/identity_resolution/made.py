"""Identity data generated in memory for tests, independent of the environment."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import polars as pl

from synth_assets.core import sources
from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_resolution.domain import domain
from synth_assets_tests.environment import of_domain, only
from synth_assets_tests.quality.memory import Memory

Frames = dict[str, pl.DataFrame]
# Enough persons for every edge case, few enough for a second.
SCALE = 200_000


def identity(**fields: Any) -> Domain:
    """The identity domain with these scenario fields and defaults for all others."""
    with only(**of_domain("identity_resolution", **fields)):
        return domain()


@lru_cache(maxsize=1)
def default() -> Domain:
    """The identity domain at the scale of most tests."""
    return identity(scale=SCALE)


def generated(of: Domain) -> list[Table]:
    """The tables that are generated from row numbers."""
    return [table for table in of.tables if isinstance(table.source, Generated)]


def rows(of: Domain, table: Table, start: int = 0, stop: int | None = None) -> pl.DataFrame:
    """Rows ``start`` up to ``stop`` of a table; by default all of them."""
    total = sources.generated(table).rows_before(of.scenario, len(table.partitioning.keys()))
    partition = Partition("part", start, total if stop is None else min(stop, total), 0, 1)
    return sources.frame(table, of.scenario, partition).collect()


def all_made(of: Domain) -> Frames:
    """All rows of all tables that are generated from row numbers."""
    return {table.name: rows(of, table) for table in generated(of)}


def stored(of: Domain) -> Memory:
    """All partitions of these tables as a store would hold them."""
    return Memory(
        {
            table.name: {
                partition.key: frame.collect()
                for partition, frame in sources.frames(
                    table, of.scenario, table.partitioning.keys()
                )
            }
            for table in generated(of)
        }
    )
