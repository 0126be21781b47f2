"""Product reviews: those of buyers are verified, others are anybody's."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.domains.identity_resolution import texts
from synth_assets.domains.identity_resolution.ecommerce import ordered_at
from synth_assets.domains.identity_resolution.patterns import ECOM, REVIEWS
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.world import (
    DOMAIN,
    SALES_BEGIN,
    SALES_END,
    open_world,
)
from synth_assets.generation.rulebook import row_count
from synth_assets.generation.schema import pii, references
from synth_assets.generation.slicing import Shards, Slice
from synth_assets.generation.table import Table, evenly
from synth_assets.generation.values import DAY, moment, numbered, since_epoch

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


def generate(scenario: IdentityScenario, piece: Slice) -> pl.LazyFrame:
    """Reviews of a slice."""
    world = open_world(scenario)
    draw, row, order = world.draw(REVIEWS), pl.col("row"), pl.col("order")
    verified, rating = pl.col("verified_purchase"), pl.col("stars")
    bought = world.product_sold(pl.col("first_row"), world.draw(ECOM))
    begin, end = since_epoch(SALES_BEGIN), since_epoch(SALES_END)
    later = ordered_at(world, order) + draw.named("delay").integers(row, DAY, LATEST_DAYS * DAY)
    anytime = draw.named("submitted").integers(row, begin, end)
    votes = (VOTES * draw.named("votes").normal(row, 0, SPREAD).exp() - 1).clip(0, 5_000)
    shows = draw.named("account").chance(row, SHOWS_ACCOUNT)
    return (
        world.orders.placed(world.purchase(world.who(REVIEWS, piece)))
        .with_columns(
            verified_purchase=order.is_not_null() & draw.named("verified").chance(row, VERIFIED),
            stars=draw.named("rating").one_of(row, RATINGS),
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


def table(slicing: Shards) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Reviews on the website; verified ones are by people who bought the product.",
        schema=ProductReviews,
        slicing=slicing,
        rows_before=evenly(slicing, lambda scenario: scenario.records(REVIEWS)),
        generate=generate,
        code_version="2",
        parents={"products": "products"},
        follows=["ecom_transactions"],
        rules=[row_count()],
        cluster_by=["product_id", "reviewer_email"],
    )
