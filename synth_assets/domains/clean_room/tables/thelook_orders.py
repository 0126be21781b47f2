"""Orders: one row each. A user's orders are consecutive rows, not sorted by time."""

from __future__ import annotations

from itertools import pairwise

import dataframely as dy
import polars as pl

from synth_assets.core.history import Version
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.source.calendar import as_timestamp, timestamp
from synth_assets.domains.clean_room.source.distributions import (
    DELIVERED,
    ITEMS,
    RETURNED,
    SHIPPED,
    STATUSES,
)
from synth_assets.domains.clean_room.source.parcels import with_order_columns
from synth_assets.domains.clean_room.source.people.checks import hours_of_day
from synth_assets.domains.clean_room.tables.thelook_users import NAME as USERS
from synth_assets.quality.building import row_check
from synth_assets.quality.proportions import shares
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds

NAME = "thelook_orders"
DATES = ("shipped_at", "delivered_at", "returned_at")
# The status that an order has from each date on.
STEPS = dict(
    zip(("created_at", *DATES), ("Processing", "Shipped", "Complete", "Returned"), strict=True)
)


class Orders(dy.Schema):
    """An order."""

    order_id = dy.Int64(primary_key=True, min=1, description="Id of the order.")
    user_id = dy.Int64(description="User who ordered.", metadata=references("users"))
    status = dy.String(description=f"One of {', '.join(STATUSES)}.")
    gender = dy.String(description="M or F, of the user.")
    created_at = timestamp("Moment of the order.")
    returned_at = timestamp("When it was returned.", nullable=True)
    shipped_at = timestamp("When it was shipped.", nullable=True)
    delivered_at = timestamp("When it was delivered.", nullable=True)
    num_of_item = dy.Int64(min=1, max=max(ITEMS), description="Items of the order.")


def generate(scenario: CleanRoomScenario, partition: Partition) -> pl.LazyFrame:
    """Orders of a partition.

    Args:
        scenario: Seed, volumes and data defects.
        partition: The range of rows.
    """
    model = open_model(scenario)
    rows = model.orders_in(partition.start, partition.stop).lazy()
    return with_order_columns(model, rows).with_columns(
        row="order",
        order_id=pl.col("order") + 1,
        user_id=pl.col("user") + 1,
        created_at=as_timestamp(pl.col("placed")),
        returned_at=as_timestamp(pl.col("returned")),
        shipped_at=as_timestamp(pl.col("shipped")),
        delivered_at=as_timestamp(pl.col("delivered")),
    )


def history(scenario: CleanRoomScenario) -> list[Version]:
    """The versions of orders and items: processing, shipped, delivered, returned.

    A cancelled order has no other date than its own, and is inserted as cancelled.

    Args:
        scenario: The scenario, which changes nothing of them.
    """
    versions = []
    for done, (at, status) in enumerate(STEPS.items()):
        later = {date: pl.lit(None) for date in DATES[done:]}
        versions.append(Version(pl.col(at), {"status": pl.lit(status), **later}))
    return versions


def dates_as_status() -> Check:
    """An order has exactly the dates that its status implies."""
    status = pl.col("status")
    agree = [
        pl.col(column).is_not_null() == status.is_in(list(having))
        for column, having in zip(DATES, (SHIPPED, DELIVERED, RETURNED), strict=True)
    ]
    doc = "Shipped, delivered and returned dates are there where the status says so, only there."
    return holds("dates_match_status", doc, pl.all_horizontal(agree))


def dates_in_order(first: str = "created_at") -> Check:
    """Dates are in the order of the steps that they belong to.

    Args:
        first: The column of the order's date.
    """
    steps = (first, *DATES)
    fine = [
        (pl.col(later) >= pl.col(earlier)).fill_null(True) for earlier, later in pairwise(steps)
    ]
    doc = "Ordered, shipped, delivered, returned: each date is at or after the one before it."
    return holds("dates_in_order", doc, pl.all_horizontal(fine))


def before_as_of() -> Check:
    """Only shipping, delivery and return can be in the future, if the scenario allows it."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        dates = ["created_at"] if scenario.future_deliveries else ["created_at", *DATES]
        late = [(pl.col(date).dt.date() >= scenario.as_of).fill_null(False) for date in dates]
        return stored.current().filter(pl.any_horizontal(late))

    doc = "No order is from `as_of` or later; no parcel either, unless deliveries may be."
    return row_check("order_before_as_of", doc, failing_rows)


def after_registration() -> Check:
    """No order precedes its user's registration."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        users = stored.other(USERS).all().select(user_id="id", joined="created_at")
        joined = stored.current().join(users, on="user_id")
        return joined.filter(pl.col("created_at") < pl.col("joined")).drop("joined")

    doc = "No order precedes the registration of its user."
    return row_check("order_after_registration", doc, failing_rows, reads=[USERS])


def table(scenario: CleanRoomScenario) -> Table:
    """The table of orders.

    Args:
        scenario: The scenario.
    """
    partitioning = Unpartitioned()
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Every order, with how far it has come.",
        code_version="2",
        schema=Orders,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: open_model(scenario).orders.total), generate
        ),
        parents={"users": USERS},
        checks=[
            row_count(),
            accepted_values("status", list(STATUSES)),
            dates_as_status(),
            dates_in_order(),
            before_as_of(),
            after_registration(),
            hours_of_day(USERS),
            shares("status", STATUSES),
            shares("num_of_item", {str(items): share for items, share in ITEMS.items()}),
        ],
        history=history,
    )
