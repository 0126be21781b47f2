"""Lines of orders."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import references
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend.stored_records import (
    LOCATION,
    STORE,
    of_day,
    records_of,
    timestamp_column,
    to_timestamp,
)
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables import orders, purchases, signups
from synth_assets.quality.building import row_check

NAME = "order_items"
# Most lines of an order for which ids are distinct.
LINES = 1_000


class OrderItems(dy.Schema):
    """A line of an order."""

    order_item_id = dy.Int64(primary_key=True, description="Order and number of the line.")
    order_id = dy.Int64(description="The order.", metadata=references("orders", "order_id"))
    item_name = dy.String(nullable=True, description="Name of the item.")
    quantity = dy.Int64(min=1, description="How many.")
    price_cents = dy.Int64(min=0, description="Price of one, cents.")
    created_at = timestamp_column("That of the order (UTC).")
    updated_at = timestamp_column("That of the order (UTC).")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """Lines of a day's orders.

    Args:
        stored: The table, and others of its domain.
        key: Day to derive.
    """
    return of_day(records_of(stored, key).items, key).with_columns(
        order_item_id=pl.col("order_id") * LINES + pl.col("line"),
        created_at=to_timestamp("created_at"),
        updated_at=to_timestamp("updated_at"),
    )


def pays_for_items(order_table: str) -> Check:
    """The lines of an order add up to its amount, to the cent.

    Args:
        order_table: Name of the order table.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        amount = pl.col("price_cents") * pl.col("quantity")
        sums = stored.all().group_by("order_id").agg(found=amount.sum())
        totals = stored.other(order_table).all().select("order_id", "items_cents")
        wrong = totals.join(sums, on="order_id", how="full", coalesce=True).filter(
            pl.col("found").ne_missing(pl.col("items_cents"))
        )
        return stored.current().join(wrong, on="order_id", how="inner")

    doc = "An order's lines add up to its `items_cents`."
    return row_check("items_cents_equals_sum_of_lines", doc, failing_rows, reads=[order_table])


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Lines of orders.",
        schema=OrderItems,
        partitioning=partitioning,
        code_version="2",
        source=Derived(derive),
        parents={"orders": orders.NAME},
        deps=[purchases.NAME, signups.NAME],
        location=LOCATION,
        store=STORE,
        checks=[pays_for_items(orders.NAME)],
    )
