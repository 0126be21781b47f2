"""Outcomes: the part of each exposure in a response, by four models (see ``attribution``)."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.attribution import MILLION, attributed
from synth_assets.domains.identity_graph.campaign_delivery import (
    SEQUENCE_BITS,
    exposures,
    rows_per_household,
)
from synth_assets.domains.identity_graph.campaign_responses import responses
from synth_assets.domains.identity_graph.checks import in_own_shard, this_shard
from synth_assets.domains.identity_graph.layout import (
    EXPOSURES,
    RESPONSES,
    rows_before,
    rows_in_shard,
)
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.tables import (
    campaign_exposures,
    campaigns,
    individuals,
    response_events,
)
from synth_assets.quality.building import partition_check
from synth_assets.quality.keys import unique_in_partition
from synth_assets.randomness.random_arrays import as_enum
from synth_assets.randomness.values import HOUR, cents, moment, since_epoch

NAME = "outcome_metrics"
# An outcome's number is the response's, the exposure's sequence number and the model's index, in so
# many bits.
MODEL_BITS = 2
# Factors of the engagement score, in percent: by kind of response, and by hours since the exposure
# (under 24, 48, 120, and more).
SCORES = {"conversion": 100, "engagement": 70, "visit": 40, "click": 20}
RECENCY_HOURS, RECENCY = (24, 48, 120), (100, 90, 70, 50)
STATUS_OF = {"conversion": "converted", "engagement": "engaged", "visit": "engaged"}


class OutcomeMetrics(dy.Schema):
    """The part of an exposure in a response, by one model."""

    outcome_id = dy.Int64(min=1, description="The outcome's number; no two are alike.")
    response_id = dy.Int64(
        primary_key=True,
        description="The response.",
        metadata=references("response", "response_id"),
    )
    exposure_id = dy.Int64(
        primary_key=True,
        description="An exposure before it.",
        metadata=references("exposure", "exposure_id"),
    )
    attribution_model = dy.Enum(
        terms.MODELS, primary_key=True, description="How the response is put down to exposures."
    )
    attribution_weight = dy.Decimal(
        7, 6, min=0, max=1, description="Part of the exposure; they sum to 1 a response and model."
    )
    individual_id = dy.Int64(
        description="Who responded.", metadata=references("individual", "individual_id")
    )
    campaign_id = dy.Int64(
        description="The campaign.", metadata=references("campaign", "campaign_id")
    )
    conversion_status = dy.Enum(
        terms.STATUSES, description="Converted; engaged by a visit or engagement; or a mere click."
    )
    revenue = dy.Decimal(
        10, 2, min=0, description="The exposure's part of the conversion's value, US dollars."
    )
    engagement_score = dy.Float64(
        min=0, max=1, description="By the kind of response, and how soon after its exposure."
    )
    computed_at = dy.Datetime(
        time_unit="us", description="The end of the first period (local time)."
    )


def generate(config: IdentityGraphScenario, partition: Partition) -> pl.LazyFrame:
    """The outcomes of individuals in a partition's households.

    Args:
        config: Seed and volumes.
        partition: Row numbers to generate.
    """
    exposed = exposures(config, partition)
    responded = responses(config, exposed)
    touches = attributed(exposed, responded)
    of, models = touches.response, len(terms.MODELS)
    answered = responded.exposure[of]
    response = exposed.number[answered]
    number = (response << SEQUENCE_BITS | touches.sequence)[:, None] << MODEL_BITS
    number = number | np.arange(models)
    hours = (responded.at - exposed.at[responded.exposure]) // HOUR
    kinds = np.array([SCORES[name] for name in terms.RESPONSES])
    recency = np.array(RECENCY)[np.searchsorted(RECENCY_HOURS, hours, side="right")]
    score = kinds[responded.kind] * recency
    status = np.array(
        [terms.STATUSES.index(STATUS_OF.get(n, "no_action")) for n in terms.RESPONSES]
    )
    each = np.repeat(np.arange(len(of)), models)
    return pl.LazyFrame(
        {
            "row": exposed.row[answered][each],
            "outcome_id": number.ravel() + 1,
            "response_id": response[each] + 1,
            "exposure_id": exposed.number[touches.exposure][each] + 1,
            "attribution_model": as_enum(np.tile(np.arange(models), len(of)), terms.MODELS),
            "weight": touches.weights.ravel(),
            "individual_id": exposed.person[answered][each] + 1,
            "campaign_id": exposed.campaign[answered][each] + 1,
            "conversion_status": as_enum(status[responded.kind][of][each], terms.STATUSES),
            "cents": touches.revenue.ravel(),
            "score": score[of][each],
        }
    ).with_columns(
        attribution_weight=(pl.col("weight") / MILLION).cast(pl.Decimal(7, 6)),
        revenue=cents(pl.col("cents")),
        engagement_score=(pl.col("score") / 10_000).round(4),
        computed_at=moment(pl.lit(since_epoch(config.base_end))),
    )


def _weights(stored: TableView, key: str) -> pl.LazyFrame:
    """Outcomes of responses with weights that do not sum to one, or revenue to the value."""
    group = ["response_id", "attribution_model"]
    sums = (
        this_shard(stored, key)
        .group_by(group)
        .agg(pl.col("attribution_weight").sum(), pl.col("revenue").sum())
    )
    value = rows_in_shard(stored, RESPONSES, key).select(
        "response_id", pl.col("value").fill_null(0)
    )
    joined = sums.join(value, on="response_id")
    bad = joined.filter(
        (pl.col("attribution_weight") != 1) | (pl.col("revenue") != pl.col("value"))
    )
    return this_shard(stored, key).join(bad.select(group), on=group, how="semi")


def _every_model(stored: TableView, key: str) -> pl.LazyFrame:
    """Responses that are not attributed, or to different exposures by different models."""
    models = this_shard(stored, key).group_by("response_id", "exposure_id").agg(pl.len())
    bad = models.filter(pl.col("len") != len(terms.MODELS)).select("response_id", "exposure_id")
    here = this_shard(stored, key)
    incomplete = here.join(bad, on=["response_id", "exposure_id"], how="semi")
    known = rows_in_shard(stored, RESPONSES, key).select("response_id")
    missing = known.join(here, on="response_id", how="anti").collect()
    if missing.is_empty():
        return incomplete
    empty = {
        n: pl.lit(None, dtype=t) for n, t in here.collect_schema().items() if n != "response_id"
    }
    rows = (
        missing.lazy()
        .with_columns(**empty)
        .with_columns(pl.lit(key).alias(stored.table.partitioning.partition_column))
    )
    return pl.concat([incomplete, rows.select(here.collect_schema().names())])


def _touched_before(stored: TableView, key: str) -> pl.LazyFrame:
    """Outcomes with an exposure of another person or campaign, or after the response."""
    who = ["individual_id", "campaign_id"]
    seen = rows_in_shard(stored, EXPOSURES, key).select(
        "exposure_id", *who, seen="exposure_timestamp"
    )
    answered = rows_in_shard(stored, RESPONSES, key).select(
        "response_id", *who, at="response_timestamp"
    )
    here = this_shard(stored, key)
    sound = (
        here.select("response_id", "exposure_id", *who)
        .join(seen, on=["exposure_id", *who])
        .join(answered, on=["response_id", *who])
        .filter(pl.col("seen") < pl.col("at"))
    )
    return here.join(sound, on=["response_id", "exposure_id", *who], how="anti")


def _checks() -> list[Check]:
    return [
        unique_in_partition(["outcome_id"], name="unique_outcome_id"),
        in_own_shard("individual_id"),
        partition_check(
            "weights_sum_to_one",
            "Weights sum to 1, and revenue to the value, a response and model.",
            _weights,
            [RESPONSES],
        ),
        partition_check(
            "response_attributed_by_every_model",
            "Every response is attributed to exposures by all four models.",
            _every_model,
            [RESPONSES],
        ),
        partition_check(
            "exposure_before_response",
            "Exposures that count came before the response.",
            _touched_before,
            [EXPOSURES, RESPONSES],
        ),
    ]


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of outcomes.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Parts of exposures in responses, by first touch, last touch, linear and time decay.",
        schema=OutcomeMetrics,
        partitioning=partitioning,
        colocated=["individual_id", "exposure_id", "response_id"],
        checks=_checks(),
        grows_with=["num_households", "num_campaigns"],
        code_version="3",
        source=Generated(rows_before(rows_per_household), generate),
        parents={
            "individual": individuals.NAME,
            "campaign": campaigns.NAME,
            "exposure": campaign_exposures.NAME,
            "response": response_events.NAME,
        },
        cluster_by=["campaign_id", "attribution_model"],
    )
