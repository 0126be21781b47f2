"""Products on sale: category, brand, price, margin."""

from __future__ import annotations

from dataclasses import replace

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Generated, evenly, row_numbers
from synth_assets.domains.identity_resolution.assortment import (
    ADJECTIVES,
    ARTICLES,
    BRANDS,
    CATEGORIES,
    KINDS,
    PRIVATE_LABELS,
    VARIANTS,
    VARIANTS_OF,
)
from synth_assets.domains.identity_resolution.catalog import ENDINGS, LAUNCHES
from synth_assets.domains.identity_resolution.model import Model, open_model
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.quality.keys import unique
from synth_assets.quality.proportions import Proportion, shares_result
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import cents

NAME = "products"
# Least and greatest margin in percent, by category: gross margins of independent shops are low
# for electronics and sports and high for cosmetics (Vend, Retail Benchmarks Report 2019); large
# chains have less in beauty (Ulta 39%, Best Buy 22%). Sizes are an assumption, as own labels' more.
MARGINS = {"Electronics": (8, 24), "Apparel": (42, 66), "Home": (32, 52), "Beauty": (48, 72),
           "Sports": (28, 46)}  # fmt: skip
PRIVATE_MARGIN = 9
# Share of products of the retailer's own brands.
PRIVATE_SHARE = 0.18


class Products(dy.Schema):
    """A product."""

    product_id = dy.String(primary_key=True, description="Id of the product.")
    product_name = dy.String(description="Brand, style, article and variant; distinct.")
    category = dy.String(description=f"One of {', '.join(CATEGORIES)}.")
    subcategory = dy.String(description="Kind within the category.")
    brand = dy.String(description="Brand.")
    price = dy.Decimal(10, 2, min_exclusive=0, description="List price in US dollars.")
    margin_pct = dy.Decimal(5, 2, min=0, max=100, description="Margin, percent of the price.")
    is_private_label = dy.Bool(description="Sold under the retailer's own name.")
    launch_date = dy.Date(description="First day on sale, before any sale.")


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The products of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, row = model.stream(NAME), pl.col("row")
    low, high = ([MARGINS[category][side] * 100 for category, _ in KINDS] for side in (0, 1))
    spread = stream.substream("margin").uniform(row) * (
        gather(high, pl.col("kind")) - gather(low, pl.col("kind"))
    )
    margin = gather(low, pl.col("kind")) + spread.cast(pl.Int64)
    own = pl.when("is_private_label").then(PRIVATE_MARGIN * 100).otherwise(0)
    # A product's variant depends on the products before it that would have the same name.
    before = pl.int_range(pl.len()).over("product_name")
    named = (
        row_numbers(replace(partition, start=0))
        .with_columns(
            kind=model.catalog.product_kind(row),
            is_private_label=stream.substream("private").bernoulli(row, PRIVATE_SHARE),
        )
        .with_columns(brand=_brand(stream, row))
        .with_columns(product_name=_name(stream, row))
        .with_columns(
            product_name=pl.concat_str(
                "product_name",
                gather(
                    [variant for variants in VARIANTS_OF for variant in variants],
                    pl.col("kind") * len(VARIANTS)
                    + (_first_variant(stream) + before) % len(VARIANTS),
                ),
                separator=", ",
            )
        )
        .filter(row >= partition.start)
    )
    return named.with_columns(
        product_id=model.catalog.product_id(row),
        category=gather([category for category, _ in KINDS], pl.col("kind")),
        subcategory=gather([kind for _, kind in KINDS], pl.col("kind")),
        price=cents(model.catalog.list_cents(row)),
        margin_pct=cents(margin + own, 5),
        launch_date=model.catalog.launched(row).cast(pl.Int32).cast(pl.Date),
    )


def category_of(model: Model, product: pl.Expr) -> pl.Expr:
    """Category of a product, an index into ``CATEGORIES``.

    Args:
        model: The domain's model.
        product: The product's number.
    """
    places = [list(CATEGORIES).index(category) for category, _ in KINDS]
    return gather(places, model.catalog.product_kind(product))


def _brand(stream: RandomStream, row: pl.Expr) -> pl.Expr:
    own = gather(PRIVATE_LABELS, stream.substream("label").integers(row, 0, len(PRIVATE_LABELS)))
    each = len(BRANDS["Home"])
    first = [list(CATEGORIES).index(category) * each for category, _ in KINDS]
    brand = gather(
        [brand for category in CATEGORIES for brand in BRANDS[category]],
        gather(first, pl.col("kind")) + stream.substream("brand").integers(row, 0, each),
    )
    return pl.when("is_private_label").then(own).otherwise(brand)


def _name(stream: RandomStream, row: pl.Expr) -> pl.Expr:
    """Brand, style and article."""
    style = gather(ADJECTIVES, stream.substream("style").integers(row, 0, len(ADJECTIVES)))
    return pl.concat_str("brand", style, _article(stream, row), separator=" ")


def _first_variant(stream: RandomStream) -> pl.Expr:
    """The variant of the first product of a name."""
    number = pl.col("row").first().over("product_name")
    return stream.substream("variant").integers(number, 0, len(VARIANTS))


def _article(stream: RandomStream, row: pl.Expr) -> pl.Expr:
    """An article of the row's kind."""
    flat = [article for articles in ARTICLES for article in articles]
    first = offsets([len(articles) for articles in ARTICLES])
    drawn = stream.substream("article").uniform(row) * gather(
        [len(a) for a in ARTICLES], pl.col("kind")
    )
    return gather(flat, gather(first, pl.col("kind")) + drawn.cast(pl.Int64))


def margins_of_categories() -> Check:
    """A check that margins are in the range of their category."""
    ranges = [
        (pl.col("category") == category)
        & pl.col("margin_pct").is_between(low, high + PRIVATE_MARGIN)
        for category, (low, high) in MARGINS.items()
    ]
    doc = "The margin is in the range of the product's category."
    return holds("margin_in_category_range", doc, pl.any_horizontal(ranges))


def endings_of_prices() -> Check:
    """A check that list prices have the scenario's endings."""

    def measure(stored: TableView) -> list[CheckResult]:
        scenario = stored.scenario
        assert isinstance(scenario, IdentityScenario)
        less = -(pl.col("price") * 100).cast(pl.Int64) % 100
        counted = stored.all().group_by(less.alias("less")).agg(pl.len())
        found = dict(counted.collect(engine="streaming").iter_rows())
        total, weights = sum(found.values()), scenario.price_endings
        shares = {
            f"-{less}": Proportion(found.get(less, 0), total, weight / sum(weights))
            for less, weight in zip(ENDINGS, weights, strict=True)
        }
        return [shares_result(shares)]

    doc = "List prices end in .99, .95 and .00 as the scenario says."
    return Check("list_price_ending_shares", doc, measure, blocking=False, per_partition=False)


def table(scenario: IdentityScenario) -> Table:
    """The table of products.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Products on sale, which every transaction and review refers to.",
        schema=Products,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.products), generate),
        code_version="4",
        checks=[
            row_count(),
            unique(["product_name"]),
            margins_of_categories(),
            endings_of_prices(),
            accepted_values("category", list(CATEGORIES)),
            holds(
                "launch_date_before_first_sale",
                "Every product was launched before the first sale.",
                pl.col("launch_date") <= LAUNCHES[1],
            ),
        ],
    )
