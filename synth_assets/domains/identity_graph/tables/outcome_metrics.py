"""Outcomes: what each exposure had to do with a response, by four models of attribution.

A response is put down to the exposures of the individual to the campaign that came before it: the
first, the last, all alike, or all but the earlier the less. Weights and revenue are exact parts:
they sum to one, and to the response's value, for each response and model.
"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.checks import at_home, own
from synth_assets.domains.identity_graph.layout import (
    DOMAIN,
    EXPOSURES,
    RESPONSES,
    of_shard,
    rows_before,
)
from synth_assets.domains.identity_graph.reach import (
    TURN_BITS,
    Exposures,
    Responses,
    exposures,
    responses,
    unit,
)
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.domains.identity_graph.tables import (
    campaign_exposures,
    campaigns,
    individuals,
    response_events,
)
from synth_assets.quality.building import partition_check
from synth_assets.quality.structural import unique_in_partition
from synth_assets.randomness.random_arrays import Ints, named, within
from synth_assets.randomness.values import HOUR, cents, moment, since_epoch

NAME = "outcome_metrics"
MILLION, MODEL_BITS = 1_000_000, 2
# After so many days an exposure counts for half, in the model of time decay.
HALF_LIFE_DAYS = 7
# What an exposure counts for so many hours before the response, against one at its time.
FADED = np.rint(2.0 ** (-np.arange(24 * 732) / (24 * HALF_LIFE_DAYS)) * 2**40).astype(np.int64)
# Hundredths of the engagement score: by kind of response, and by hours since the exposure.
SCORES = {"conversion": 100, "engagement": 70, "visit": 40, "click": 20}
RECENT_HOURS, RECENT = (24, 48, 120), (100, 90, 70, 50)
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
    computed_at = dy.Datetime(time_unit="us", description="The end of the first period (UTC).")


def generate(config: GenerationConfig, partition: Partition) -> pl.LazyFrame:
    """The outcomes of a partition."""
    seen = exposures(config, partition, unit(config))
    made = responses(config, seen)
    touches = _touches(seen, made)
    of = np.repeat(np.arange(len(made.of)), touches)
    turn = within(touches)
    exposure = seen.first[made.of][of] + turn
    starts = np.cumsum(touches) - touches
    faded = FADED[(made.at[of] - seen.at[exposure]) // HOUR]
    sums = np.add.reduceat(faded, starts) if len(starts) else faded
    last = turn == touches[of] - 1
    weights = np.stack(
        [
            np.where(turn == 0, MILLION, 0),
            np.where(last, MILLION, 0),
            MILLION // touches[of],
            faded * MILLION // sums[of],
        ],
        axis=1,
    )
    weights = _filled(weights, np.full(len(made.of), MILLION, dtype=np.int64), starts, last)
    revenue = made.value[of][:, None] * weights // MILLION
    revenue = _filled(revenue, made.value, starts, last)
    models = len(terms.MODELS)
    response = seen.number[made.of][of]
    number = (response << TURN_BITS | turn)[:, None] << MODEL_BITS | np.arange(models)
    hours = (made.at - seen.at[made.of]) // HOUR
    kinds = np.array([SCORES[name] for name in terms.RESPONSES])
    score = kinds[made.kind] * np.array(RECENT)[np.searchsorted(RECENT_HOURS, hours, side="right")]
    status = np.array(
        [terms.STATUSES.index(STATUS_OF.get(n, "no_action")) for n in terms.RESPONSES]
    )
    each = np.repeat(np.arange(len(of)), models)
    return pl.LazyFrame(
        {
            "row": seen.row[made.of][of][each],
            "outcome_id": number.ravel() + 1,
            "response_id": response[each] + 1,
            "exposure_id": seen.number[exposure][each] + 1,
            "attribution_model": named(np.tile(np.arange(models), len(of)), terms.MODELS),
            "weight": weights.ravel(),
            "individual_id": seen.person[made.of][of][each] + 1,
            "campaign_id": seen.campaign[made.of][of][each] + 1,
            "conversion_status": named(status[made.kind][of][each], terms.STATUSES),
            "cents": revenue.ravel(),
            "score": score[of][each],
        }
    ).with_columns(
        attribution_weight=(pl.col("weight") / MILLION).cast(pl.Decimal(7, 6)),
        revenue=cents(pl.col("cents")),
        engagement_score=(pl.col("score") / 10_000).round(4),
        computed_at=moment(pl.lit(since_epoch(config.base_end))),
    )


def _touches(seen: Exposures, made: Responses) -> Ints:
    """How many exposures to the campaign came before each response."""
    first, count = seen.first[made.of], seen.count[made.of]
    touches = np.zeros(len(made.of), dtype=np.int64)
    for turn in range(int(count.max()) if len(count) else 0):
        place = np.minimum(first + turn, first + count - 1)
        touches += (turn < count) & (seen.at[place] < made.at)
    return touches


def _filled(parts: Ints, wholes: Ints, starts: Ints, last: npt.NDArray[np.bool_]) -> Ints:
    """Parts that sum to the whole of their group: the last takes what rounding left."""
    if not len(starts):
        return parts
    short = wholes[:, None] - np.add.reduceat(parts, starts, axis=0)
    made = parts.copy()
    made[last] += short
    return made


def _weights(stored: TableView, key: str) -> pl.LazyFrame:
    """Outcomes of responses whose weights do not sum to one, or revenue to their value."""
    group = ["response_id", "attribution_model"]
    sums = (
        own(stored, key)
        .group_by(group)
        .agg(pl.col("attribution_weight").sum(), pl.col("revenue").sum())
    )
    value = of_shard(stored, RESPONSES, key).select("response_id", pl.col("value").fill_null(0))
    joined = sums.join(value, on="response_id")
    bad = joined.filter(
        (pl.col("attribution_weight") != 1) | (pl.col("revenue") != pl.col("value"))
    )
    return own(stored, key).join(bad.select(group), on=group, how="semi")


def _every_model(stored: TableView, key: str) -> pl.LazyFrame:
    """Responses without some model, or put down to the same exposures by not all of them."""
    models = own(stored, key).group_by("response_id", "exposure_id").agg(pl.len())
    bad = models.filter(pl.col("len") != len(terms.MODELS)).select("response_id", "exposure_id")
    here = own(stored, key)
    some = here.join(bad, on=["response_id", "exposure_id"], how="semi")
    told = of_shard(stored, RESPONSES, key).select("response_id")
    lost = told.join(here, on="response_id", how="anti").collect()
    if lost.is_empty():
        return some
    empty = {
        n: pl.lit(None, dtype=t) for n, t in here.collect_schema().items() if n != "response_id"
    }
    rows = (
        lost.lazy()
        .with_columns(**empty)
        .with_columns(pl.lit(key).alias(stored.table.partitioning.partition_column))
    )
    return pl.concat([some, rows.select(here.collect_schema().names())])


def _touched_before(stored: TableView, key: str) -> pl.LazyFrame:
    """Outcomes of exposures that were another's, another campaign's, or after the response."""
    who = ["individual_id", "campaign_id"]
    seen = of_shard(stored, EXPOSURES, key).select("exposure_id", *who, seen="exposure_timestamp")
    answered = of_shard(stored, RESPONSES, key).select("response_id", *who, at="response_timestamp")
    here = own(stored, key)
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
        at_home("individual_id"),
        partition_check(
            "weights",
            "Weights sum to 1, and revenue to the value, a response and model.",
            _weights,
            [RESPONSES],
        ),
        partition_check(
            "every_model",
            "Every response is put down to exposures by all four models.",
            _every_model,
            [RESPONSES],
        ),
        partition_check(
            "touched_before",
            "Exposures that count came before the response.",
            _touched_before,
            [EXPOSURES, RESPONSES],
        ),
    ]


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Parts of exposures in responses, by first touch, last touch, linear and time decay.",
        schema=OutcomeMetrics,
        partitioning=partitioning,
        colocated=["individual_id", "exposure_id", "response_id"],
        checks=_checks(),
        grows_with=["num_households", "num_campaigns"],
        source=Generated(rows_before(unit), generate),
        parents={
            "individual": individuals.NAME,
            "campaign": campaigns.NAME,
            "exposure": campaign_exposures.NAME,
            "response": response_events.NAME,
        },
        cluster_by=["campaign_id", "attribution_model"],
    )
