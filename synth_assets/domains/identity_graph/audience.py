"""What the stored engagements say of individuals: how much, how lately, of what, on what.

Counted shard by shard, since an individual's engagements lie in the individual's shard: two tables
are made of it, and the checks that compute those again ask for it too.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.core.model import TableView
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.layout import (
    ENGAGEMENTS,
    INDIVIDUALS,
    config_of,
    of_shard,
)
from synth_assets.domains.identity_graph.timing import HOURS
from synth_assets.randomness.random_arrays import Ints
from synth_assets.randomness.values import DAY, HOUR, since_epoch

MICRO = 1_000_000
# The days that count as lately.
WEEK, MONTH = 7, 30


def counted(stored: TableView, key: str) -> pl.DataFrame:
    """A row for each individual of a shard, in order: counts over the stored engagements.

    ``events``, ``last_week``, ``last_month``, ``last`` (seconds since 1970), ``by_category``,
    ``device`` and ``hour`` (those of most engagements, the first where several are).
    """
    config = config_of(stored)
    ids = np.sort(
        of_shard(stored, INDIVIDUALS, key).select("individual_id").collect().to_series().to_numpy()
    )
    tally = _Tally(ids, since_epoch(config.end))
    events = of_shard(stored, ENGAGEMENTS, key).select(
        pl.col("individual_id"),
        pl.col("timestamp").cast(pl.Int64) // MICRO,
        category=_place(pl.col("content_category"), terms.CATEGORIES),
        device=_place(pl.col("device_type"), terms.DEVICES),
    )
    for batch in events.collect_batches(maintain_order=False):
        tally.add(batch)
    return tally.frame()


def _place(word: pl.Expr, names: tuple[str, ...]) -> pl.Expr:
    """The place of a word among the names; stores keep it as text, or as an enumeration."""
    return word.cast(pl.Enum(names)).to_physical()


class _Tally:
    """Running counts of a shard's individuals, in their order."""

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
        """Counts a batch of engagements, in whatever order they come."""
        if batch.is_empty():
            return
        who = np.searchsorted(self.ids, batch["individual_id"].to_numpy())
        when = batch["timestamp"].to_numpy()
        low, high = int(who.min()), int(who.max()) + 1
        near = who - low
        for counts, places, of in (
            (self.categories, len(terms.CATEGORIES), batch["category"].to_numpy()),
            (self.devices, len(terms.DEVICES), batch["device"].to_numpy()),
            (self.hours, HOURS, when % DAY // HOUR),
        ):
            found = np.bincount(near * places + of, minlength=(high - low) * places)
            counts[low * places : high * places] += found.astype(counts.dtype)
        for counts, days in ((self.week, WEEK), (self.month, MONTH)):
            late = near[when >= self.end - days * DAY]
            counts[low:high] += np.bincount(late, minlength=high - low)
        np.maximum.at(self.last, who, when)

    def frame(self) -> pl.DataFrame:
        """The counts, a row for each individual."""
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
