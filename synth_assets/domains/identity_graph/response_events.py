"""Responses: what an exposure brought."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import campaign_exposures, campaigns, individuals, terms
from synth_assets.domains.identity_graph.config import GenerationConfig
from synth_assets.domains.identity_graph.layout import DOMAIN, rows_before
from synth_assets.domains.identity_graph.reach import exposures, responses, unit
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


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Responses to exposures: clicks, visits, engagements and conversions.",
        schema=ResponseEvents,
        partitioning=partitioning,
        colocated=["individual_id", "exposure_id"],
        source=Generated(rows_before(unit), generate),
        parents={
            "individual": individuals.NAME,
            "campaign": campaigns.NAME,
            "exposure": campaign_exposures.NAME,
        },
        cluster_by=["response_timestamp", "campaign_id"],
    )
