"""Responses to exposures (see ``campaign_responses``)."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.campaign_delivery import exposures, rows_per_household
from synth_assets.domains.identity_graph.campaign_responses import (
    LONGEST_DELAY,
    NON_CONVERSION_SHARES,
    responses,
)
from synth_assets.domains.identity_graph.checks import (
    Counts,
    counts_of,
    declared,
    in_own_shard,
    this_shard,
    with_campaign,
    within_flight,
)
from synth_assets.domains.identity_graph.layout import (
    CAMPAIGNS,
    EXPOSURES,
    config_of,
    rows_before,
    rows_in_shard,
)
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.tables import campaign_exposures, campaigns, individuals
from synth_assets.quality.building import partition_check, row_check
from synth_assets.quality.goodness_of_fit import chi_square_test
from synth_assets.randomness.random_arrays import as_enum
from synth_assets.randomness.values import HOUR, cents, moment, since_epoch

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
        time_unit="us", description="When (local time): after the exposure, within the flight."
    )
    exposure_timestamp = dy.Datetime(
        time_unit="us", description="When the exposure was (local time)."
    )
    time_to_conversion_hours = dy.Float64(
        nullable=True, min=0, description="Hours from exposure to conversion; null for others."
    )
    value = dy.Decimal(
        10, 2, nullable=True, min=0, description="US dollars of a conversion; null for others."
    )


def generate(config: IdentityGraphScenario, partition: Partition) -> pl.LazyFrame:
    """The responses of individuals in a partition's households.

    Args:
        config: Seed and volumes.
        partition: Row numbers to generate.
    """
    exposed = exposures(config, partition)
    responded = responses(config, exposed)
    of = responded.exposure
    converted = pl.col("kind") == CONVERSION
    hours = (pl.col("at") - pl.col("seen")) / HOUR
    return pl.LazyFrame(
        {
            "row": exposed.row[of],
            "response_id": exposed.number[of] + 1,
            "individual_id": exposed.person[of] + 1,
            "campaign_id": exposed.campaign[of] + 1,
            "exposure_id": exposed.number[of] + 1,
            "kind": responded.kind,
            "response_type": as_enum(responded.kind, terms.RESPONSES),
            "at": responded.at,
            "seen": exposed.at[of],
            "cents": responded.value,
        }
    ).with_columns(
        response_timestamp=moment(pl.col("at")),
        exposure_timestamp=moment(pl.col("seen")),
        time_to_conversion_hours=pl.when(converted).then(hours.round(4)),
        value=pl.when(converted).then(cents(pl.col("cents"))),
    )


def _after_exposure(stored: TableView, key: str) -> pl.LazyFrame:
    """Responses with another person, campaign or time than their exposure, or not after it."""
    same = ["individual_id", "campaign_id", "exposure_timestamp"]
    seen = rows_in_shard(stored, EXPOSURES, key).select(
        "exposure_id", *(pl.col(n).alias(f"{n}_seen") for n in same)
    )
    joined = this_shard(stored, key).join(seen, on="exposure_id")
    agrees = pl.all_horizontal(pl.col(n) == pl.col(f"{n}_seen") for n in same)
    later = pl.col("response_timestamp") > pl.col("exposure_timestamp")
    return joined.filter(~(agrees & later)).drop([f"{n}_seen" for n in same])


def _response_types(config: IdentityGraphScenario) -> Counts:
    rate = config.campaign_config.conversion_rate
    shares = (*(share * (1 - rate) for share in NON_CONVERSION_SHARES), rate)
    return dict(zip(terms.RESPONSES, shares, strict=True))


def _types_before_the_end(stored: TableView) -> Counts:
    """Responses of each type, of exposures that are early enough for a response of any type."""
    end = pl.lit(since_epoch(config_of(stored).end) * 1_000_000).cast(pl.Datetime("us"))
    # The end date is the last day of the flight.
    flight = pl.col("end_date").cast(pl.Datetime("us")) + pl.duration(days=1)
    latest = pl.min_horizontal(flight, end) - pl.duration(seconds=LONGEST_DELAY)
    early = with_campaign(stored.all(), stored, "end_date").filter(
        pl.col("exposure_timestamp") < latest
    )
    return counts_of(early, pl.col("response_type"))


def _response_type_distribution() -> Check:
    """Visits and conversions take days: near the end of a flight most responses left are clicks."""
    return chi_square_test(
        "response_type_distribution",
        "Values of `response_type` have the declared shares, of exposures so long before the end "
        "of the flight that no response is left out.",
        _types_before_the_end,
        declared(_response_types),
        reads=[CAMPAIGNS],
    )


def _conversion_has_value(stored: TableView) -> pl.LazyFrame:
    """Responses other than conversions with a value or hours, and conversions without, or wrong."""
    converted = pl.col("response_type").cast(pl.String) == "conversion"
    hours = (pl.col("response_timestamp") - pl.col("exposure_timestamp")).dt.total_seconds() / 3_600
    reported = pl.col("time_to_conversion_hours")
    wrong = (reported - hours).abs() > 1e-3
    return stored.current().filter(
        (pl.col("value").is_not_null() != converted)
        | (reported.is_not_null() != converted)
        | wrong.fill_null(value=False)
    )


def _checks() -> list[Check]:
    return [
        in_own_shard("individual_id"),
        within_flight("response_timestamp"),
        partition_check(
            "response_after_exposure",
            "Responses are after their exposure, with its individual and campaign.",
            _after_exposure,
            [EXPOSURES],
        ),
        row_check(
            "only_conversions_have_value",
            "Conversions, and they alone, have a value and hours.",
            _conversion_has_value,
        ),
        _response_type_distribution(),
    ]


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of responses.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Responses to exposures: clicks, visits, engagements and conversions.",
        schema=ResponseEvents,
        partitioning=partitioning,
        colocated=["individual_id", "exposure_id"],
        checks=_checks(),
        grows_with=["num_households", "num_campaigns"],
        code_version="3",
        source=Generated(rows_before(rows_per_household), generate),
        parents={
            "individual": individuals.NAME,
            "campaign": campaigns.NAME,
            "exposure": campaign_exposures.NAME,
        },
        cluster_by=["response_timestamp", "campaign_id"],
    )
