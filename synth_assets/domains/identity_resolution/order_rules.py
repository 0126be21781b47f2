"""Rules about orders and receipts, whose rows are lines that share an id before the dash."""

from __future__ import annotations

import polars as pl

from synth_assets.generation.rulebook import share_near
from synth_assets.generation.rules import Rule, once_complete, row_rule
from synth_assets.generation.stored import Stored

ORDERS = "ecom_transactions"
# Lines of receipts that carry the rewards card of a person in CRM.
KNOWN = 0.30


def order_of(line: str) -> pl.Expr:
    """The order that a line's id begins with."""
    return pl.col(line).str.split("-").list.head(2).list.join("-")


def coherent_totals(line: str, total: str) -> Rule:
    """Every line of an order carries the sum over its lines."""

    def offenders(stored: Stored) -> pl.LazyFrame:
        amount = (pl.col("unit_price") * pl.col("quantity")).sum().cast(pl.Decimal(12, 2))
        lines = stored.whole.select(order_of(line).alias("order"), total, "unit_price", "quantity")
        wrong = lines.group_by("order").agg(
            amount.alias("sum"), pl.col(total).min().alias("low"), pl.col(total).max().alias("high")
        )
        wrong = wrong.filter((pl.col("sum") != pl.col("low")) | (pl.col("sum") != pl.col("high")))
        mine = stored.frame.with_columns(order_of(line).alias("order"))
        return mine.join(wrong.select("order"), on="order", how="semi").drop("order")

    doc = f"`{total}` is the sum over the order's lines, on each of them."
    # A slice may end in the middle of an order.
    return once_complete(row_rule(f"coherent_{total}", doc, offenders))


def about_earlier_orders() -> Rule:
    """The order of a survey exists, was made before, and has the product asked about."""

    def offenders(stored: Stored) -> pl.LazyFrame:
        asked = stored.frame.filter(pl.col("order_id").is_not_null())
        lines = stored.other(ORDERS).whole.select(
            order_of("transaction_id").alias("order_id"), "order_date", bought="product_id"
        )
        orders = lines.join(asked.select("order_id"), on="order_id", how="semi")
        known = orders.group_by("order_id").agg(pl.col("order_date").min(), pl.col("bought"))
        sound = (pl.col("order_date") < pl.col("submitted_at")) & (
            pl.col("product_id").is_null() | pl.col("bought").list.contains(pl.col("product_id"))
        )
        joined = asked.join(known, on="order_id", how="left")
        return joined.filter(~sound.fill_null(value=False)).drop("order_date", "bought")

    doc = "A survey's order exists, was made before, and has the product that is asked about."
    rule = row_rule("about_earlier_orders", doc, offenders, reads=[ORDERS])
    return once_complete(rule, ORDERS)


def known_receipts() -> Rule:
    """The share of in-store lines that carry a rewards card."""
    doc = "Of all lines, 30% carry the rewards card of a person in CRM."
    known = pl.col("loyalty_id").is_not_null()
    return share_near("known_receipts", doc, known, lambda scenario: KNOWN)
