"""Inventory: one row per unit. One unit of each lot is sold, the others stay in stock."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.history import Version
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario
from synth_assets.domains.clean_room.source.assortment import bought
from synth_assets.domains.clean_room.source.calendar import as_timestamp, timestamp
from synth_assets.domains.clean_room.source.distributions import UNSOLD
from synth_assets.domains.clean_room.source.parcels import came_in, item_time, with_order_columns
from synth_assets.domains.clean_room.tables.thelook_distribution_centers import NAME as CENTERS
from synth_assets.domains.clean_room.tables.thelook_products import NAME as PRODUCTS
from synth_assets.domains.clean_room.tables.thelook_products import catalog
from synth_assets.quality.building import row_check
from synth_assets.quality.proportions import share_near
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import holds
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import DAY

NAME = "thelook_inventory_items"
# Longest time from the arrival of a lot to the sale of its unit.
STORED = 60 * DAY
# Columns that repeat a product's.
REPEATED = {
    "cost": "cost",
    "product_category": "category",
    "product_name": "name",
    "product_brand": "brand",
    "product_retail_price": "retail_price",
    "product_department": "department",
    "product_sku": "sku",
    "product_distribution_center_id": "distribution_center_id",
}


class InventoryItems(dy.Schema):
    """A unit of a product."""

    id = dy.Int64(primary_key=True, min=1, description="Id of the unit.")
    product_id = dy.Int64(description="What it is.", metadata=references("products"))
    created_at = timestamp("When it came in.")
    sold_at = timestamp("When it was sold.", nullable=True)
    cost = dy.Float64(min_exclusive=0, description="What it cost the merchant, US dollars.")
    product_category = dy.String(description="Category of the product.")
    product_name = dy.String(description="Name of the product.")
    product_brand = dy.String(description="Brand of the product.")
    product_retail_price = dy.Float64(min_exclusive=0, description="List price, US dollars.")
    product_department = dy.String(description="Women or Men.")
    product_sku = dy.String(description="Stock keeping unit of the product.")
    product_distribution_center_id = dy.Int64(
        description="Where it is stored.", metadata=references("centers")
    )


def generate(scenario: CleanRoomScenario, partition: Partition) -> pl.LazyFrame:
    """Units of a partition.

    Args:
        scenario: Seed, volumes and data defects.
        partition: The range of rows.
    """
    model, item, product = open_model(scenario), pl.col("item"), pl.col("product")
    rows = model.units_in(partition.start, partition.stop).lazy()
    came = model.stream("inventory", "came").integers(item, 1, STORED + 1)
    known = catalog(scenario)
    return (
        with_order_columns(model, rows)
        .with_columns(
            product=bought(model, item),
            sold=item_time(model, pl.col("placed"), item),
        )
        .with_columns(came=came_in(model, pl.col("sold"), came))
        .with_columns(
            row="unit",
            id=pl.col("unit") + 1,
            product_id=product + 1,
            created_at=as_timestamp(pl.col("came")),
            sold_at=pl.when(pl.col("place") == 0).then(as_timestamp(pl.col("sold"))),
            **{name: gather(known[column], product) for name, column in REPEATED.items()},
        )
    )


def history(scenario: CleanRoomScenario) -> list[Version]:
    """The versions of units: in stock, then sold.

    Args:
        scenario: The scenario, which changes nothing of them.
    """
    unsold = Version(pl.col("created_at"), {"sold_at": pl.lit(None)})
    return [unsold, Version(pl.col("sold_at"))]


def as_the_product() -> Check:
    """Units have the same product columns as their product."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        renamed = {f"{name}_of_product": column for name, column in REPEATED.items()}
        products = stored.other(PRODUCTS).all().select(product_id="id", **renamed)
        joined = stored.current().join(products, on="product_id")
        alike = [pl.col(name) == pl.col(f"{name}_of_product") for name in REPEATED]
        return joined.filter(~pl.all_horizontal(alike)).drop(*renamed)

    doc = "Cost, category, name, brand, price, department, SKU and center are the product's."
    return row_check("item_matches_product", doc, failing_rows, reads=[PRODUCTS])


def table(scenario: CleanRoomScenario) -> Table:
    """The table of inventory items.

    Args:
        scenario: The scenario.
    """
    partitioning = Unpartitioned()
    units = 1 + sum(unsold * share for unsold, share in UNSOLD.items())
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Every unit the merchant had, sold or not.",
        code_version="3",
        schema=InventoryItems,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: open_model(scenario).units.total), generate
        ),
        parents={"products": PRODUCTS, "centers": CENTERS},
        checks=[
            row_count(),
            as_the_product(),
            holds(
                "sold_at_after_created_at",
                "No unit was sold before it came in.",
                pl.col("created_at") <= pl.col("sold_at"),
            ),
            share_near(
                "sold_share",
                "As many units are sold as the lots' sizes leave.",
                pl.col("sold_at").is_not_null(),
                lambda scenario: 1 / units,
            ),
        ],
        history=history,
    )
