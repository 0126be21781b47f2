"""Checks about orders and receipts, whose rows are lines that share an id before the dash."""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.quality.building import row_check, when_complete
from synth_assets.quality.statistical import share_near

ORDERS = "ecom_transactions"
# Lines of receipts that carry the rewards card of a person in CRM.
KNOWN = 0.30


def order_of(line: str) -> pl.Expr:
    """The order that a line's id begins with; no order has ten lines."""
    return pl.col(line).str.head(-2)


def coherent_totals(line: str, total: str) -> Check:
    """Every line of an order carries the sum over its lines."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        lines = stored.all().select(order_of(line).alias("order"), total, "unit_price", "quantity")
        # Eight bytes an order tell which may be wrong; only those are summed by their ids.
        marks = pl.col("order").hash().alias("mark")
        suspects = _unequal(lines.with_columns(marks), "mark", total).collect(engine="streaming")
        if suspects.is_empty():
            return stored.current().clear()
        suspected = lines.filter(marks.is_in(suspects["mark"].implode()))
        wrong = _unequal(suspected, "order", total)
        mine = stored.current().with_columns(order_of(line).alias("order"))
        return mine.join(wrong, on="order", how="semi").drop("order")

    doc = f"`{total}` is the sum over the order's lines, on each of them."
    # A partition may end in the middle of an order.
    return when_complete(row_check(f"coherent_{total}", doc, failing_rows))


def _unequal(lines: pl.LazyFrame, order: str, total: str) -> pl.LazyFrame:
    """Orders, by the column that tells them apart, that a line gives another total than the sum."""
    amount = (pl.col("unit_price") * pl.col("quantity")).sum().cast(pl.Decimal(12, 2))
    summed = lines.group_by(order).agg(
        amount.alias("sum"), pl.col(total).min().alias("low"), pl.col(total).max().alias("high")
    )
    wrong = (pl.col("sum") != pl.col("low")) | (pl.col("sum") != pl.col("high"))
    return summed.filter(wrong).select(order)


def about_earlier_orders() -> Check:
    """The order of a survey exists, was made before, and has the product asked about."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        asked = stored.current().filter(pl.col("order_id").is_not_null())
        lines = (
            stored.other(ORDERS)
            .all()
            .select(order_of("transaction_id").alias("order_id"), "order_date", bought="product_id")
        )
        orders = lines.join(asked.select("order_id"), on="order_id", how="semi")
        known = orders.group_by("order_id").agg(pl.col("order_date").min(), pl.col("bought"))
        sound = (pl.col("order_date") < pl.col("submitted_at")) & (
            pl.col("product_id").is_null() | pl.col("bought").list.contains(pl.col("product_id"))
        )
        joined = asked.join(known, on="order_id", how="left")
        return joined.filter(~sound.fill_null(value=False)).drop("order_date", "bought")

    doc = "A survey's order exists, was made before, and has the product that is asked about."
    check = row_check("about_earlier_orders", doc, failing_rows, reads=[ORDERS])
    return when_complete(check, ORDERS)


def known_receipts() -> Check:
    """The share of in-store lines that carry a rewards card."""
    doc = "Of all lines, 30% carry the rewards card of a person in CRM."
    known = pl.col("loyalty_id").is_not_null()
    return share_near("known_receipts", doc, known, lambda scenario: KNOWN)


def bought_before() -> Check:
    """Whoever answers about an order, or is a verified reviewer, bought it, and before."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        surveys = stored.other("survey_responses").all().filter(pl.col("order_id").is_not_null())
        reviews = stored.other("product_reviews").all().filter("verified_purchase")
        asked = _held(
            surveys.select("submitted_at", record_id="response_id", line=pl.col("order_id") + "-1")
        )
        told = _held(reviews.select("submitted_at", "product_id", record_id="review_id"))
        askers = _whose(stored, "survey_responses", asked.select("record_id"))
        buyers = _whose(stored, ORDERS, asked.select(record_id="line"))
        theirs = asked.join(askers, on="record_id").join(
            buyers.rename({"record_id": "line", "person_id": "buyer"}), on="line", how="left"
        )
        strangers = theirs.filter(pl.col("person_id").ne_missing(pl.col("buyer")))
        tellers = _whose(stored, "product_reviews", told.select("record_id"))
        told = _held(told.join(tellers, on="record_id"))
        owned = _whose(stored, ORDERS, told.select("person_id"))
        lines = (
            stored.other(ORDERS)
            .all()
            .select("product_id", "order_date", record_id="transaction_id")
        )
        bought = _held(lines.join(owned.select("record_id"), on="record_id", how="semi"))
        pairs = told.join(bought.join(owned, on="record_id"), on=["person_id", "product_id"])
        sound = pairs.filter(pl.col("order_date") < pl.col("submitted_at"))
        unsound = told.join(sound.select("record_id"), on="record_id", how="anti")
        wrong = pl.concat([strangers.select("record_id"), unsound.select("record_id")])
        return stored.current().join(_held(wrong), on="record_id", how="semi")

    doc = "Surveys about an order and verified reviews are by a person who bought it before."
    reads = (ORDERS, "survey_responses", "product_reviews")
    return when_complete(row_check("bought_before", doc, failing_rows, reads=reads), *reads)


def _whose(truth: TableView, source: str, of: pl.LazyFrame) -> pl.LazyFrame:
    """Who is behind records of a source: of the records or the persons that ``of`` holds."""
    known = truth.all().filter(pl.col("source") == source).select("record_id", "person_id")
    return _held(known.join(of, on=of.collect_schema().names(), how="semi"))


def _held(few: pl.LazyFrame) -> pl.LazyFrame:
    """Rows held in memory: a join that waits for few rows would gather all those of the many."""
    return few.collect(engine="streaming").lazy()
