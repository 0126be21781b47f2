"""Jaffle data generated in memory for tests, independent of the environment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from synth_assets.core import sources
from synth_assets.core.model import Domain, Table
from synth_assets.domains.jaffle.domain import domain
from synth_assets_tests.environment import of_domain, only
from synth_assets_tests.quality.memory import Memory

Frames = dict[str, pl.DataFrame]


def jaffle(**fields: Any) -> Domain:
    """The jaffle domain with these scenario fields and defaults for all others."""
    with only(**of_domain("jaffle", **fields)):
        return domain()


def days(of: Domain, first: int, stop: int) -> list[str]:
    """The partition keys of days ``first`` up to ``stop``."""
    start = of.scenario.start_date  # type: ignore[attr-defined]
    return [(start + timedelta(days=day)).isoformat() for day in range(first, stop)]


def slices(of: Domain, table: Table, keys: list[str]) -> dict[str, pl.DataFrame]:
    """Each partition of a table."""
    return {
        partition.key: frame.collect()
        for partition, frame in sources.frames(table, of.scenario, keys)
    }


def made(of: Domain, table: str, first: int, stop: int) -> pl.DataFrame:
    """Some days of a table, with the partition of each row in column ``day``."""
    parts = slices(of, of.table(table), days(of, first, stop))
    return pl.concat(f.with_columns(day=pl.lit(k).str.to_date()) for k, f in parts.items())


def all_made(of: Domain, stop: int = 60, names: Iterable[str] = ()) -> Frames:
    """The first days of all tables, or of some by name."""
    return {n: made(of, n, 0, stop) for n in names or [t.name for t in of.tables]}


def stored(of: Domain, stop: int = 60) -> Memory:
    """The first days of all tables as a store would hold them."""
    keys = days(of, 0, stop)
    return Memory({table.name: slices(of, table, keys) for table in of.tables})


@lru_cache(maxsize=1)
def default() -> Domain:
    """The jaffle domain with defaults only."""
    return jaffle()
