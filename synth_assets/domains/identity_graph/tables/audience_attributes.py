"""Audience attributes: segments, behavioral class, propensity and value of every individual."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import references
from synth_assets.core.sources import Derived
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.audience import engagement_summary
from synth_assets.domains.identity_graph.audience_scores import (
    MILLION,
    PROPENSITY,
    affinities,
    behaviors,
    propensities,
    segments,
)
from synth_assets.domains.identity_graph.checks import (
    MIN_INDIVIDUALS,
    in_own_shard,
    recomputed,
    this_shard,
    value_counts,
)
from synth_assets.domains.identity_graph.layout import ENGAGEMENTS, config_of, rows_in_shard
from synth_assets.domains.identity_graph.model import open_model
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.tables import content_engagements, individuals
from synth_assets.quality.building import partition_check, row_check, when_complete
from synth_assets.quality.keys import unique_in_partition
from synth_assets.randomness.random_arrays import Ints, as_enum
from synth_assets.randomness.values import DAY, cents, moment, since_epoch

NAME = "audience_attributes"
# Value of an engagement at a propensity of one, in US cents.
ENGAGEMENT_VALUE = 250


class AudienceAttributes(dy.Schema):
    """The attributes of an individual that advertisers use."""

    attribute_id = dy.Int64(primary_key=True, min=1, description="The attribute's number.")
    individual_id = dy.Int64(
        description="Whose it is.", metadata=references("individual", "individual_id")
    )
    segment_primary = dy.Enum(
        terms.SEGMENTS, description="Segment of the category of most engagements, or casual."
    )
    segment_secondary = dy.List(
        dy.String(), description="Further segments, most engagements first."
    )
    affinity_scores = dy.List(
        dy.Struct({"category": dy.String(), "score": dy.Float64(min=0, max=1)}),
        description="Share of engagements of each category; they sum to one. Empty without any.",
    )
    behavioral_classification = dy.Enum(
        terms.BEHAVIORS,
        description="Churned by the last engagement; else by engagements a day, lately and in all.",
    )
    propensity_to_convert = dy.Float64(
        min=0, max=1, description="How likely the individual is to buy: by class, and how lately."
    )
    lifetime_value_estimate = dy.Decimal(
        10, 2, min=0, description="Engagements times propensity times 2.50 US dollars."
    )
    computed_at = dy.Datetime(time_unit="us", description="The end of the period (local time).")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """The attributes of a shard's individuals.

    Args:
        stored: The table, with the domain's stored tables.
        key: The shard's partition key.
    """
    config = config_of(stored)
    people = engagement_summary(stored, key)
    counts = people["by_category"].to_numpy()
    affinity = affinities(counts)
    order = np.argsort(-counts, axis=1, kind="stable")
    of_category = open_model(config).segment_of_preference
    primary, secondary = segments(config, affinity, order, of_category)
    events = people["events"].to_numpy()
    last = people["last"].to_numpy()
    behavior = behaviors(config, events, people["last_month"].to_numpy(), last)
    propensity = propensities(config, behavior, last)
    return pl.LazyFrame(
        {
            "attribute_id": people["individual_id"],
            "individual_id": people["individual_id"],
            "segment_primary": as_enum(primary, terms.SEGMENTS),
            "segment_secondary": secondary,
            "affinity_scores": _scores(affinity),
            "behavioral_classification": as_enum(behavior, terms.BEHAVIORS),
            "propensity": propensity,
            "value": events * propensity * ENGAGEMENT_VALUE // MILLION,
        }
    ).with_columns(
        propensity_to_convert=(pl.col("propensity").cast(pl.Float64) / MILLION).round(6),
        lifetime_value_estimate=cents(pl.col("value")),
        computed_at=moment(pl.lit(since_epoch(config.end))),
    )


def _scores(affinity: Ints) -> pl.Series:
    people, categories = affinity.shape
    scores = (pl.Series("score", affinity.ravel()).cast(pl.Float64) / MILLION).round(6)
    names = pl.Series("category", terms.CATEGORIES).gather(
        np.tile(np.arange(categories, dtype=np.uint32), people)
    )
    pairs = pl.DataFrame([names, scores]).to_struct().reshape((people, categories))
    none = pl.Series(affinity.sum(axis=1) == 0)
    listed = pairs.arr.to_list()
    kept = pl.when(~none).then(listed).otherwise(listed.list.head(0))
    return pl.select(kept).to_series()


def _affinities(stored: TableView) -> pl.LazyFrame:
    total = pl.col("affinity_scores").list.eval(pl.element().struct.field("score")).list.sum()
    some = pl.col("affinity_scores").list.len() > 0
    return stored.current().filter(some & ((total - 1).abs() > 1e-9))


def _classes(stored: TableView) -> pl.LazyFrame:
    wrong = pl.lit(value=False)
    for name, (low, high) in zip(terms.BEHAVIORS, PROPENSITY, strict=True):
        of_class = pl.col("behavioral_classification").cast(pl.String) == name
        inside = pl.col("propensity_to_convert").is_between(low / MILLION, high / MILLION)
        wrong = wrong | of_class & ~inside
    return stored.current().filter(wrong)


def _recency(stored: TableView, key: str) -> pl.LazyFrame:
    """Churned individuals with a recent engagement, and others without one."""
    config = config_of(stored)
    days = config.audience_config.churned_after_days
    here = this_shard(stored, key)
    if days is None:
        return here.head(0)
    limit = pl.lit((since_epoch(config.end) - days * DAY) * 1_000_000).cast(pl.Datetime("us"))
    lately = rows_in_shard(stored, ENGAGEMENTS, key).filter(pl.col("timestamp") >= limit)
    active = lately.select("individual_id").unique().with_columns(active=pl.lit(value=True))
    churned = pl.col("behavioral_classification").cast(pl.String) == "Churned"
    joined = here.join(active, on="individual_id", how="left")
    return joined.filter(pl.col("active").fill_null(value=False) == churned).drop("active")


def _segments_reached() -> Check:
    def measure(stored: TableView) -> list[CheckResult]:
        found = value_counts(pl.col("segment_primary"))(stored)
        model = open_model(config_of(stored))
        expected = {
            terms.SEGMENTS[model.segment_of_preference[n]]
            for n, share in enumerate(model.preference_shares)
            if share
        }
        missing = [{"segment": s} for s in terms.SEGMENTS if s in expected and not found.get(s)]
        rows = sum(found.values())
        if rows < MIN_INDIVIDUALS:
            return [
                CheckResult(
                    None, True, float(len(missing)), f"judged from {MIN_INDIVIDUALS:,} rows on"
                )
            ]
        numbers = {f"share.{s}": n / rows for s, n in found.items()}
        return [
            CheckResult(None, not missing, float(len(missing)), "= 0 missing", numbers, missing)
        ]

    doc = "Every segment of a preferred category has individuals, and so have casual users."
    return when_complete(Check("every_segment_has_individuals", doc, measure, per_partition=False))


def _checks() -> list[Check]:
    return [
        unique_in_partition(["individual_id"], name="unique_individual_id"),
        in_own_shard("individual_id"),
        recomputed("segment_secondary", "affinity_scores"),
        row_check("affinity_scores_sum_to_one", "Affinity scores sum to one.", _affinities),
        row_check(
            "propensity_in_class_range", "Propensity is in the range of the class.", _classes
        ),
        partition_check(
            "churned_matches_recency",
            "Churned are those, and only those, without an engagement in the last days.",
            _recency,
            [ENGAGEMENTS],
        ),
        _segments_reached(),
    ]


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of audience attributes.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Segments, class and prospects of every individual, computed from stored engagements.",
        schema=AudienceAttributes,
        partitioning=partitioning,
        colocated=["individual_id"],
        checks=_checks(),
        grows_with=["num_households", "end_date"],
        code_version="3",
        source=Derived(derive),
        parents={"individual": individuals.NAME},
        deps=[content_engagements.NAME],
        cluster_by=["segment_primary", "behavioral_classification"],
    )
