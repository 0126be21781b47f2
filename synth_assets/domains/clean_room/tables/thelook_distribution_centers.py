"""Distribution centers: one row each, ten in all, as the public data set lists them."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.sources import Generated, evenly, row_numbers
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario
from synth_assets.quality.row_counts import row_count
from synth_assets.randomness.lookup import gather

NAME = "thelook_distribution_centers"
CENTERS = (
    ("Memphis TN", 35.1174, -89.9711),
    ("Chicago IL", 41.8369, -87.6847),
    ("Houston TX", 29.7604, -95.3698),
    ("Los Angeles CA", 34.05, -118.25),
    ("New Orleans LA", 29.95, -90.0667),
    ("Port Authority of New York/New Jersey NY/NJ", 40.634, -73.7834),
    ("Philadelphia PA", 39.95, -75.1667),
    ("Mobile AL", 30.6944, -88.0431),
    ("Charleston SC", 32.7833, -79.9333),
    ("Savannah GA", 32.0167, -81.1167),
)


class DistributionCenters(dy.Schema):
    """A distribution center."""

    id = dy.Int64(primary_key=True, min=1, description="Id of the distribution center.")
    name = dy.String(description="City and state.")
    latitude = dy.Float64(min=-90, max=90, description="Degrees north.")
    longitude = dy.Float64(min=-180, max=180, description="Degrees east.")


def generate(scenario: CleanRoomScenario, partition: Partition) -> pl.LazyFrame:
    """Distribution centers of a partition.

    Args:
        scenario: Seed, volumes and data defects.
        partition: The range of rows.
    """
    row = pl.col("row")
    names, latitudes, longitudes = zip(*CENTERS, strict=True)
    return row_numbers(partition).with_columns(
        id=row + 1,
        name=gather(names, row),
        latitude=gather(latitudes, row),
        longitude=gather(longitudes, row),
    )


def table(scenario: CleanRoomScenario) -> Table:
    """The table of distribution centers.

    Args:
        scenario: The scenario.
    """
    partitioning = Unpartitioned()
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="The merchant's distribution centers, from which products are shipped.",
        schema=DistributionCenters,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: len(CENTERS)), generate),
        checks=[row_count()],
    )
