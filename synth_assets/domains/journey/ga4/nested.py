"""Nested columns from flat arrays and the number of elements of each row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers
from synth_assets.randomness import ragged


def list_column(name: str, counts: Numbers, elements: pl.DataFrame) -> pl.Series:
    """A list column of structs.

    Args:
        name: Name of the column.
        counts: Elements of each row.
        elements: Elements of all rows, in row order.
    """
    return ragged.list_column(name, counts, elements.to_struct("element"))


def gather_or_null(values: pl.Series, index: Numbers, present: Flags | None = None) -> pl.Series:
    """The value at each index, or null.

    Args:
        values: Values.
        index: Indexes into the values.
        present: Where the result is not null; everywhere if None.
    """
    if present is not None:
        # Nulls are gathered from an additional last element.
        values = pl.concat([values, pl.Series([None], dtype=values.dtype)])
        index = np.where(present, index, len(values) - 1)
    return values.gather(pl.Series(index.astype(np.uint32)))


def so_far(happened: Flags, begins: Flags) -> Numbers:
    """How often something has happened in the session up to each event.

    Args:
        happened: Whether it happens at each event.
        begins: Whether each event is the first of its session.
    """
    running = np.cumsum(happened)
    start_of = np.flatnonzero(begins)
    before: Numbers = (running - happened)[start_of]
    return running - np.repeat(before, np.diff(np.append(start_of, len(running))))


class OptionalElements:
    """A list column in which each row has a subset of the same elements, in one order.

    Every element's offsets are computed once, so nothing is sorted or joined.
    """

    def __init__(self, presence: Mapping[str, Flags]) -> None:
        self.presence = presence
        masks = np.column_stack(list(presence.values()))
        self.counts: Numbers = masks.sum(axis=1, dtype=np.int64)
        self.total = int(self.counts.sum())
        offset = np.cumsum(self.counts) - self.counts
        self.offsets: dict[str, Numbers] = {}
        for name, present in presence.items():
            self.offsets[name] = offset[present]
            offset += present

    def flattened(self, fields: Mapping[str, Numbers], none: int) -> Numbers:
        """The values of one field for all elements of all rows.

        Args:
            fields: Value of each row, by element.
            none: Value of elements that lack the field.
        """
        flat = np.full(self.total, none, dtype=np.int64)
        for name, of_rows in fields.items():
            flat[self.offsets[name]] = of_rows[self.presence[name]]
        return flat
