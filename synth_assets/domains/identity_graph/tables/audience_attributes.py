"""Audience attributes: the segment, the class and the prospects of every individual."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, CheckResult, Table, TableView
from synth_assets.core.partitioning import Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Derived
from synth_assets.domains.identity_graph import model as world
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.audience import MONTH, counted
from synth_assets.domains.identity_graph.checks import ENOUGH, at_home, counts, recomputed
from synth_assets.domains.identity_graph.layout import DOMAIN, config_of
from synth_assets.domains.identity_graph.model import open_world
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.domains.identity_graph.tables import content_engagements, individuals
from synth_assets.quality.building import row_check, when_complete
from synth_assets.quality.structural import unique_in_partition
from synth_assets.randomness.random_arrays import Ints, Small, named
from synth_assets.randomness.values import DAY, cents, moment, since_epoch

NAME = "audience_attributes"
# Affinities, rates and weights are whole millionths until they are shown.
MILLION = 1_000_000
# Least and greatest propensity to convert of each class, in millionths.
PROPENSITY = ((600_000, 900_000), (300_000, 600_000), (100_000, 300_000), (0, 100_000))
# What an engagement of somebody who is sure to convert is worth, in US cents.
WORTH = 250
# Of the primary threshold, what makes a secondary segment.
SECONDARY = 0.5


class AudienceAttributes(dy.Schema):
    """What an individual is to those who advertise."""

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
        terms.BEHAVIORS, description="By engagements a day, lately and in all."
    )
    propensity_to_convert = dy.Float64(
        min=0, max=1, description="How likely the individual is to buy: by class, and how lately."
    )
    lifetime_value_estimate = dy.Decimal(
        10, 2, min=0, description="Engagements times propensity times 2.50 US dollars."
    )
    computed_at = dy.Datetime(time_unit="us", description="The end of the period (UTC).")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """The attributes of a shard's individuals."""
    config = config_of(stored)
    people = counted(stored, key)
    counts = people["by_category"].to_numpy()
    affinity = affinities(counts)
    order = np.argsort(-counts, axis=1, kind="stable")
    of_taste = open_world(config).segment_of_taste
    primary, secondary = _segments(config, affinity, order, of_taste)
    events = people["events"].to_numpy()
    behavior = behaviors(config, events, people["last_month"].to_numpy())
    propensity = propensities(config, behavior, people["last"].to_numpy())
    return pl.LazyFrame(
        {
            "attribute_id": people["individual_id"],
            "individual_id": people["individual_id"],
            "segment_primary": named(primary, terms.SEGMENTS),
            "segment_secondary": secondary,
            "affinity_scores": _scores(affinity),
            "behavioral_classification": named(behavior, terms.BEHAVIORS),
            "propensity": propensity,
            "worth": events * propensity * WORTH // MILLION,
        }
    ).with_columns(
        propensity_to_convert=pl.col("propensity").cast(pl.Float64) / MILLION,
        lifetime_value_estimate=cents(pl.col("worth")),
        computed_at=moment(pl.lit(since_epoch(config.end))),
    )


def affinities(counts: Ints) -> Ints:
    """Share of each category in millionths, which sum to a million; zeros without engagements."""
    total = counts.sum(axis=1)
    running = np.cumsum(counts, axis=1) * MILLION // np.maximum(total, 1)[:, None]
    found: Ints = np.diff(running, axis=1, prepend=0)
    return found


def _segments(
    config: GenerationConfig, affinity: Ints, order: Ints, of_taste: Small
) -> tuple[Ints, pl.Series]:
    """The primary segment of each individual, and the secondary ones."""
    ranked = np.take_along_axis(affinity, order, axis=1)
    threshold = round(config.audience_config.affinity_threshold * MILLION)
    casual = terms.SEGMENTS.index(terms.CASUAL)
    keen = (ranked[:, 0] >= threshold) & (ranked[:, 0] > 0)
    primary = np.where(keen, of_taste[order[:, 0]], casual)
    words, parts = pl.Series(terms.SEGMENTS), []
    for n in range(3):
        segment = of_taste[order[:, n]]
        some = (ranked[:, n] >= round(threshold * SECONDARY)) & (ranked[:, n] > 0)
        none = ~some | (segment == primary) | (segment == casual)
        parts.append(pl.Series(f"{n}", words.gather(segment)).set(pl.Series(none), None))
    listed = pl.DataFrame(parts).select(pl.concat_list(pl.all()).list.drop_nulls())
    return primary, listed.to_series()


def behaviors(config: GenerationConfig, events: Ints, last_month: Ints) -> Ints:
    """The class of each individual: by engagements a day, in all and in the last 30 days."""
    of, days = config.audience_config, (config.end - config.start_date).days
    often = round(of.frequency_weight * 1_000) * events * MONTH
    late = round(of.recency_weight * 1_000) * last_month * days
    # Both are engagements a day, times a thousand, the days and the 30 days.
    level = often + late
    steps = (of.behavioral_thresholds.heavy, of.behavioral_thresholds.moderate,
             of.behavioral_thresholds.light)  # fmt: skip
    bounds = np.array([round(step * 1_000) * MONTH * days for step in steps], dtype=np.int64)
    found: Ints = (level[:, None] < bounds).sum(axis=1)
    return found


def propensities(config: GenerationConfig, behavior: Ints, last: Ints) -> Ints:
    """How likely each is to convert, in millionths: within the class, the later the likelier."""
    span = (config.end - config.start_date).days * DAY
    low, high = np.array(PROPENSITY, dtype=np.int64)[behavior].T
    lately = np.clip(last - since_epoch(config.start_date), 0, span)
    found: Ints = low + (high - low) * lately // span
    return found


def _scores(affinity: Ints) -> pl.Series:
    people, categories = affinity.shape
    scores = pl.Series("score", affinity.ravel()).cast(pl.Float64) / MILLION
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
    return stored.frame.filter(some & ((total - 1).abs() > 1e-9))


def _classes(stored: TableView) -> pl.LazyFrame:
    wrong = pl.lit(value=False)
    for name, (low, high) in zip(terms.BEHAVIORS, audience_propensity(), strict=True):
        is_ = pl.col("behavioral_classification").cast(pl.String) == name
        wrong = wrong | is_ & ~pl.col("propensity_to_convert").is_between(low, high)
    return stored.frame.filter(wrong)


def audience_propensity() -> list[tuple[float, float]]:
    """Least and greatest propensity of each class."""
    return [(low / MILLION, high / MILLION) for low, high in PROPENSITY]


def _segments_reached() -> Check:
    def measure(stored: TableView) -> list[CheckResult]:
        found = counts(pl.col("segment_primary"))(stored)
        here = world.open_world(config_of(stored))
        wanted = {
            terms.SEGMENTS[here.segment_of_taste[n]]
            for n, share in enumerate(here.taste_shares)
            if share
        }
        missing = [{"segment": s} for s in terms.SEGMENTS if s in wanted and not found.get(s)]
        rows = sum(found.values())
        if rows < ENOUGH:
            return [CheckResult(None, True, float(len(missing)), f"judged from {ENOUGH:,} rows on")]
        numbers = {f"share.{s}": n / rows for s, n in found.items()}
        return [
            CheckResult(None, not missing, float(len(missing)), "= 0 missing", numbers, missing)
        ]

    doc = "Every segment that people's tastes make has individuals, casual users among them."
    return when_complete(Check("segments_reached", doc, measure, per_partition=False))


def _checks() -> list[Check]:
    return [
        unique_in_partition(["individual_id"], name="unique_individual_id"),
        at_home("individual_id"),
        recomputed("segment_secondary", "affinity_scores"),
        row_check("affinities", "Affinity scores sum to one.", _affinities),
        row_check("propensities", "Propensity lies in the range of the class.", _classes),
        _segments_reached(),
    ]


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Segments, class and prospects of every individual, computed from stored engagements.",
        schema=AudienceAttributes,
        partitioning=partitioning,
        colocated=["individual_id"],
        checks=_checks(),
        grows_with=["num_households", "end_date"],
        source=Derived(derive),
        parents={"individual": individuals.NAME},
        deps=[content_engagements.NAME],
        cluster_by=["segment_primary", "behavioral_classification"],
    )
