"""Product reviews: those of buyers are verified, others are anybody's."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution import texts
from synth_assets.domains.identity_resolution.model import (
    DOMAIN,
    SALES_BEGIN,
    SALES_END,
    open_world,
)
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import ECOM, REVIEWS
from synth_assets.domains.identity_resolution.tables.ecom_transactions import ordered_at
from synth_assets.quality.structural import row_count
from synth_assets.randomness.values import DAY, moment, numbered, since_epoch

NAME = "product_reviews"
RATINGS = {1: 7, 2: 6, 3: 11, 4: 26, 5: 50}
# Buyers' reviews of something that they bought, and those that show the account.
VERIFIED, SHOWS_ACCOUNT = 0.75, 0.80
LATEST_DAYS = 60
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
    """Id of a review."""
    return numbered("REV-", row, 100_000_000)


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """Reviews of a partition."""
    world = open_world(scenario)
    draw, row, order = world.draw(REVIEWS), pl.col("row"), pl.col("order")
    verified, rating = pl.col("verified_purchase"), pl.col("stars")
    bought = world.product_sold(pl.col("first_row"), world.draw(ECOM))
    begin, end = since_epoch(SALES_BEGIN), since_epoch(SALES_END)
    later = ordered_at(world, order) + draw.substream("delay").integers(row, DAY, LATEST_DAYS * DAY)
    anytime = draw.substream("submitted").integers(row, begin, end)
    votes = (VOTES * draw.substream("votes").normal(row, 0, SPREAD).exp() - 1).clip(0, 5_000)
    shows = draw.substream("account").bernoulli(row, SHOWS_ACCOUNT)
    return (
        world.orders.placed(world.purchase(world.who(REVIEWS, partition)))
        .with_columns(
            verified_purchase=order.is_not_null()
            & draw.substream("verified").bernoulli(row, VERIFIED),
            stars=draw.substream("rating").choice_u16(row, RATINGS),
        )
        .with_columns(
            review_id=record_id(row),
            product_id=world.product_id(
                pl.when(verified).then(bought).otherwise(world.product_sold(row, draw))
            ),
            reviewer_user_id=pl.when(shows).then(world.account(pl.col("buyer_rank"))),
            reviewer_email=world.email(),
            reviewer_display_name=pl.concat_str(
                world.people.first_name(),
                pl.lit(" "),
                world.people.last_name().str.slice(0, 1),
                pl.lit("."),
            ),
            rating=rating.cast(pl.Int32),
            review_title=texts.title(draw, row, rating),
            review_text=texts.written(draw, row, rating),
            helpful_votes=votes.cast(pl.Int32),
            submitted_at=moment(pl.when(verified).then(later).otherwise(anytime)),
        )
    )


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Reviews on the website; verified ones are by people who bought the product.",
        schema=ProductReviews,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: scenario.records(REVIEWS)), generate
        ),
        code_version="2",
        parents={"products": "products"},
        deps=["ecom_transactions"],
        checks=[row_count()],
        cluster_by=["product_id", "reviewer_email"],
    )
