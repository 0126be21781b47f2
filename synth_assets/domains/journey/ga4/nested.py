"""Nested columns from flat ones: many values a row, told by where each row's begin."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import pyarrow as pa

from synth_assets.domains.journey.ga4.even import Flags, Numbers


def lists(name: str, counts: Numbers, elements: pl.DataFrame) -> pl.Series:
    """A list column: row after row takes so many of the elements, each of which is a struct."""
    offsets = np.concatenate([[0], np.cumsum(counts)])
    flat = elements.to_struct("element").to_arrow()
    return pl.Series(name, pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), flat))


def taken(words: pl.Series, places: Numbers, there: Flags | None = None) -> pl.Series:
    """The word at each place; null where ``there`` is False."""
    if there is not None:
        # The last of all words is none.
        words = pl.concat([words, pl.Series([None], dtype=words.dtype)])
        places = np.where(there, places, len(words) - 1)
    return words.gather(pl.Series(places.astype(np.uint32)))


def masked(values: np.ndarray, there: Flags) -> pl.Series:
    """Numbers, null where ``there`` is False."""
    return pl.Series(pa.array(values, mask=~there))


class Slots:
    """A list of which each row has some of several elements, in one order.

    Each slot is written where its rows have room for it, so nothing is sorted or joined.
    """

    def __init__(self, slots: Mapping[str, Flags]) -> None:
        self.slots = slots
        masks = np.column_stack(list(slots.values()))
        self.counts: Numbers = masks.sum(axis=1, dtype=np.int64)
        self.total = int(self.counts.sum())
        place = np.cumsum(self.counts) - self.counts
        self.places: dict[str, Numbers] = {}
        for name, there in slots.items():
            self.places[name] = place[there]
            place += there

    def gathered(self, values: Mapping[str, Numbers], none: int) -> Numbers:
        """All elements' values of one field; slots without any have ``none``."""
        flat = np.full(self.total, none, dtype=np.int64)
        for name, of_rows in values.items():
            flat[self.places[name]] = of_rows[self.slots[name]]
        return flat
