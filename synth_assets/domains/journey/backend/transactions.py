"""Purchase events in order, and their transactions.

A transaction is a distinct pair of visitor and usable transaction id; its first event counts.
"""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.backend.discrepancies import draw_cause, key_hash, stream
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables.purchases import is_usable

# Amount of a basket without prices in its event, cents.
BASKET = (500, 20_000)

PAIR = ["user_pseudo_id", "transaction_id"]


def purchase_events(purchases: pl.DataFrame) -> pl.DataFrame:
    """Purchase events in order of their ids.

    Args:
        purchases: Rows of ``purchases``.

    Returns:
        The events with ``nth``, their number within the transaction (null without a usable id),
        and ``visitor_number``, a hash of the visitor.
    """
    usable = is_usable(pl.col("transaction_id"))
    return purchases.sort("purchase_id").with_columns(
        nth=pl.when(usable).then(pl.int_range(1, pl.len() + 1).over(PAIR)),
        visitor_number=key_hash(pl.lit("visitor"), pl.col("user_pseudo_id")),
    )


def transactions_of(events: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """The first event of each transaction.

    Args:
        events: Result of ``purchase_events``.
        scenario: Seed and rates.

    Returns:
        The events with ``number`` (hash of the transaction), ``cause`` (why the backend differs,
        or ``equal``), ``basket_cents`` (sum of the items) and ``amount`` (cents).
    """
    row = pl.col("number")
    price = pl.element().struct.field("price_cents") * pl.element().struct.field("quantity")
    basket = pl.col("items").list.eval(price).list.sum()
    random = stream(scenario, "basket").integers(row, *BASKET)
    return (
        events.filter(pl.col("nth") == 1)
        .with_columns(number=key_hash(pl.lit("pair"), *map(pl.col, PAIR)))
        .with_columns(cause=draw_cause(scenario), basket_cents=basket)
        .with_columns(
            amount=pl.coalesce(
                "revenue_cents", pl.when(pl.col("basket_cents") > 0).then("basket_cents"), random
            )
        )
    )
