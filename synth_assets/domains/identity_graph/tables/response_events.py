"""Responses: what an exposure brought."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import reach, terms
from synth_assets.domains.identity_graph.checks import Counts, at_home, fits, in_flight, own
from synth_assets.domains.identity_graph.layout import DOMAIN, EXPOSURES, of_shard, rows_before
from synth_assets.domains.identity_graph.reach import exposures, responses, unit
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.domains.identity_graph.tables import campaign_exposures, campaigns, individuals
from synth_assets.quality.building import partition_check, row_check
from synth_assets.randomness.random_arrays import named
from synth_assets.randomness.values import HOUR, cents, moment

NAME = "response_events"
CONVERSION = terms.RESPONSES.index("conversion")


class ResponseEvents(dy.Schema):
    """A response to an exposure."""

    response_id = dy.Int64(primary_key=True, min=1, description="The response's number.")
    individual_id = dy.Int64(
        description="Who responded.", metadata=references("individual", "individual_id")
    )
    campaign_id = dy.Int64(
        description="The campaign.", metadata=references("campaign", "campaign_id")
    )
    exposure_id = dy.Int64(
        description="The exposure responded to.", metadata=references("exposure", "exposure_id")
    )
    response_type = dy.Enum(terms.RESPONSES, description="What was done.")
    response_timestamp = dy.Datetime(
        time_unit="us", description="When (UTC): after the exposure, within the flight."
    )
    exposure_timestamp = dy.Datetime(time_unit="us", description="When the exposure was (UTC).")
    time_to_conversion_hours = dy.Float64(
        nullable=True, min=0, description="Hours from exposure to conversion; null for others."
    )
    value = dy.Decimal(
        10, 2, nullable=True, min=0, description="US dollars of a conversion; null for others."
    )


def generate(config: GenerationConfig, partition: Partition) -> pl.LazyFrame:
    """The responses of a partition."""
    seen = exposures(config, partition, unit(config))
    made = responses(config, seen)
    of = made.of
    converted = pl.col("kind") == CONVERSION
    hours = (pl.col("at") - pl.col("seen")) / HOUR
    return pl.LazyFrame(
        {
            "row": seen.row[of],
            "response_id": seen.number[of] + 1,
            "individual_id": seen.person[of] + 1,
            "campaign_id": seen.campaign[of] + 1,
            "exposure_id": seen.number[of] + 1,
            "kind": made.kind,
            "response_type": named(made.kind, terms.RESPONSES),
            "at": made.at,
            "seen": seen.at[of],
            "cents": made.value,
        }
    ).with_columns(
        response_timestamp=moment(pl.col("at")),
        exposure_timestamp=moment(pl.col("seen")),
        time_to_conversion_hours=pl.when(converted).then(hours.round(4)),
        value=pl.when(converted).then(cents(pl.col("cents"))),
    )


def _after_exposure(stored: TableView, key: str) -> pl.LazyFrame:
    """Responses that are not of their exposure's person and campaign, or not later than it."""
    same = ["individual_id", "campaign_id", "exposure_timestamp"]
    seen = of_shard(stored, EXPOSURES, key).select(
        "exposure_id", *(pl.col(n).alias(f"{n}_seen") for n in same)
    )
    joined = own(stored, key).join(seen, on="exposure_id")
    agrees = pl.all_horizontal(pl.col(n) == pl.col(f"{n}_seen") for n in same)
    later = pl.col("response_timestamp") > pl.col("exposure_timestamp")
    return joined.filter(~(agrees & later)).drop([f"{n}_seen" for n in same])


def _response_types(config: GenerationConfig) -> Counts:
    rate = config.campaign_config.conversion_rate
    shares = (*(share * (1 - rate) for share in reach.OTHERS), rate)
    return dict(zip(terms.RESPONSES, shares, strict=True))


def _valued(stored: TableView) -> pl.LazyFrame:
    """Responses with a value that are no conversion, or conversions without hours or value."""
    converted = pl.col("response_type").cast(pl.String) == "conversion"
    hours = (pl.col("response_timestamp") - pl.col("exposure_timestamp")).dt.total_seconds() / 3_600
    told = pl.col("time_to_conversion_hours")
    wrong = (told - hours).abs() > 1e-3
    return stored.frame.filter(
        (pl.col("value").is_not_null() != converted)
        | (told.is_not_null() != converted)
        | wrong.fill_null(value=False)
    )


def _checks() -> list[Check]:
    return [
        at_home("individual_id"),
        in_flight("response_timestamp"),
        partition_check(
            "after_exposure",
            "Responses come after their exposure, and are of it.",
            _after_exposure,
            [EXPOSURES],
        ),
        row_check("valued", "Conversions, and they alone, have a value and hours.", _valued),
        fits("response_types", "response_type", _response_types),
    ]


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Responses to exposures: clicks, visits, engagements and conversions.",
        schema=ResponseEvents,
        partitioning=partitioning,
        colocated=["individual_id", "exposure_id"],
        checks=_checks(),
        grows_with=["num_households", "num_campaigns"],
        source=Generated(rows_before(unit), generate),
        parents={
            "individual": individuals.NAME,
            "campaign": campaigns.NAME,
            "exposure": campaign_exposures.NAME,
        },
        cluster_by=["response_timestamp", "campaign_id"],
    )
