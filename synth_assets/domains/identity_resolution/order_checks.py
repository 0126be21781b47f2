"""Checks about orders and receipts; rows are lines that share the id before the last dash."""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.quality.building import row_check, when_complete
from synth_assets.quality.proportions import share_near

ORDERS = "ecom_transactions"
# Share of in-store lines with the rewards card of a person in CRM.
KNOWN_SHARE = 0.30


def order_of(line: str) -> pl.Expr:
    """The order's id in a line's id; orders have fewer than ten lines.

    Args:
        line: The column of line ids.
    """
    return pl.col(line).str.head(-2)


def coherent_totals(line: str, total: str) -> Check:
    """A check that every line of an order has the sum over the order's lines.

    Args:
        line: The column of line ids.
        total: The column of totals.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        lines = stored.all().select(order_of(line).alias("order"), total, "unit_price", "quantity")
        # Hashes need eight bytes per order; only orders with a suspicious hash are summed by id.
        hashes = pl.col("order").hash().alias("hash")
        suspects = _unequal(lines.with_columns(hashes), "hash", total).collect(engine="streaming")
        if suspects.is_empty():
            return stored.current().clear()
        suspected = lines.filter(hashes.is_in(suspects["hash"].implode()))
        wrong = _unequal(suspected, "order", total)
        current = stored.current().with_columns(order_of(line).alias("order"))
        return current.join(wrong, on="order", how="semi").drop("order")

    doc = f"`{total}` is the sum over the order's lines, on each of them."
    # A partition may end in the middle of an order.
    return when_complete(row_check(f"{total}_equals_sum_of_lines", doc, failing_rows))


def _unequal(lines: pl.LazyFrame, order: str, total: str) -> pl.LazyFrame:
    """Values of the column ``order`` with a line that has another total than the sum."""
    amount = (pl.col("unit_price") * pl.col("quantity")).sum().cast(pl.Decimal(12, 2))
    summed = lines.group_by(order).agg(
        amount.alias("sum"), pl.col(total).min().alias("low"), pl.col(total).max().alias("high")
    )
    wrong = (pl.col("sum") != pl.col("low")) | (pl.col("sum") != pl.col("high"))
    return summed.filter(wrong).select(order)


def about_earlier_orders() -> Check:
    """A check that a survey's order exists, precedes it, and has the product it is about."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        surveyed = stored.current().filter(pl.col("order_id").is_not_null())
        lines = (
            stored.other(ORDERS)
            .all()
            .select(order_of("transaction_id").alias("order_id"), "order_date", bought="product_id")
        )
        orders = lines.join(surveyed.select("order_id"), on="order_id", how="semi")
        known = orders.group_by("order_id").agg(pl.col("order_date").min(), pl.col("bought"))
        sound = (pl.col("order_date") < pl.col("submitted_at")) & (
            pl.col("product_id").is_null() | pl.col("bought").list.contains(pl.col("product_id"))
        )
        joined = surveyed.join(known, on="order_id", how="left")
        return joined.filter(~sound.fill_null(value=False)).drop("order_date", "bought")

    doc = "A survey's order exists, was made before, and has the product that is asked about."
    check = row_check("survey_matches_earlier_order", doc, failing_rows, reads=[ORDERS])
    return when_complete(check, ORDERS)


def known_receipts() -> Check:
    """A check of the share of in-store lines with a rewards card."""
    doc = "Of all lines, 30% carry the rewards card of a person in CRM."
    known = pl.col("loyalty_id").is_not_null()
    return share_near("crm_card_line_share", doc, known, lambda scenario: KNOWN_SHARE)


def bought_before() -> Check:
    """A check that surveys about orders and verified reviews are by a person who bought before."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        surveys = stored.other("survey_responses").all().filter(pl.col("order_id").is_not_null())
        reviews = stored.other("product_reviews").all().filter("verified_purchase")
        surveyed = _in_memory(
            surveys.select("submitted_at", record_id="response_id", line=pl.col("order_id") + "-1")
        )
        reviewed = _in_memory(reviews.select("submitted_at", "product_id", record_id="review_id"))
        respondents = _persons(stored, "survey_responses", surveyed.select("record_id"))
        buyers = _persons(stored, ORDERS, surveyed.select(record_id="line"))
        pairs = surveyed.join(respondents, on="record_id").join(
            buyers.rename({"record_id": "line", "person_id": "buyer"}), on="line", how="left"
        )
        mismatched = pairs.filter(pl.col("person_id").ne_missing(pl.col("buyer")))
        reviewers = _persons(stored, "product_reviews", reviewed.select("record_id"))
        reviewed = _in_memory(reviewed.join(reviewers, on="record_id"))
        owners = _persons(stored, ORDERS, reviewed.select("person_id"))
        lines = (
            stored.other(ORDERS)
            .all()
            .select("product_id", "order_date", record_id="transaction_id")
        )
        bought = _in_memory(lines.join(owners.select("record_id"), on="record_id", how="semi"))
        candidates = reviewed.join(
            bought.join(owners, on="record_id"), on=["person_id", "product_id"]
        )
        sound = candidates.filter(pl.col("order_date") < pl.col("submitted_at"))
        unsound = reviewed.join(sound.select("record_id"), on="record_id", how="anti")
        wrong = pl.concat([mismatched.select("record_id"), unsound.select("record_id")])
        return stored.current().join(_in_memory(wrong), on="record_id", how="semi")

    doc = "Surveys about an order and verified reviews are by a person who bought it before."
    reads = (ORDERS, "survey_responses", "product_reviews")
    return when_complete(
        row_check("feedback_after_purchase", doc, failing_rows, reads=reads), *reads
    )


def _persons(truth: TableView, source: str, of: pl.LazyFrame) -> pl.LazyFrame:
    """The records of a source with their persons, for the records or the persons in ``of``."""
    known = truth.all().filter(pl.col("source") == source).select("record_id", "person_id")
    return _in_memory(known.join(of, on=of.collect_schema().names(), how="semi"))


def _in_memory(frame: pl.LazyFrame) -> pl.LazyFrame:
    """A few rows, collected: a lazy join with them would collect its large side instead."""
    return frame.collect(engine="streaming").lazy()
