"""Order items: one row per ordered unit; an order's items are consecutive rows."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.source.assortment import FITTING, GROUPS, MATERNITY, bought
from synth_assets.domains.clean_room.source.calendar import as_timestamp, timestamp
from synth_assets.domains.clean_room.source.distributions import DRIFT, STATUSES
from synth_assets.domains.clean_room.source.parcels import item_time, with_order_columns
from synth_assets.domains.clean_room.tables.thelook_inventory_items import NAME as INVENTORY
from synth_assets.domains.clean_room.tables.thelook_orders import (
    DATES,
    dates_as_status,
    dates_in_order,
    history,
)
from synth_assets.domains.clean_room.tables.thelook_orders import NAME as ORDERS
from synth_assets.domains.clean_room.tables.thelook_products import NAME as PRODUCTS
from synth_assets.domains.clean_room.tables.thelook_products import catalog
from synth_assets.domains.clean_room.tables.thelook_users import NAME as USERS
from synth_assets.quality.building import row_check
from synth_assets.quality.keys import unique
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values
from synth_assets.randomness.lookup import gather

NAME = "thelook_order_items"
DEPARTMENT_OF = {"M": "Men", "F": "Women"}


class OrderItems(dy.Schema):
    """An item of an order."""

    id = dy.Int64(primary_key=True, min=1, description="Id of the item.")
    order_id = dy.Int64(
        description="Order it belongs to.", metadata=references("orders", "order_id")
    )
    user_id = dy.Int64(description="User who ordered.", metadata=references("users"))
    product_id = dy.Int64(description="What was ordered.", metadata=references("products"))
    inventory_item_id = dy.Int64(
        description="The unit that was sold.", metadata=references("inventory")
    )
    status = dy.String(description=f"One of {', '.join(STATUSES)}, the order's.")
    created_at = timestamp("When it was put into the order.")
    shipped_at = timestamp("When the order was shipped.", nullable=True)
    delivered_at = timestamp("When the order was delivered.", nullable=True)
    returned_at = timestamp("When the order was returned.", nullable=True)
    sale_price = dy.Float64(
        min_exclusive=0, description="Price paid, US dollars: the product's list price."
    )


def generate(scenario: CleanRoomScenario, partition: Partition) -> pl.LazyFrame:
    """Items of a partition.

    Args:
        scenario: Seed, volumes and data defects.
        partition: The range of rows.
    """
    model, item = open_model(scenario), pl.col("item")
    first_unit = model.first_units(partition.start, partition.stop)
    rows = (
        model.items_in(partition.start, partition.stop).with_columns(first_unit=first_unit).lazy()
    )
    return (
        with_order_columns(model, rows)
        .with_columns(product=bought(model, item))
        .with_columns(
            row="item",
            id=item + 1,
            order_id=pl.col("order") + 1,
            user_id=pl.col("user") + 1,
            product_id=pl.col("product") + 1,
            inventory_item_id=pl.col("first_unit") + 1,
            created_at=as_timestamp(item_time(model, pl.col("placed"), item)),
            shipped_at=as_timestamp(pl.col("shipped")),
            delivered_at=as_timestamp(pl.col("delivered")),
            returned_at=as_timestamp(pl.col("returned")),
            sale_price=gather(catalog(scenario)["retail_price"], pl.col("product")),
        )
    )


def as_the_order() -> Check:
    """User, status and dates of items are those of their order."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        same = ["user_id", "status", *DATES]
        orders = stored.other(ORDERS).all().select("order_id", *same)
        joined = stored.current().join(orders, on="order_id", suffix="_order")
        alike = [pl.col(column).eq_missing(pl.col(f"{column}_order")) for column in same]
        return joined.filter(~pl.all_horizontal(alike)).drop(f"{column}_order" for column in same)

    doc = "User, status and dates of an item are those of its order."
    return row_check("item_matches_order", doc, failing_rows, reads=[ORDERS])


def all_items() -> Check:
    """Every order has as many items as its ``num_of_item``."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        counted = stored.all().group_by("order_id").agg(items=pl.len().cast(pl.Int64))
        orders = stored.other(ORDERS).all().select("order_id", "num_of_item")
        joined = orders.join(counted, on="order_id", how="left")
        wrong = joined.filter(pl.col("num_of_item").ne_missing(pl.col("items")))
        return wrong.with_columns(
            pl.lit(stored.keys[0]).alias(stored.table.partitioning.partition_column)
        )

    doc = "Every order has as many items as its `num_of_item` says."
    return row_check("num_of_item_matches_items", doc, failing_rows, reads=[ORDERS])


def stamped_near_order() -> Check:
    """Items have their order's timestamp, or one up to four hours before it."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        earliest = -DRIFT if scenario.items_before_orders else 0
        orders = stored.other(ORDERS).all().select("order_id", ordered="created_at")
        gap = (pl.col("created_at") - pl.col("ordered")).dt.total_seconds()
        joined = stored.current().join(orders, on="order_id")
        return joined.filter(~gap.is_between(earliest, 0)).drop("ordered")

    doc = (
        "An item has its order's timestamp, or one up to four hours earlier if the scenario allows."
    )
    return row_check("item_created_near_order", doc, failing_rows, reads=[ORDERS])


def list_price() -> Check:
    """The price is the product's list price; the department is the buyer's."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        products = (
            stored.other(PRODUCTS).all().select("retail_price", "department", product_id="id")
        )
        users = stored.other(USERS).all().select("gender", user_id="id")
        joined = stored.current().join(products, on="product_id").join(users, on="user_id")
        fitting = pl.col("gender").replace_strict(DEPARTMENT_OF, return_dtype=pl.String)
        wrong = (pl.col("sale_price") != pl.col("retail_price")) | (pl.col("department") != fitting)
        return joined.filter(wrong).drop("retail_price", "department", "gender")

    doc = "The sale price is the product's list price; the department is the buyer's."
    return row_check("sale_price_equals_list_price", doc, failing_rows, reads=[PRODUCTS, USERS])


def fitting_ages() -> Check:
    """Maternity wear is bought by women of childbearing age."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        if not scenario_of(stored).fitting_ages:
            return stored.current().clear()
        products = stored.other(PRODUCTS).all().filter(category=MATERNITY)
        users = stored.other(USERS).all().select("age", user_id="id")
        worn = stored.current().join(products, left_on="product_id", right_on="id", how="semi")
        others = [GROUPS[n] for n, share in enumerate(FITTING[MATERNITY]) if not share]
        group = pl.col("age").cut(GROUPS[1:], left_closed=True).to_physical()
        wrong = group.is_in([GROUPS.index(first) for first in others])
        return worn.join(users, on="user_id").filter(wrong).drop("age")

    doc = "Nobody under 18 or over 59 buys maternity wear, where `fitting_ages` says so."
    return row_check("buyer_age_fits_category", doc, failing_rows, reads=[PRODUCTS, USERS])


def table(scenario: CleanRoomScenario) -> Table:
    """The table of order items.

    Args:
        scenario: The scenario.
    """
    partitioning = Unpartitioned()
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Every unit that was ordered.",
        code_version="3",
        schema=OrderItems,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: open_model(scenario).items.total), generate
        ),
        parents={"orders": ORDERS, "users": USERS, "products": PRODUCTS, "inventory": INVENTORY},
        checks=[
            row_count(),
            accepted_values("status", list(STATUSES)),
            unique(["inventory_item_id"]),
            as_the_order(),
            all_items(),
            stamped_near_order(),
            list_price(),
            fitting_ages(),
            dates_as_status(),
            dates_in_order(),
        ],
        history=history,
    )
