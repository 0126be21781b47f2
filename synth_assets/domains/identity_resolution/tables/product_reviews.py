"""Product reviews, by buyers of the product (verified) and by others."""

from __future__ import annotations

from functools import cache

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution import texts
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.model import Model, open_model
from synth_assets.domains.identity_resolution.purchases import (
    days_after,
    later,
    ordered,
    with_order,
)
from synth_assets.domains.identity_resolution.realism_checks import distinct_texts, stars_of_texts
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import ECOM, REVIEWS
from synth_assets.domains.identity_resolution.tables.products import category_of
from synth_assets.quality.row_counts import row_count
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import (
    LANE_VALUES,
    RandomStream,
    categorical_table,
    categorical_u16,
)
from synth_assets.randomness.values import moment, numbered

NAME = "product_reviews"
# Weights of 1 to 5 stars of good, usual and poor products, and the shares of these: products
# differ, and half of all stars are five (public Amazon reviews of 2018; rounded).
STARS = ((4, 3, 7, 24, 62), (8, 7, 13, 29, 43), (16, 14, 19, 24, 27))
QUALITIES = (50, 35, 15)
# Share of buyers' reviews about a product they bought, and share of reviews that show the account.
VERIFIED, SHOWS_ACCOUNT = 0.75, 0.80
# Median and most days between order and review.
USUAL_DAYS, LATEST_DAYS = 11.0, 60
# Languages of shops that mask given names.
MASKED = ("zh", "ko")
# Median and spread of helpful votes plus one (lognormal).
VOTES, SPREAD = 1.2, 1.5


class ProductReviews(dy.Schema):
    """A review."""

    review_id = dy.String(primary_key=True, description="Id of the review.")
    product_id = dy.String(description="Product.", metadata=references("products", "product_id"))
    reviewer_user_id = dy.String(nullable=True, description="Account in e-commerce, if shown.")
    reviewer_email = dy.String(nullable=True, description="E-mail address.", metadata=pii("email"))
    reviewer_display_name = dy.String(description="Name as shown.", metadata=pii("name"))
    rating = dy.Int32(min=1, max=5, description="Stars, 1 to 5.")
    review_title = dy.String(description="Title.")
    review_text = dy.String(description="Text.")
    verified_purchase = dy.Bool(description="The reviewer bought the product before.")
    helpful_votes = dy.Int32(min=0, description="Readers who found it helpful.")
    submitted_at = dy.Datetime(time_unit="us", description="When it was sent (UTC).")


def record_id(row: pl.Expr) -> pl.Expr:
    """Id of a review.

    Args:
        row: Row number.
    """
    return numbered("REV-", row, 100_000_000)


def display_name(model: Model) -> pl.Expr:
    """A name as a website shows it; reads the columns of ``People.named``.

    Chinese and Korean shops mask given names, Japanese ones show nothing else.

    Args:
        model: The domain's model.
    """
    first, last = model.people.first_name(), model.people.last_name()
    language = gather([locale.language for locale in LOCALES], pl.col("locale"))
    letter = last.str.slice(0, 1).str.to_uppercase()
    return (
        pl.when(language.is_in(MASKED)).then(last + "**")
        .when(language == "ja").then(first)
        .otherwise(pl.concat_str(first, pl.lit(" "), letter, pl.lit(".")))
    )  # fmt: skip


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The reviews of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, row, order = model.stream(REVIEWS), pl.col("row"), pl.col("order")
    verified, rating = pl.col("verified_purchase"), pl.col("stars")
    bought = model.catalog.product_sold(pl.col("first_row"), model.stream(ECOM))
    votes = (VOTES * stream.substream("votes").normal(row, 0, SPREAD).exp() - 1).clip(0, 5_000)
    shows = stream.substream("account").bernoulli(row, SHOWS_ACCOUNT)
    return (
        model.orders.placed(
            ordered(model, with_order(model, model.persons_of_records(REVIEWS, partition)))
        )
        .with_columns(
            verified_purchase=order.is_not_null()
            & stream.substream("verified").bernoulli(row, VERIFIED),
        )
        .with_columns(
            product=pl.when(verified)
            .then(bought)
            .otherwise(model.catalog.product_sold(row, stream))
        )
        .with_columns(
            stars=_stars(stream, row, pl.col("product")),
            category=category_of(model, pl.col("product")),
            days_after=days_after(stream, row, USUAL_DAYS, LATEST_DAYS),
        )
        .with_columns(
            review_id=record_id(row),
            product_id=model.catalog.product_id(pl.col("product")),
            reviewer_user_id=pl.when(shows).then(model.account(pl.col("buyer_rank"))),
            reviewer_email=model.email(),
            reviewer_display_name=display_name(model),
            rating=rating.cast(pl.Int32),
            review_title=texts.title(stream, row, rating),
            review_text=texts.written(
                stream, row, rating, pl.col("category"), pl.col("days_after")
            ),
            helpful_votes=votes.cast(pl.Int32),
            submitted_at=moment(later(model, stream, row)),
        )
    )


def _stars(stream: RandomStream, row: pl.Expr, product: pl.Expr) -> pl.Expr:
    """Stars of a review, by the quality of its product."""
    quality = categorical_u16(stream.substream("quality").bits(product), QUALITIES)
    lane = (stream.substream("rating").bits(row) % u64(LANE_VALUES)).cast(pl.Int64)
    return gather(_ratings(), quality.cast(pl.Int64) * LANE_VALUES + lane)


@cache
def _ratings() -> pl.Series:
    """The stars of each quality that each of the values of a lane selects."""
    tables = [categorical_table(tuple(map(float, weights))) for weights in STARS]
    return pl.Series(np.concatenate(tables) + 1, dtype=pl.Int64)


def table(scenario: IdentityScenario) -> Table:
    """The table of product reviews.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Reviews on the website; verified ones are by people who bought the product.",
        schema=ProductReviews,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: scenario.records(REVIEWS)), generate
        ),
        code_version="5",
        parents={"products": "products"},
        deps=["ecom_transactions"],
        checks=[
            row_count(),
            distinct_texts("review_text"),
            stars_of_texts("review_text", "rating"),
        ],
        cluster_by=["product_id", "reviewer_email"],
    )
