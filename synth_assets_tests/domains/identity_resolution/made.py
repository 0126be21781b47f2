"""Identity data made in memory for tests, whatever the environment of the person says."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import polars as pl

from synth_assets.domains.identity_resolution import domain
from synth_assets.generation.domain import Domain
from synth_assets.generation.slicing import Slice
from synth_assets.generation.table import Table
from synth_assets_tests.environment import of_domain, only
from synth_assets_tests.generation.memory import Memory

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
    """The tables that are made from row numbers."""
    return [table for table in of.tables if table.generate is not None]


def rows(of: Domain, table: Table, start: int = 0, stop: int | None = None) -> pl.DataFrame:
    """Rows ``start`` up to ``stop`` of a table, all of it without."""
    total = table.rows_before(of.scenario, len(table.slicing.keys()))
    piece = Slice("part", start, total if stop is None else min(stop, total), 0, 1)
    return table.frame(of.scenario, piece).collect()


def all_made(of: Domain) -> Frames:
    """All rows of all tables that are made from row numbers."""
    return {table.name: rows(of, table) for table in generated(of)}


def stored(of: Domain) -> Memory:
    """All slices of these tables as a store would hold them."""
    return Memory(
        {
            table.name: {
                piece.key: frame.collect()
                for piece, frame in table.frames(of.scenario, table.slicing.keys())
            }
            for table in generated(of)
        }
    )
