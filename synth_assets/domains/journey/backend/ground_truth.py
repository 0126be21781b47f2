"""The ground truth of the reconciliation: every planted discrepancy with its cause."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.backend.orders import OF_TRANSACTION
from synth_assets.domains.journey.backend.record_keys import (
    key_of_event,
    key_of_order,
    key_of_pair,
    key_of_unusable,
)
from synth_assets.domains.journey.backend.transactions import reported_cents


def planted_discrepancies(
    events: pl.DataFrame, transactions: pl.DataFrame, orders: pl.DataFrame
) -> pl.DataFrame:
    """Discrepancies of transactions, of events without one, and of orders without one.

    Args:
        events: Result of ``purchase_events``.
        transactions: Result of ``transactions_of``.
        orders: Result of ``backend_orders``.

    Returns:
        The columns of the table ``journey_gaps``, and ``day``.
    """
    own = orders.filter(pl.col("kind") == OF_TRANSACTION).select(
        "day", "number", "order_id", "total_cents"
    )
    unequal = (
        transactions.filter(pl.col("cause") != discrepancies.MATCH)
        .join(own, on=["day", "number"], how="left")
        .select(
            "day",
            record_key=key_of_pair(),
            cause="cause",
            user_pseudo_id="user_pseudo_id",
            transaction_id="transaction_id",
            order_id="order_id",
            ga4_cents=reported_cents(),
            backend_cents="total_cents",
        )
    )
    nothing = pl.lit(None, dtype=pl.Int64)
    of_event = {
        "user_pseudo_id": pl.col("user_pseudo_id"),
        "transaction_id": pl.col("transaction_id"),
        "order_id": nothing,
        "ga4_cents": reported_cents(),
        "backend_cents": nothing,
    }
    repeated = events.filter(pl.col("nth") > 1).select(
        "day",
        record_key=key_of_event(pl.col("nth")),
        cause=pl.lit(discrepancies.REPEATED),
        **of_event,
    )
    has_id = pl.col("transaction_id").is_not_null()
    unusable = events.filter(pl.col("nth").is_null()).select(
        "day",
        record_key=key_of_unusable(),
        cause=pl.when(has_id)
        .then(pl.lit(discrepancies.PLACEHOLDER_ID))
        .otherwise(pl.lit(discrepancies.NULL_ID)),
        **of_event,
    )
    without_transaction = orders.filter(pl.col("kind") != OF_TRANSACTION).select(
        "day",
        record_key=key_of_order(),
        cause="cause",
        user_pseudo_id="visitor",
        transaction_id="transaction_id",
        order_id="order_id",
        ga4_cents=nothing,
        backend_cents="total_cents",
    )
    rows = pl.concat([unequal, repeated, unusable, without_transaction])
    return rows.with_columns(gap_class=discrepancies.class_of(pl.col("cause")))
