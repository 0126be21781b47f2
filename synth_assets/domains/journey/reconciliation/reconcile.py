"""Assigns a class to every transaction, event and order.

A transaction (visitor and usable id) is joined with the first order of that customer with that id.
Its later events and orders are duplicates. An order matches only within the days of grace; a
refunded or cancelled order differs in status, whatever its amount. The dbt model
`fct_reconciliation` implements the same in SQL.
"""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.backend.days import DAY_MICROS
from synth_assets.domains.journey.backend.orders import CANCELLED, REFUNDED
from synth_assets.domains.journey.backend.record_keys import (
    key_of_event,
    key_of_order,
    key_of_pair,
    key_of_unusable,
)
from synth_assets.domains.journey.backend.transactions import PAIR, reported_cents
from synth_assets.domains.journey.tables.purchases import is_test, is_usable
from synth_assets.domains.journey.tables.users import TEST_MAIL

COLUMNS = {
    "record_key": pl.String(),
    "day": pl.String(),
    "gap_class": pl.String(),
    "user_pseudo_id": pl.String(),
    "user_id": pl.Int64(),
    "transaction_id": pl.String(),
    "order_id": pl.Int64(),
    "ga4_cents": pl.Int64(),
    "backend_cents": pl.Int64(),
    "came_late": pl.Boolean(),
}


def reconcile(purchases: pl.DataFrame, users: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Classifies all transactions, and all events and orders without one.

    Args:
        purchases: Rows of ``purchases``, with ``day``.
        users: Rows of ``users``.
        orders: Rows of ``orders``.

    Returns:
        The columns of ``COLUMNS``, one row for each record.
    """
    usable = is_usable(pl.col("transaction_id"))
    events = purchases.sort("purchase_id").with_columns(
        nth=pl.when(usable).then(pl.int_range(1, pl.len() + 1).over(PAIR))
    )
    known = _orders(users, orders)
    first = known.filter(~pl.col("is_test") & (pl.col("nth") == 1))
    pairs = events.filter(pl.col("nth") == 1).join(
        first.drop("day", "nth").filter(pl.col("transaction_id").is_not_null()),
        on=PAIR,
        how="left",
    )
    unmatched = known.join(pairs.select("order_id").drop_nulls(), on="order_id", how="anti")
    parts = [_pairs(pairs), _repeated(events), _unusable(events), _unmatched(unmatched)]
    return pl.concat([_shaped(part) for part in parts]).sort("record_key")


def _orders(users: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Orders with their customer, and ``nth`` among the customer's orders with the same id."""
    customers = users.select("user_id", "user_pseudo_id", "email")
    is_tester = pl.col("email").str.ends_with(f"@{TEST_MAIL}")
    same = ["user_id", "transaction_id"]
    return (
        orders.join(customers, on="user_id", how="left")
        .sort("created_at", "order_id")
        .with_columns(
            nth=pl.when(pl.col("transaction_id").is_null())
            .then(1)
            .otherwise(pl.int_range(1, pl.len() + 1).over(same)),
            is_test=is_tester.fill_null(value=False) | is_test(pl.col("transaction_id")),
            day=pl.col("created_at").dt.date().cast(pl.String),
        )
        .select(
            "day",
            "nth",
            "is_test",
            "user_id",
            "user_pseudo_id",
            "transaction_id",
            "order_id",
            "status",
            "created_at",
            backend_cents="total_cents",
        )
    )


def _pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    ga4, backend = reported_cents(), pl.col("backend_cents")
    waited = pl.col("created_at").cast(pl.Int64) - pl.col("event_timestamp")
    late = waited > discrepancies.GRACE_DAYS * DAY_MICROS
    found = (
        pl.when(pl.col("order_id").is_null() | late)
        .then(pl.lit(discrepancies.GA4_ONLY))
        .when(pl.col("status").is_in([REFUNDED, CANCELLED]))
        .then(pl.lit(discrepancies.STATUS_DIFFERS))
        # A missing revenue does not differ.
        .when(ga4 != backend)
        .then(pl.lit(discrepancies.AMOUNT_DIFFERS))
        .otherwise(pl.lit(discrepancies.MATCHED))
    )
    return pairs.with_columns(
        record_key=key_of_pair(),
        gap_class=found,
        ga4_cents=ga4,
        came_late=late.fill_null(value=False),
    )


def _repeated(events: pl.DataFrame) -> pl.DataFrame:
    again = events.filter(pl.col("nth") > 1)
    return again.with_columns(
        record_key=key_of_event(pl.col("nth")),
        gap_class=pl.lit(discrepancies.DUPLICATE),
        ga4_cents=reported_cents(),
    )


def _unusable(events: pl.DataFrame) -> pl.DataFrame:
    return events.filter(pl.col("nth").is_null()).with_columns(
        record_key=key_of_unusable(),
        gap_class=pl.lit(discrepancies.UNUSABLE_ID),
        ga4_cents=reported_cents(),
    )


def _unmatched(orders: pl.DataFrame) -> pl.DataFrame:
    found = (
        pl.when("is_test")
        .then(pl.lit(discrepancies.TEST))
        .when(pl.col("nth") > 1)
        .then(pl.lit(discrepancies.DUPLICATE))
        .otherwise(pl.lit(discrepancies.BACKEND_ONLY))
    )
    return orders.with_columns(record_key=key_of_order(), gap_class=found)


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    """The rows with all columns; those that they lack are null."""
    present = set(part.columns)
    return part.select(
        (pl.col(name) if name in present else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in COLUMNS.items()
    )
