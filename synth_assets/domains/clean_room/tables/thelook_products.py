"""Products: one row each, women's first, then men's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, evenly, row_numbers
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario
from synth_assets.domains.clean_room.source.catalog import (
    BRAND_SKEW,
    CATEGORIES,
    COST_SPREAD,
    FIRST_WORDS,
    LEAST_CENTS,
    MOST_CENTS,
    SECOND_WORDS,
    STYLES,
)
from synth_assets.domains.clean_room.source.distributions import MEN, WOMEN
from synth_assets.domains.clean_room.tables.thelook_distribution_centers import CENTERS
from synth_assets.domains.clean_room.tables.thelook_distribution_centers import NAME as CENTERS_NAME
from synth_assets.quality.keys import unique
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import dollars

NAME = "thelook_products"
DEPARTMENTS = ("Women", "Men")
MEDIANS = [category.price for category in CATEGORIES]
SPREADS = [category.spread for category in CATEGORIES]
COSTS = [category.cost for category in CATEGORIES]
# Women's articles of each category, then men's.
ARTICLES = [
    *(category.articles for category in CATEGORIES),
    *(category.mens or category.articles for category in CATEGORIES),
]


class Products(dy.Schema):
    """A product."""

    id = dy.Int64(primary_key=True, min=1, description="Id of the product.")
    cost = dy.Float64(min_exclusive=0, description="What it costs the merchant, US dollars.")
    category = dy.String(description=f"One of {len(CATEGORIES)}, such as {CATEGORIES[7].name}.")
    name = dy.String(description="Brand, department, style and article.")
    brand = dy.String(description="Brand.")
    retail_price = dy.Float64(min_exclusive=0, description="List price, US dollars.")
    department = dy.String(description=f"{DEPARTMENTS[0]} or {DEPARTMENTS[1]}.")
    sku = dy.String(regex=r"^[0-9A-F]{32}$", description="Stock keeping unit.")
    distribution_center_id = dy.Int64(
        description="Where it is shipped from.", metadata=references("centers")
    )


def generate(scenario: CleanRoomScenario, partition: Partition) -> pl.LazyFrame:
    """Products of a partition.

    Args:
        scenario: Seed, volumes and data defects.
        partition: The range of rows.
    """
    draw, row = open_model(scenario).stream("products"), pl.col("row")
    kind, women = pl.col("kind"), pl.col("women")
    men = 1 - women.cast(pl.Int64)
    owner = gather(["Women's", "Men's"], men)
    of_gender = kind + len(CATEGORIES) * men
    return (
        row_numbers(partition)
        .with_columns(women=row < WOMEN)
        .with_columns(kind=_kind(draw.substream("kind"), row))
        .with_columns(brand=_brand(draw.substream("brand"), row), cents=_cents(draw, row))
        .with_columns(
            id=row + 1,
            cost=_cost(draw.substream("cost"), row),
            category=gather([category.name for category in CATEGORIES], kind),
            name=pl.concat_str(
                "brand",
                owner,
                _word(STYLES, kind, draw.substream("style"), row),
                _word(ARTICLES, of_gender, draw.substream("article"), row),
                separator=" ",
            ),
            retail_price=dollars(pl.col("cents")),
            department=pl.when(women).then(pl.lit("Women")).otherwise(pl.lit("Men")),
            sku=draw.substream("sku").hexadecimal(row, 32).str.to_uppercase(),
            distribution_center_id=draw.substream("center").integers(row, 1, len(CENTERS) + 1),
        )
    )


def _kind(draw: RandomStream, row: pl.Expr) -> pl.Expr:
    kinds = range(len(CATEGORIES))
    women = draw.choice_u16(row, {kind: float(CATEGORIES[kind].women) for kind in kinds})
    men = draw.choice_u16(row, {kind: float(CATEGORIES[kind].men) for kind in kinds})
    return pl.when("women").then(women).otherwise(men)


def _brand(draw: RandomStream, row: pl.Expr) -> pl.Expr:
    """A brand; few brands have many products, in no relation to their names."""
    brands = len(FIRST_WORDS) * len(SECOND_WORDS)
    rank = (draw.uniform(row) ** BRAND_SKEW * brands).cast(pl.Int64)
    number = rank * 389 % brands  # 389 shares no divisor with 1,250
    return pl.concat_str(
        gather(FIRST_WORDS, number % len(FIRST_WORDS)),
        gather(SECOND_WORDS, number // len(FIRST_WORDS)),
        separator=" ",
    )


def _cents(draw: RandomStream, row: pl.Expr) -> pl.Expr:
    """Prices end in .99, .95, .50 or .00."""
    kind = pl.col("kind")
    dollars = (
        gather(MEDIANS, kind) * (draw.substream("price").normal(row) * gather(SPREADS, kind)).exp()
    )
    ending = draw.substream("ending").choice_u16(row, {-1: 0.5, -5: 0.15, -50: 0.1, 0: 0.25})
    cents = dollars.round(0).cast(pl.Int64) * 100 + ending
    return cents.clip(LEAST_CENTS, MOST_CENTS)


def _cost(draw: RandomStream, row: pl.Expr) -> pl.Expr:
    share = gather(COSTS, pl.col("kind")) + draw.uniform(row, -COST_SPREAD, COST_SPREAD)
    return dollars((pl.col("cents") * share).round(0))


def _word(
    words: Sequence[Sequence[str]], kind: pl.Expr, draw: RandomStream, row: pl.Expr
) -> pl.Expr:
    """One of the words of a kind of each row."""
    sizes = [len(some) for some in words]
    drawn = (draw.uniform(row) * gather(sizes, kind)).cast(pl.Int64)
    every = [word for some in words for word in some]
    return gather(every, gather(offsets(sizes), kind) + drawn)


@lru_cache(maxsize=4)
def catalog(scenario: CleanRoomScenario) -> pl.DataFrame:
    """All products by number, for tables that repeat their columns; cached for the process.

    Args:
        scenario: Seed, volumes and data defects.
    """
    whole = Partition("all", 0, WOMEN + MEN, 0, 1)
    return generate(scenario, whole).select(list(Products.columns())).collect()


def table(scenario: CleanRoomScenario) -> Table:
    """The table of products.

    Args:
        scenario: The scenario.
    """
    partitioning = Unpartitioned()
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Everything the merchant sells.",
        code_version="2",
        schema=Products,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: WOMEN + MEN), generate),
        parents={"centers": CENTERS_NAME},
        checks=[
            row_count(),
            unique(["sku"]),
            accepted_values("department", DEPARTMENTS),
            accepted_values("category", [category.name for category in CATEGORIES]),
            holds(
                "cost_below_price",
                "Every product costs the merchant less than its price.",
                pl.col("cost") < pl.col("retail_price"),
            ),
        ],
    )
