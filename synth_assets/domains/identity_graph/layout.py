"""Which households are in which shard, and how row numbers map to households.

A household is in the shard that its number modulo the number of shards gives, so that adding
households moves no existing one; every row about a household is in its shard. Row numbers of a
table run over households times ``rows_per_household``, the average: so partitions and batches have
about as many rows as their row numbers suggest.
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

# Names of tables that other tables refer to or read.
HOUSEHOLDS, INDIVIDUALS = "households", "individuals"
ENGAGEMENTS, CAMPAIGNS = "content_engagements", "campaigns"
EXPOSURES, RESPONSES = "campaign_exposures", "response_events"
# Most members of a household; a person's number is the household's times this, plus the position.
MOST_MEMBERS = 10

RowsPerHousehold = Callable[[IdentityGraphScenario], int]


def shard_starts(config: IdentityGraphScenario) -> Ints:
    """Households before each shard, and the number of all of them.

    Args:
        config: The configuration.

    Returns:
        One entry per shard, and the total as the last entry.
    """
    shard = np.arange(config.shards, dtype=np.int64)
    households = config.household_config.num_households
    sizes = (households - shard + config.shards - 1) // config.shards
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def rows_before(rows_per_household: RowsPerHousehold) -> Callable[[Any, int], int]:
    """The argument ``rows_before`` of ``Generated``: row numbers before a shard.

    Args:
        rows_per_household: The table's average number of rows per household.
    """
    return lambda config, shard: int(shard_starts(config)[shard]) * rows_per_household(config)


def households_of(
    config: IdentityGraphScenario, partition: Partition, rows: int
) -> tuple[Ints, Ints]:
    """The households that begin in a partition.

    Args:
        config: The configuration.
        partition: The partition, or a batch of it.
        rows: The table's rows per household.

    Returns:
        The row number at which each household begins, and its number.
    """
    first, last = -(-partition.start // rows), -(-partition.stop // rows)
    index = np.arange(first, last, dtype=np.int64)
    starts = shard_starts(config)
    shard = np.searchsorted(starts, index, side="right") - 1
    return index * rows, (index - starts[shard]) * config.shards + shard


def config_of(stored: TableView) -> IdentityGraphScenario:
    """The configuration that a table was generated with.

    Args:
        stored: The table.
    """
    return cast(IdentityGraphScenario, stored.scenario)


def rows_in_shard(stored: TableView, name: str, key: str) -> pl.LazyFrame:
    """The stored rows of another table in one shard.

    Args:
        stored: A table of the domain.
        name: The other table's name.
        key: The shard's partition key.
    """
    return stored.reader.scan(stored.domain.table(name), [key])
