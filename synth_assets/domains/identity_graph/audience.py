"""Summaries of the stored engagements of each individual: number, recency, category, device, hour.

They are computed shard by shard, since an individual's engagements are in the individual's shard.
Two tables derive from them, and so do the checks that recompute those tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.model import TableView
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.layout import (
    ENGAGEMENTS,
    INDIVIDUALS,
    config_of,
    rows_in_shard,
)
from synth_assets.domains.identity_graph.timing import HOURS
from synth_assets.randomness.ragged import list_column, runs
from synth_assets.randomness.random_arrays import Ints
from synth_assets.randomness.values import DAY, HOUR, since_epoch

MICROSECONDS = 1_000_000
# Days of the recent counts.
WEEK, MONTH = 7, 30


def engagement_summary(stored: TableView, key: str) -> pl.DataFrame:
    """Counts over the stored engagements of each individual of a shard.

    Args:
        stored: A table of the domain.
        key: The shard's partition key.

    Returns:
        A row per individual in order of ``individual_id``, with ``events``, ``last_week``,
        ``last_month``, ``last`` (seconds since 1970, -1 without events), ``by_category`` (an array
        in the order of ``terms.CATEGORIES``), and ``device`` and ``hour`` of most engagements, the
        first in case of a tie.
    """
    config = config_of(stored)
    ids = np.sort(
        rows_in_shard(stored, INDIVIDUALS, key)
        .select("individual_id")
        .collect()
        .to_series()
        .to_numpy()
    )
    counts = _RunningCounts(ids, since_epoch(config.end))
    events = rows_in_shard(stored, ENGAGEMENTS, key).select(
        pl.col("individual_id"),
        pl.col("timestamp").cast(pl.Int64) // MICROSECONDS,
        category=_index(pl.col("content_category"), terms.CATEGORIES),
        device=_index(pl.col("device_type"), terms.DEVICES),
    )
    for batch in events.collect_batches(maintain_order=False):
        counts.add(batch)
    return counts.frame()


def lists(
    names: Sequence[str], indexes: npt.NDArray[np.integer], kept: npt.NDArray[np.bool_]
) -> pl.Series:
    """A list of names for each row.

    Args:
        names: The names.
        indexes: Indexes of names, one row per list.
        kept: Which of them are in the list; of the same shape.
    """
    return list_column("", kept.sum(axis=1), pl.Series(names).gather(indexes[kept]))


def _index(value: pl.Expr, names: tuple[str, ...]) -> pl.Expr:
    """The index of a value among the names; stores return it as text or as an enumeration."""
    return value.cast(pl.Enum(names)).to_physical()


class _RunningCounts:
    """Counts of a shard's individuals, in their order, over the batches added so far."""

    def __init__(self, ids: Ints, end: int) -> None:
        self.ids, self.end = ids, end
        people = len(ids)
        self.categories = np.zeros(people * len(terms.CATEGORIES), dtype=np.int64)
        self.devices = np.zeros(people * len(terms.DEVICES), dtype=np.int64)
        self.hours = np.zeros(people * HOURS, dtype=np.int32)
        self.week = np.zeros(people, dtype=np.int64)
        self.month = np.zeros(people, dtype=np.int64)
        self.last = np.full(people, -1, dtype=np.int64)

    def add(self, batch: pl.DataFrame) -> None:
        """Counts a batch of engagements, which may be in any order."""
        if batch.is_empty():
            return
        who = self._positions(batch["individual_id"].to_numpy())
        when = batch["timestamp"].to_numpy()
        low, high = int(who.min()), int(who.max()) + 1
        offset = who - low
        for counts, size, index in (
            (self.categories, len(terms.CATEGORIES), batch["category"].to_numpy()),
            (self.devices, len(terms.DEVICES), batch["device"].to_numpy()),
            (self.hours, HOURS, when % DAY // HOUR),
        ):
            found = np.bincount(offset * size + index, minlength=(high - low) * size)
            counts[low * size : high * size] += found.astype(counts.dtype)
        for counts, days in ((self.week, WEEK), (self.month, MONTH)):
            recent = offset[when >= self.end - days * DAY]
            counts[low:high] += np.bincount(recent, minlength=high - low)
        np.maximum.at(self.last, who, when)

    def _positions(self, individuals: Ints) -> Ints:
        """The index of each row's individual, searched once for rows that follow each other."""
        starts, rows = runs(individuals)
        return np.repeat(np.searchsorted(self.ids, individuals[starts]), rows)

    def frame(self) -> pl.DataFrame:
        """The counts, one row per individual."""
        by_category = self.categories.reshape(len(self.ids), -1)
        return pl.DataFrame(
            {
                "individual_id": self.ids,
                "events": by_category.sum(axis=1),
                "last_week": self.week,
                "last_month": self.month,
                "last": self.last,
                "by_category": pl.Series(
                    by_category, dtype=pl.Array(pl.Int64, by_category.shape[1])
                ),
                "device": self.devices.reshape(len(self.ids), -1).argmax(axis=1),
                "hour": self.hours.reshape(len(self.ids), -1).argmax(axis=1),
            }
        )
