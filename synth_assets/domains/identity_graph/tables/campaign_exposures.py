"""Exposures: an individual saw a campaign (see ``campaign_delivery``)."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.campaign_delivery import exposures, rows_per_household
from synth_assets.domains.identity_graph.checks import (
    in_own_shard,
    within_flight,
)
from synth_assets.domains.identity_graph.exposure_checks import exposure_checks
from synth_assets.domains.identity_graph.layout import (
    rows_before,
)
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.tables import campaigns, individuals
from synth_assets.randomness.random_arrays import as_enum
from synth_assets.randomness.values import moment, since_epoch

NAME = "campaign_exposures"
PLACEMENTS = tuple(name for channel in terms.CHANNELS for name in terms.PLACEMENTS[channel])
# Cost of one impression on each channel, in ten-thousandths of a US dollar.
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
    exposure_timestamp = dy.Datetime(
        time_unit="us", description="When (local time), within the flight."
    )
    channel = dy.Enum(terms.CHANNELS, description="On which of the campaign's channels.")
    frequency = dy.Int32(
        min=1, description="How many times the individual had then seen the campaign."
    )
    placement = dy.Enum(PLACEMENTS, description="Where on the channel.")
    cost = dy.Decimal(8, 4, min=0, description="US dollars, by the channel's cost per mille.")


def generate(config: IdentityGraphScenario, partition: Partition) -> pl.LazyFrame:
    """The exposures of individuals in a partition's households.

    Args:
        config: Seed and volumes.
        partition: Row numbers to generate.
    """
    exposed = exposures(config, partition)
    place = exposed.channel.astype(np.int64) * 3 + exposed.placement
    return (
        pl.LazyFrame(
            {
                "row": exposed.row,
                "exposure_id": exposed.number + 1,
                "individual_id": exposed.person + 1,
                "campaign_id": exposed.campaign + 1,
                "at": exposed.at,
                "channel": as_enum(exposed.channel, terms.CHANNELS),
                "frequency": (exposed.sequence + 1).astype(np.int32),
                "placement": as_enum(place, PLACEMENTS),
                "ten_thousandths": COSTS.gather(exposed.channel),
            }
        )
        .filter(pl.col("at") < since_epoch(config.end))
        .with_columns(
            exposure_timestamp=moment(pl.col("at")),
            cost=(pl.col("ten_thousandths") / 10_000).cast(pl.Decimal(8, 4)),
        )
    )


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of exposures.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Exposures of individuals to campaigns.",
        schema=CampaignExposures,
        partitioning=partitioning,
        colocated=["individual_id"],
        checks=[
            in_own_shard("individual_id"),
            within_flight("exposure_timestamp"),
            *exposure_checks(),
        ],
        grows_with=["num_households", "num_campaigns"],
        code_version="3",
        source=Generated(rows_before(rows_per_household), generate),
        parents={"individual": individuals.NAME, "campaign": campaigns.NAME},
        cluster_by=["exposure_timestamp", "campaign_id"],
    )
