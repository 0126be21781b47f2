"""Purchase events in order, and their transactions.

A transaction is a distinct pair of visitor and usable transaction id; its first event counts.
"""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.backend.dealing import dealt
from synth_assets.domains.journey.backend.discrepancies import (
    UNREPORTED,
    deal_causes,
    key_hash,
    stream,
)
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables.purchases import is_usable
from synth_assets.domains.journey.tables.signups import visitor_number

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
        visitor_number=visitor_number(),
    )


def transactions_of(events: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """The first event of each transaction.

    Args:
        events: Result of ``purchase_events``.
        scenario: Seed and rates.

    Returns:
        The events with ``number`` (hash of the transaction), ``cause`` (why the backend differs,
        or ``equal``) and ``amount`` (cents).
    """
    found = events.filter(pl.col("nth") == 1).with_columns(
        number=key_hash(pl.lit("pair"), *map(pl.col, PAIR))
    )
    return _with_amounts(deal_causes(found, scenario), scenario)


def unreported_orders(events: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """Events that report a sale without a usable id; the shop has an order for most of them.

    Args:
        events: Result of ``purchase_events``.
        scenario: Seed and rates.

    Returns:
        The events that have an order, with ``number``, ``cause`` and ``amount``.
    """
    sold = events.filter(pl.col("nth").is_null() & pl.col("revenue_cents").is_not_null())
    chosen = dealt(
        pl.int_range(pl.len()), scenario.unreported_order_share, stream(scenario, "unreported")
    )
    found = sold.filter(chosen).with_columns(
        number=key_hash(
            pl.lit("unreported"), pl.col("user_pseudo_id"), pl.col("purchase_id").cast(pl.String)
        ),
        cause=pl.lit(UNREPORTED),
    )
    return _with_amounts(found, scenario)


def reported_cents(prefix: str = "") -> pl.Expr:
    """What an event says that the customer paid: revenue, tax and shipping, cents.

    Args:
        prefix: Prefix of the three columns' names.
    """
    tax, shipping = (pl.col(f"{prefix}{part}_cents").fill_null(0) for part in ("tax", "shipping"))
    return pl.col(f"{prefix}revenue_cents") + tax + shipping


def _with_amounts(events: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """Adds ``amount``, what the items cost: the revenue, or else the basket, or a random one."""
    price = pl.element().struct.field("price_cents") * pl.element().struct.field("quantity")
    basket = pl.col("items").list.eval(price).list.sum()
    random = stream(scenario, "basket").integers(pl.col("number"), *BASKET)
    return events.with_columns(
        amount=pl.coalesce("revenue_cents", pl.when(basket > 0).then(basket), random)
    )
