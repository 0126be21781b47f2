"""The backend's records, derived from purchases: customers, orders, items, and the ground truth.

A row belongs to the day of its purchases and depends only on purchases up to that day. Later days,
and how the work is partitioned, make no difference. Ids contain the day and a number within it, so
they are unique whatever the days contain.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from synth_assets.domains.journey.backend.days import SECOND_MICROS, clip_to_day, numbered_by_day
from synth_assets.domains.journey.backend.discrepancies import stream
from synth_assets.domains.journey.backend.ground_truth import planted_discrepancies
from synth_assets.domains.journey.backend.orders import TEST, backend_orders
from synth_assets.domains.journey.backend.transactions import (
    purchase_events,
    transactions_of,
    unreported_orders,
)
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.values import DAY

# Most seconds from a purchase to the last change of the customer's record.
RECORD_DELAY = 4
# Name of the line of an order without items in its event.
UNLISTED = "Unlisted item"


@dataclass(frozen=True)
class BackendRecords:
    """Rows of all days, each with its ``day``."""

    users: pl.DataFrame
    orders: pl.DataFrame
    items: pl.DataFrame
    ground_truth: pl.DataFrame


def backend_records(purchases: pl.DataFrame, scenario: JourneyScenario) -> BackendRecords:
    """The backend's records for the purchases of consecutive days.

    Args:
        purchases: Rows of ``purchases``, with ``day``, from the first day on.
        scenario: Seed and rates.
    """
    events = purchase_events(purchases)
    transactions = transactions_of(events, scenario)
    orders = backend_orders(transactions, unreported_orders(events, scenario), scenario)
    users = _customers(events, orders, scenario)
    # The key is the visitor, or the order's number where there is no visitor.
    customers = users.select("user_id", "visitor", "number")
    orders = orders.join(
        customers,
        left_on=["visitor", "customer"],
        right_on=["visitor", "number"],
        how="left",
        nulls_equal=True,
    )
    items = _order_lines(orders)
    planted = planted_discrepancies(events, transactions, orders)
    return BackendRecords(users, orders, items, planted)


def _customers(
    events: pl.DataFrame, orders: pl.DataFrame, scenario: JourneyScenario
) -> pl.DataFrame:
    """Visitors on the day of their first purchase, and customers of orders without an event."""
    event = pl.col("event_timestamp")
    delay = stream(scenario, "entry").integers(pl.col("number"), 0, RECORD_DELAY + 1)
    visitors = (
        events.unique("user_pseudo_id", keep="first", maintain_order=True)
        .with_columns(number="visitor_number")
        .select(
            "day",
            "number",
            visitor="user_pseudo_id",
            tester=pl.lit(False),
            first="first_touch_timestamp",
            updated_at=clip_to_day(event + delay * SECOND_MICROS, event),
        )
    )
    others = orders.filter(pl.col("visitor").is_null()).select(
        "day",
        "number",
        "visitor",
        tester=pl.col("kind") == TEST,
        first="created_at",
        updated_at="created_at",
    )
    seconds = stream(scenario, "signed_up").integers(pl.col("number"), DAY, 90 * DAY + 1)
    rows = pl.concat([visitors, others]).with_columns(
        created_at=pl.col("first") - seconds * SECOND_MICROS
    )
    return numbered_by_day(rows, "user_id", ["number", "visitor"])


def _order_lines(orders: pl.DataFrame) -> pl.DataFrame:
    """Lines of all orders; an order without items in its event has a single line."""
    unlisted = pl.concat_list(
        pl.struct(
            item_name=pl.lit(UNLISTED),
            quantity=pl.lit(1, dtype=pl.Int64),
            price_cents=pl.col("amount"),
        )
    )
    listed = pl.when(pl.col("items").list.len() > 0).then("items").otherwise(unlisted)
    return (
        orders.select("day", "order_id", "created_at", "updated_at", item=listed)
        .explode("item")
        .unnest("item")
        .with_columns(line=pl.int_range(1, pl.len() + 1).over("order_id"))
    )
