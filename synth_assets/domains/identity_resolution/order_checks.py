"""Checks about orders and receipts; rows are lines that share the id before the last dash.

Checks across tables compare hashes of ids, which take a third of the memory: that two of 50 million
ids have the same one among those that are compared has a probability below 1 in 10,000.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.quality.building import row_check, when_complete
from synth_assets.quality.proportions import share_near

ORDERS = "ecom_transactions"
# Lines whose totals are in memory at once.
LINES_AT_ONCE = 10_000_000
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
        passes = sum(stats.rows for stats in stored.partition_stats.values()) // LINES_AT_ONCE + 1
        hashed = lines.with_columns(hashes)
        suspects = pl.concat(
            _unequal(hashed.filter(pl.col("hash") % passes == number), "hash", total).collect(
                engine="streaming"
            )
            for number in range(passes)
        )
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
        surveyed = surveyed.select(
            "submitted_at", "product_id", order=pl.col("order_id").hash(), id="response_id"
        )
        asked = surveyed.select("order").collect(engine="streaming").lazy()
        lines = _in_memory(
            stored.other(ORDERS),
            lambda rows: rows.select(
                "order_date", order=order_of("transaction_id").hash(), bought="product_id"
            ).join(asked, on="order", how="semi"),
        )
        known = lines.group_by("order").agg(pl.col("order_date").min(), pl.col("bought"))
        sound = (pl.col("order_date") < pl.col("submitted_at")) & (
            pl.col("product_id").is_null() | pl.col("bought").list.contains(pl.col("product_id"))
        )
        joined = surveyed.join(known, on="order", how="left")
        wrong = joined.filter(~sound.fill_null(value=False)).select("id")
        found = wrong.collect(engine="streaming")["id"]
        if found.is_empty():
            return stored.current().clear()
        return stored.current().filter(pl.col("response_id").is_in(found.implode()))

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
        line = (pl.col("order_id") + "-1").hash()
        surveyed = _in_memory(
            stored.other("survey_responses"),
            lambda rows: rows.filter(pl.col("order_id").is_not_null()).select(
                record=pl.col("response_id").hash(), line=line
            ),
        )
        reviewed = _in_memory(
            stored.other("product_reviews"),
            lambda rows: rows.filter("verified_purchase").select(
                "submitted_at", "product_id", record=pl.col("review_id").hash()
            ),
        )
        respondents = _persons(stored, "survey_responses", surveyed.select("record"))
        buyers = _persons(stored, ORDERS, surveyed.select(record="line"))
        pairs = surveyed.join(respondents, on="record").join(
            buyers.rename({"record": "line", "person": "buyer"}), on="line", how="left"
        )
        mismatched = pairs.filter(pl.col("person").ne_missing(pl.col("buyer")))
        reviewers = _persons(stored, "product_reviews", reviewed.select("record"))
        reviewed = reviewed.join(reviewers, on="record").collect().lazy()
        owners = _persons(stored, ORDERS, reviewed.select("person"))
        bought = _in_memory(
            stored.other(ORDERS),
            lambda rows: rows.select(
                "product_id", "order_date", record=pl.col("transaction_id").hash()
            ).join(owners.select("record"), on="record", how="semi"),
        )
        candidates = reviewed.join(bought.join(owners, on="record"), on=["person", "product_id"])
        sound = candidates.filter(pl.col("order_date") < pl.col("submitted_at"))
        unsound = reviewed.join(sound.select("record"), on="record", how="anti")
        wrong = pl.concat([mismatched.select("record"), unsound.select("record")]).collect()
        if wrong.is_empty():
            return stored.current().clear()
        return stored.current().filter(pl.col("record_id").hash().is_in(wrong["record"].implode()))

    doc = "Surveys about an order and verified reviews are by a person who bought it before."
    reads = (ORDERS, "survey_responses", "product_reviews")
    return when_complete(
        row_check("feedback_after_purchase", doc, failing_rows, reads=reads), *reads
    )


def _persons(truth: TableView, source: str, of: pl.LazyFrame) -> pl.LazyFrame:
    """The records of a source with their persons, for the records or the persons in ``of``."""
    shared = of.collect_schema().names()
    return _in_memory(
        truth.other(truth.table.name),
        lambda rows: (
            rows.filter(pl.col("source") == source)
            .select(record=pl.col("record_id").hash(), person=pl.col("person_id").hash())
            .join(of, on=shared, how="semi")
        ),
    )


def _in_memory(stored: TableView, query: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.LazyFrame:
    """A few rows of all partitions, collected batch by batch.

    A lazy join with them would collect its large side instead.

    Args:
        stored: A view of the table with all stored partitions.
        query: Selects the rows of a batch of partitions.
    """
    found = [query(rows).collect(engine="streaming") for rows in stored.batches()]
    return pl.concat(found).lazy()
