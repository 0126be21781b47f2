"""Surveys: answers after a purchase, and answers about the brand."""

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
from synth_assets.domains.identity_resolution.model import open_model
from synth_assets.domains.identity_resolution.order_checks import about_earlier_orders
from synth_assets.domains.identity_resolution.purchases import (
    days_after,
    later,
    ordered,
    with_order,
)
from synth_assets.domains.identity_resolution.realism_checks import distinct_texts, stars_of_texts
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import ECOM, SURVEYS
from synth_assets.domains.identity_resolution.tables.ecom_transactions import order_id
from synth_assets.domains.identity_resolution.tables.products import category_of
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_table
from synth_assets.randomness.values import moment, numbered

NAME = "survey_responses"
# Relative frequencies of survey types about an order, and the type for persons without orders.
TYPES = {"post_purchase": 50, "nps": 20, "product_feedback": 30}
WITHOUT_ORDER = "nps"
RATINGS = {1: 6, 2: 8, 3: 16, 4: 34, 5: 36}
# Weights of scores by rating: most in the upper half and at its end, 5 more than 4 and 6, as such
# scores are distributed (assumption).
SCORES = (
    (44, 18, 13, 10, 6, 6, 1, 1, 1, 0, 0), (10, 8, 12, 17, 14, 24, 8, 5, 1, 0, 1),
    (1, 1, 3, 6, 8, 32, 19, 18, 8, 2, 2), (0, 0, 0, 1, 1, 6, 9, 26, 34, 15, 8),
    (0, 0, 0, 0, 0, 1, 1, 4, 13, 24, 57),
)  # fmt: skip
# Share of responses without a text.
SILENT = 0.55
# Median and most days between order and response.
USUAL_DAYS, LATEST_DAYS = 5.0, 30
# Median and spread of the time that answering takes (lognormal), and the longest, in seconds.
SECONDS, SPREAD, SLOWEST = 95.0, 0.6, 3_600


class SurveyResponses(dy.Schema):
    """An answered survey."""

    response_id = dy.String(primary_key=True, description="Id of the response.")
    survey_type = dy.String(description=f"One of {', '.join(TYPES)}.")
    email = dy.String(nullable=True, description="E-mail address.", metadata=pii("email"))
    order_id = dy.String(
        nullable=True, description="Order asked about: what its `transaction_id`s begin with."
    )
    product_id = dy.String(
        nullable=True,
        description="Product asked about, one of the order's.",
        metadata=references("products", "product_id"),
    )
    nps_score = dy.Int32(min=0, max=10, description="Would recommend, 0 to 10.")
    satisfaction_rating = dy.Int32(min=1, max=5, description="Satisfaction, 1 to 5.")
    feedback_text = dy.String(nullable=True, description="What was written, if anything.")
    submitted_at = dy.Datetime(time_unit="us", description="When it was sent, after the order.")
    completion_time_seconds = dy.Int32(min=1, description="Seconds that answering took.")


def record_id(row: pl.Expr) -> pl.Expr:
    """Id of a response.

    Args:
        row: Row number.
    """
    return numbered("SRV-", row, 100_000_000)


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The responses of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, row, order = model.stream(SURVEYS), pl.col("row"), pl.col("order")
    about, rating = pl.col("survey_type") == "product_feedback", pl.col("rating")
    # Who was asked without an order writes about anything.
    bought = model.catalog.product_sold(pl.col("first_row"), model.stream(ECOM))
    anything = model.catalog.product_sold(row, stream)
    product = pl.col("product")
    written = texts.written(stream, row, rating, pl.col("category"), pl.col("days_after"))
    took = (SECONDS * stream.substream("took").normal(row, 0, SPREAD).exp()).clip(5, SLOWEST)
    return (
        model.orders.placed(
            ordered(model, with_order(model, model.persons_of_records(SURVEYS, partition)))
        )
        .with_columns(
            rating=stream.substream("rating").choice_u16(row, RATINGS),
            survey_type=pl.when(order.is_null())
            .then(pl.lit(WITHOUT_ORDER))
            .otherwise(stream.substream("type").choice_u16(row, TYPES)),
        )
        .with_columns(product=pl.coalesce(bought, anything))
        .with_columns(
            category=category_of(model, product),
            days_after=days_after(stream, row, USUAL_DAYS, LATEST_DAYS),
        )
        .with_columns(
            response_id=record_id(row),
            email=model.email(),
            order_id=order_id(order),
            product_id=pl.when(about).then(model.catalog.product_id(product)),
            nps_score=_recommends(stream, row, rating),
            satisfaction_rating=rating.cast(pl.Int32),
            feedback_text=pl.when(~stream.substream("silent").bernoulli(row, SILENT)).then(written),
            submitted_at=moment(later(model, stream, row)),
            completion_time_seconds=took.cast(pl.Int32),
        )
    )


def _recommends(stream: RandomStream, row: pl.Expr, rating: pl.Expr) -> pl.Expr:
    """The score, 0 to 10, that fits a rating."""
    lane = (stream.substream("nps").bits(row) % u64(LANE_VALUES)).cast(pl.Int64)
    return gather(_scores(), (rating.cast(pl.Int64) - 1) * LANE_VALUES + lane)


@cache
def _scores() -> pl.Series:
    """The score of each rating that each of the values of a lane selects."""
    tables = [categorical_table(tuple(map(float, weights))) for weights in SCORES]
    return pl.Series(np.concatenate(tables), dtype=pl.Int32)


def table(scenario: IdentityScenario) -> Table:
    """The table of survey responses.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    ordered = pl.col("order_id").is_not_null() | (pl.col("survey_type") == WITHOUT_ORDER)
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Answers to surveys, most of them about an order.",
        schema=SurveyResponses,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: scenario.records(SURVEYS)), generate
        ),
        code_version="4",
        parents={"products": "products"},
        deps=["ecom_transactions"],
        checks=[
            row_count(),
            about_earlier_orders(),
            distinct_texts("feedback_text"),
            stars_of_texts("feedback_text", "satisfaction_rating"),
            accepted_values("survey_type", list(TYPES)),
            holds(
                "order_id_present_unless_brand_survey",
                "Only surveys of the brand go without an order.",
                ordered,
            ),
        ],
        cluster_by=["email", "order_id"],
    )
