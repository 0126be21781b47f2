"""Exposures: an individual saw a campaign."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import campaigns, individuals, terms
from synth_assets.domains.identity_graph.config import GenerationConfig
from synth_assets.domains.identity_graph.layout import DOMAIN, rows_before
from synth_assets.domains.identity_graph.reach import exposures, unit
from synth_assets.randomness.random_arrays import named
from synth_assets.randomness.values import moment, since_epoch

NAME = "campaign_exposures"
PLACEMENTS = tuple(name for channel in terms.CHANNELS for name in terms.PLACEMENTS[channel])
# Ten-thousandths of a US dollar that one impression costs, by channel.
COSTS = pl.Series([terms.COST_PER_MILLE[channel] // 10 for channel in terms.CHANNELS])


class CampaignExposures(dy.Schema):
    """An impression of a campaign."""

    exposure_id = dy.Int64(primary_key=True, min=1, description="The exposure's number.")
    individual_id = dy.Int64(
        description="Who saw it.", metadata=references("individual", "individual_id")
    )
    campaign_id = dy.Int64(
        description="The campaign.", metadata=references("campaign", "campaign_id")
    )
    exposure_timestamp = dy.Datetime(time_unit="us", description="When (UTC), within the flight.")
    channel = dy.Enum(terms.CHANNELS, description="On which of the campaign's channels.")
    frequency = dy.Int32(
        min=1, description="How many times the individual had then seen the campaign."
    )
    placement = dy.Enum(PLACEMENTS, description="Where on the channel.")
    cost = dy.Decimal(8, 4, min=0, description="US dollars, by the channel's cost per mille.")


def generate(config: GenerationConfig, partition: Partition) -> pl.LazyFrame:
    """The exposures of a partition."""
    made = exposures(config, partition, unit(config))
    place = made.channel.astype(np.int64) * 3 + made.placement
    return (
        pl.LazyFrame(
            {
                "row": made.row,
                "exposure_id": made.number + 1,
                "individual_id": made.person + 1,
                "campaign_id": made.campaign + 1,
                "at": made.at,
                "channel": named(made.channel, terms.CHANNELS),
                "frequency": (made.turn + 1).astype(np.int32),
                "placement": named(place, PLACEMENTS),
                "ten_thousandths": COSTS.gather(made.channel),
            }
        )
        .filter(pl.col("at") < since_epoch(config.end))
        .with_columns(
            exposure_timestamp=moment(pl.col("at")),
            cost=(pl.col("ten_thousandths") / 10_000).cast(pl.Decimal(8, 4)),
        )
    )


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Exposures of individuals to campaigns.",
        schema=CampaignExposures,
        partitioning=partitioning,
        colocated=["individual_id"],
        source=Generated(rows_before(unit), generate),
        parents={"individual": individuals.NAME, "campaign": campaigns.NAME},
        cluster_by=["exposure_timestamp", "campaign_id"],
    )
