"""Clean-room data generated in memory for tests, independent of the environment."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

import polars as pl

from synth_assets.core import sources
from synth_assets.core.model import Domain, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Generated
from synth_assets.domains.clean_room.domain import USE_CASES, domain
from synth_assets.domains.clean_room.scenario import SPLITS
from synth_assets.domains.clean_room.use_cases.sharing import TABLES as PARTIES
from synth_assets_tests.environment import of_domain, only
from synth_assets_tests.quality.memory import Memory

Frames = dict[str, pl.DataFrame]
# Enough users for every share, few enough for a second.
USERS = 20_000
FEW = 9_000
# What the parties' tables are made of.
SOURCE = ("thelook_users", "thelook_orders", "thelook_order_items")
ASKED = [module.USE_CASE.name for module in USE_CASES]
# Users as in the public data set: American names everywhere, hours of UTC, ages by chance.
AS_ORIGINAL = dict.fromkeys(
    ("native_names", "local_hours", "fitting_ages", "local_networks"), "false"
)
ABOUT_THE_PARTIES = {
    "training_date", "inference_date", "snapshot_window_days", "market_share", "merchant_only",
    "provider_only", "tier_strength", "minimum_age", "merchant_project", "provider_project",
}  # fmt: skip


def clean_room(**fields: Any) -> Domain:
    """The clean room with these scenario fields and defaults for all others."""
    with only(**of_domain("clean_room", **fields)):
        return domain()


@lru_cache(maxsize=1)
def default() -> Domain:
    """The clean room at the scale of most tests."""
    return clean_room(users=USERS)


def generated(of: Domain) -> list[Table]:
    """The tables that are generated from row numbers."""
    return [table for table in of.tables if isinstance(table.source, Generated)]


def total(of: Domain, name: str) -> int:
    """Rows of a table."""
    table = of.table(name)
    return sources.generated(table).rows_before(of.scenario, len(table.partitioning.keys()))


def rows(of: Domain, name: str, start: int = 0, stop: int | None = None) -> pl.DataFrame:
    """Rows ``start`` up to ``stop`` of a table; by default all rows."""
    last = total(of, name)
    partition = Partition("part", start, last if stop is None else min(stop, last), 0, 1)
    return sources.frame(of.table(name), of.scenario, partition).collect()


def all_made(of: Domain, names: Iterable[str] = ()) -> Frames:
    """All rows of the generated tables, or of the named ones."""
    return {name: rows(of, name) for name in names or [t.name for t in generated(of)]}


def stored(frames: Frames) -> Memory:
    """Tables as a store would hold them."""
    return Memory({name: {"all": frame} for name, frame in frames.items()})


@cache
def source(**fields: Any) -> Frames:
    """The source's tables that the parties' tables are derived from."""
    return all_made(clean_room(**fields), SOURCE)


@cache
def parties(**fields: Any) -> tuple[Domain, Memory]:
    """A clean room, of few users by default, and both parties' tables as stored."""
    fields = {"users": FEW} | fields
    of = clean_room(**fields)
    made = source(**{n: v for n, v in fields.items() if n not in ABOUT_THE_PARTIES})
    return of, derived(of, stored(made), PARTIES)


def derived(of: Domain, reader: Memory, names: Iterable[str]) -> Memory:
    """The stored tables, and the named tables derived from them."""
    slices: dict[str, dict[str, pl.DataFrame]] = dict(reader.slices)
    for name in names:
        here = TableView(of, of.table(name), SPLITS, Memory(slices), of.scenario)
        slices[name] = {
            partition.key: rows.collect() for partition, rows in here.table.source.partitions(here)
        }
    return Memory(slices)
