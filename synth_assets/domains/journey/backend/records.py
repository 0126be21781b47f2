"""The backend's records, derived from purchases: customers, orders, items, and the ground truth.

A row belongs to the day of its purchases or sign-ups and depends on nothing after it. Later days,
and how the work is partitioned, make no difference. Ids contain the day and a number within it, so
they are unique whatever the days contain.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from synth_assets.domains.journey.backend.customers import customers
from synth_assets.domains.journey.backend.ground_truth import planted_discrepancies
from synth_assets.domains.journey.backend.orders import backend_orders
from synth_assets.domains.journey.backend.transactions import (
    purchase_events,
    transactions_of,
    unreported_orders,
)
from synth_assets.domains.journey.scenario import JourneyScenario

# Name of the line of an order without items in its event.
UNLISTED = "Unlisted item"


@dataclass(frozen=True)
class BackendRecords:
    """Rows of all days, each with its ``day``."""

    users: pl.DataFrame
    orders: pl.DataFrame
    items: pl.DataFrame
    ground_truth: pl.DataFrame


def backend_records(
    purchases: pl.DataFrame, signups: pl.DataFrame, scenario: JourneyScenario
) -> BackendRecords:
    """The backend's records for the purchases and sign-ups of consecutive days.

    Args:
        purchases: Rows of ``purchases``, with ``day``, from the first day on.
        signups: Rows of ``signups`` of the same days, with ``day``.
        scenario: Seed and rates.
    """
    events = purchase_events(purchases)
    transactions = transactions_of(events, scenario)
    orders = backend_orders(transactions, unreported_orders(events, scenario), scenario)
    users = customers(events, signups, orders, scenario)
    # The key is the visitor, or the order's number where there is no visitor.
    orders = orders.join(
        users.select("user_id", "visitor", "number"),
        left_on=["visitor", "customer"],
        right_on=["visitor", "number"],
        how="left",
        nulls_equal=True,
    )
    items = _order_lines(orders)
    planted = planted_discrepancies(events, transactions, orders)
    return BackendRecords(users, orders, items, planted)


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
