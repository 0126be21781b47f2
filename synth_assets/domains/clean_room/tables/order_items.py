"""Order items of a snapshot: all items of its orders."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import references
from synth_assets.core.sources import Derived
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario
from synth_assets.domains.clean_room.snapshot import window
from synth_assets.domains.clean_room.snapshot.window import SPLIT, location
from synth_assets.domains.clean_room.source.calendar import timestamp
from synth_assets.domains.clean_room.source.distributions import STATUSES
from synth_assets.domains.clean_room.tables import orders, users
from synth_assets.domains.clean_room.tables import thelook_order_items as source
from synth_assets.domains.clean_room.tables import thelook_orders as source_orders
from synth_assets.domains.clean_room.tables import thelook_users as source_users
from synth_assets.quality.building import row_check
from synth_assets.quality.keys import foreign_key

NAME = "order_items"


class OrderItems(dy.Schema):
    """An item of an order; its product and unit are in the source, not in the snapshot."""

    id = dy.Int64(primary_key=True, min=1, description="Id of the item.")
    order_id = dy.Int64(
        description="Order it belongs to.", metadata=references("orders", "order_id")
    )
    user_id = dy.Int64(description="User who ordered.", metadata=references("users"))
    product_id = dy.Int64(description="What was ordered.")
    inventory_item_id = dy.Int64(description="The unit that was sold.")
    status = dy.String(description=f"One of {', '.join(STATUSES)}, the order's.")
    created_at = timestamp("When it was put into the order.")
    shipped_at = timestamp("When the order was shipped.", nullable=True)
    delivered_at = timestamp("When the order was delivered.", nullable=True)
    returned_at = timestamp("When the order was returned.", nullable=True)
    sale_price = dy.Float64(min_exclusive=0, description="Price paid, US dollars.")


def derive(stored: TableView, split: str) -> pl.LazyFrame:
    """The items of a snapshot's orders.

    Args:
        stored: The table, with access to its sources.
        split: The split.
    """
    kept = window.orders(stored, split).select("order_id")
    items = stored.other(source.NAME).all()
    return items.join(kept, on="order_id", how="semi").sort("id")


def all_items() -> Check:
    """Every order of the snapshot has all its items."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = stored.table.partitioning.partition_column
        counted = (
            stored.current()
            .group_by("order_id", partition_column)
            .agg(items=pl.len().cast(pl.Int64))
        )
        made = (
            stored.other(orders.NAME)
            .all()
            .filter(pl.col(partition_column).is_in(list(stored.keys)))
        )
        joined = made.join(counted, on=["order_id", partition_column], how="left")
        return joined.filter(pl.col("num_of_item").ne_missing(pl.col("items")))

    doc = "Every order of the snapshot has as many items as its `num_of_item` says."
    return row_check("num_of_item_matches_items", doc, failing_rows, reads=[orders.NAME])


def table(scenario: CleanRoomScenario) -> Table:
    """The table of a snapshot's order items.

    Args:
        scenario: The scenario.
    """
    schema = scenario.merchant_schema
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="All items of the snapshot's orders.",
        code_version="4",
        schema=OrderItems,
        partitioning=SPLIT,
        source=Derived(derive),
        parents={"orders": orders.NAME, "users": users.NAME},
        deps=[source.NAME, source_orders.NAME, source_users.NAME],
        tags={"party": "merchant"},
        location=location(schema),
        checks=[all_items(), foreign_key("id", source.NAME, "id")],
        history=source_orders.history,
    )
