"""Which households lie in which shard, and how a partition's rows name them.

A household lies in the shard that its number leaves as a remainder, so that more households move
none that was there; everything about a household lies in its shard. The rows of a table are
counted in households times ``unit``, the rows that one has on average: partitions and batches are
then of about the size they say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import polars as pl

from synth_assets.core.model import TableView
from synth_assets.core.partitioning import Partition
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import Ints

DOMAIN = "identity_graph"
# Names of tables that others look at.
HOUSEHOLDS, INDIVIDUALS = "households", "individuals"
ENGAGEMENTS, CAMPAIGNS = "content_engagements", "campaigns"
EXPOSURES, RESPONSES = "campaign_exposures", "response_events"
# Members of a household at most; a person's number is the household's times so many.
MOST_MEMBERS = 10

Unit = Callable[[IdentityGraphScenario], int]


def shard_starts(config: IdentityGraphScenario) -> Ints:
    """Households before each shard, and in all."""
    shard = np.arange(config.shards, dtype=np.int64)
    households = config.household_config.num_households
    sizes = (households - shard + config.shards - 1) // config.shards
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def rows_before(unit: Unit) -> Callable[[Any, int], int]:
    """``rows_before`` of a table with so many rows a household."""
    return lambda config, step: int(shard_starts(config)[step]) * unit(config)


def households_of(
    config: IdentityGraphScenario, partition: Partition, unit: int
) -> tuple[Ints, Ints]:
    """The households of a piece: the row at which each begins, and its number."""
    first, last = -(-partition.start // unit), -(-partition.stop // unit)
    place = np.arange(first, last, dtype=np.int64)
    starts = shard_starts(config)
    shard = np.searchsorted(starts, place, side="right") - 1
    return place * unit, (place - starts[shard]) * config.shards + shard


def config_of(stored: TableView) -> IdentityGraphScenario:
    """The configuration of what is stored."""
    return cast(IdentityGraphScenario, stored.scenario)


def of_shard(stored: TableView, name: str, key: str) -> pl.LazyFrame:
    """The rows of another table in one shard."""
    return stored.reader.scan(stored.domain.table(name), [key])
