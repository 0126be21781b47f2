"""Surveys: answers after a purchase, and answers about the brand."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution import texts
from synth_assets.domains.identity_resolution.model import open_model
from synth_assets.domains.identity_resolution.order_checks import about_earlier_orders
from synth_assets.domains.identity_resolution.purchases import later, ordered, with_order
from synth_assets.domains.identity_resolution.realism_checks import distinct_texts
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import ECOM, SURVEYS
from synth_assets.domains.identity_resolution.tables.ecom_transactions import order_id
from synth_assets.domains.identity_resolution.tables.products import category_of
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.values import moment, numbered

NAME = "survey_responses"
# Relative frequencies of survey types about an order, and the type for persons without orders.
TYPES = {"post_purchase": 50, "nps": 20, "product_feedback": 30}
WITHOUT_ORDER = "nps"
RATINGS = {1: 6, 2: 8, 3: 16, 4: 34, 5: 36}
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
    written = texts.written(stream, row, rating, pl.col("category"))
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
        .with_columns(category=category_of(model, product))
        .with_columns(
            response_id=record_id(row),
            email=model.email(),
            order_id=order_id(order),
            product_id=pl.when(about).then(model.catalog.product_id(product)),
            nps_score=(rating * 2 - stream.substream("nps").integers(row, 0, 3))
            .clip(0, 10)
            .cast(pl.Int32),
            satisfaction_rating=rating.cast(pl.Int32),
            feedback_text=pl.when(~stream.substream("silent").bernoulli(row, SILENT)).then(written),
            submitted_at=moment(later(model, stream, row, USUAL_DAYS, LATEST_DAYS)),
            completion_time_seconds=took.cast(pl.Int32),
        )
    )


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
        code_version="2",
        parents={"products": "products"},
        deps=["ecom_transactions"],
        checks=[
            row_count(),
            about_earlier_orders(),
            distinct_texts("feedback_text"),
            accepted_values("survey_type", list(TYPES)),
            holds("about_an_order", "Only surveys of the brand go without an order.", ordered),
        ],
        cluster_by=["email", "order_id"],
    )
