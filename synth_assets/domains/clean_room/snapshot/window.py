"""The orders and users of a snapshot.

A snapshot has the orders of its days and the users who placed them. If several users share an
e-mail address and ordered in the days of either snapshot, only the one who registered last is kept
(with equal times, the one with the highest id); the orders of the others are left out with them. A
join on ``email`` then finds every person once, and an address is one person in both snapshots.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.location import TableLocation
from synth_assets.core.model import Check, TableView
from synth_assets.core.partitioning import Named
from synth_assets.domains.clean_room.scenario import SPLITS, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.tables.thelook_orders import NAME as SOURCE_ORDERS
from synth_assets.domains.clean_room.tables.thelook_users import NAME as SOURCE_USERS
from synth_assets.quality.building import row_check

SUFFIXES = {"training": "", "inference": "_inference"}
SPLIT = Named(SPLITS)


def location(schema: str) -> TableLocation:
    """Where a party's splits are stored: each is a table with a suffix of its own.

    Args:
        schema: The party's schema.
    """
    return TableLocation(schema, SUFFIXES)


def of_split(stored: TableView, table: str, split: str) -> pl.LazyFrame:
    """One split of a table of the domain, with the columns of its schema.

    Args:
        stored: Any table of the domain.
        table: The name of the table to read.
        split: The split.
    """
    other = stored.other(table)
    return other.reader.scan(other.table, [split]).drop(other.table.partitioning.partition_column)


def within(scenario: CleanRoomScenario, split: str, column: str) -> pl.Expr:
    """Whether a timestamp is in the days of a snapshot.

    Args:
        scenario: The scenario, which has the days.
        split: The snapshot's split.
        column: The column of timestamps.
    """
    first, last = scenario.first_day_of(split), scenario.day_of(split)
    begin = datetime.combine(first, time.min, UTC)
    end = datetime.combine(last + timedelta(days=1), time.min, UTC)
    return pl.col(column).is_between(begin, end, closed="left")


def buyers(stored: TableView, split: str) -> pl.LazyFrame:
    """The users of the source who ordered in the days of a snapshot.

    Args:
        stored: Any table of the domain.
        split: The snapshot's split.
    """
    scenario = scenario_of(stored)
    made = stored.other(SOURCE_ORDERS).all().filter(within(scenario, split, "created_at"))
    return stored.other(SOURCE_USERS).all().join(made.select(id="user_id"), on="id", how="semi")


def kept(stored: TableView) -> pl.LazyFrame:
    """One user of the source for each address that ordered in the days of either snapshot.

    Args:
        stored: Any table of the domain.
    """
    ordered = pl.concat([buyers(stored, split) for split in SPLITS])
    return ordered.sort("created_at", "id").unique("email", keep="last")


def users(stored: TableView, split: str) -> pl.LazyFrame:
    """The users of a snapshot, in order of ``id``.

    Args:
        stored: Any table of the domain.
        split: The snapshot's split.

    Raises:
        UserError: The days have no orders.
    """
    scenario = scenario_of(stored)
    one_an_address = kept(stored).select("id")
    known = buyers(stored, split).join(one_an_address, on="id", how="semi").collect()
    if known.is_empty():
        first, last = scenario.first_day_of(split), scenario.day_of(split)
        raise UserError(
            f"the {split} snapshot has no orders from {first} to {last}: choose another "
            f"{split}_date or a larger snapshot_window_days"
        )
    return known.lazy().sort("id")


def orders(stored: TableView, split: str) -> pl.LazyFrame:
    """The orders of a snapshot, in order of ``order_id``.

    Args:
        stored: Any table of the domain.
        split: The snapshot's split.
    """
    scenario = scenario_of(stored)
    made = stored.other(SOURCE_ORDERS).all().filter(within(scenario, split, "created_at"))
    kept = users(stored, split).select(user_id="id")
    return made.join(kept, on="user_id", how="semi").sort("order_id")


def in_window(column: str) -> Check:
    """Every row is from the snapshot's days.

    Args:
        column: The column of timestamps.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        partition_column = stored.table.partitioning.partition_column
        outside = [
            (pl.col(partition_column) == split) & ~within(scenario, split, column)
            for split in stored.keys
        ]
        return stored.current().filter(pl.any_horizontal(outside))

    return row_check(
        "created_at_in_snapshot", f"`{column}` is in the days of the snapshot.", failing_rows
    )
