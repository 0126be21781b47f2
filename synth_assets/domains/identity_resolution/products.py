"""Products on sale: category, brand, price, margin."""

from __future__ import annotations

from datetime import date

import dataframely as dy
import polars as pl

from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.world import DOMAIN, open_world
from synth_assets.generation.lookup import at
from synth_assets.generation.rulebook import accepted, holds, row_count
from synth_assets.generation.slicing import Shards, Slice
from synth_assets.generation.table import Table, evenly, row_numbers
from synth_assets.generation.values import cents

NAME = "products"
CATEGORIES = {
    "Electronics": ("Headphones", "Smartphones", "Laptops", "Cameras", "Wearables"),
    "Apparel": ("Shirts", "Dresses", "Jackets", "Shoes", "Accessories"),
    "Home": ("Kitchen", "Bedding", "Lighting", "Furniture", "Storage"),
    "Beauty": ("Skincare", "Makeup", "Haircare", "Fragrance", "Bath"),
    "Sports": ("Fitness", "Outdoor", "Cycling", "Swimming", "Team Sports"),
}
SUBCATEGORIES = [(c, s) for c, names in CATEGORIES.items() for s in names]
ADJECTIVES = (
    "Classic", "Essential", "Premium", "Compact", "Everyday", "Active", "Pure", "Urban", "Soft",
    "Bright", "Natural", "Smart", "Light", "Bold", "Fresh", "Prime",
)  # fmt: skip
BRANDS = (
    "Northwind", "Alder & Ash", "Lumen", "Kestrel", "Maris", "Tundra", "Solveig", "Orchard",
    "Pinehurst", "Vela", "Corvid", "Halden", "Mistral", "Juniper", "Quarry", "Brightwater",
)  # fmt: skip
PRIVATE_LABELS = ("House Basics", "House Select")
PRIVATE_SHARE = 0.18
# Products are launched in these years, all before the first sale.
LAUNCHES = (date(2015, 1, 1), date(2022, 12, 31))


class Products(dy.Schema):
    """A product."""

    product_id = dy.String(primary_key=True, description="Id of the product.")
    product_name = dy.String(description="Brand, style and kind.")
    category = dy.String(description=f"One of {', '.join(CATEGORIES)}.")
    subcategory = dy.String(description="Kind within the category.")
    brand = dy.String(description="Brand.")
    price = dy.Decimal(10, 2, min_exclusive=0, description="List price in US dollars.")
    margin_pct = dy.Decimal(5, 2, min=0, max=100, description="Margin, percent of the price.")
    is_private_label = dy.Bool(description="Sold under the retailer's own name.")
    launch_date = dy.Date(description="First day on sale, before any sale.")


def generate(scenario: IdentityScenario, piece: Slice) -> pl.LazyFrame:
    """Products of a slice."""
    world = open_world(scenario)
    draw, row = world.draw(NAME), pl.col("row")
    private = draw.named("private").chance(row, PRIVATE_SHARE)
    own = at(PRIVATE_LABELS, draw.named("label").integers(row, 0, len(PRIVATE_LABELS)))
    brand = at(BRANDS, draw.named("brand").integers(row, 0, len(BRANDS)))
    style = at(ADJECTIVES, draw.named("style").integers(row, 0, len(ADJECTIVES)))
    days = (LAUNCHES[1] - LAUNCHES[0]).days
    first = (LAUNCHES[0] - date(1970, 1, 1)).days
    return (
        row_numbers(piece)
        .with_columns(kind=world.product_kind(row), is_private_label=private)
        .with_columns(
            product_id=world.product_id(row),
            category=at([c for c, _ in SUBCATEGORIES], pl.col("kind")),
            subcategory=at([s for _, s in SUBCATEGORIES], pl.col("kind")),
            brand=pl.when("is_private_label").then(own).otherwise(brand),
            price=cents(world.unit_cents(row)),
            margin_pct=cents(draw.named("margin").integers(row, 1_500, 6_500), 5),
            launch_date=(first + draw.named("launch").integers(row, 0, days + 1))
            .cast(pl.Int32)
            .cast(pl.Date),
        )
        .with_columns(
            product_name=pl.concat_str(
                "brand", style, pl.col("subcategory").str.strip_suffix("s"), separator=" "
            )
        )
    )


def table(slicing: Shards) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Products on sale, which every transaction and review refers to.",
        schema=Products,
        slicing=slicing,
        rows_before=evenly(slicing, lambda scenario: scenario.products),
        generate=generate,
        rules=[
            row_count(),
            accepted("category", list(CATEGORIES)),
            holds(
                "launched_before_sales",
                "Every product was launched before the first sale.",
                pl.col("launch_date") <= LAUNCHES[1],
            ),
        ],
    )
