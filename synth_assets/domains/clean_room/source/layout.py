"""Which rows of a table belong to which row of another: a user's orders, an order's items.

Rows of the owned table lie in the order of their owners, as many as the owner's own draw says.
Only where every block of owners begins is kept, so memory stays small at any scale; the rest is
computed again for the owners that a partition touches.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.int64]

# Owners between two starts that are kept, and owners counted at once.
BLOCK, CHUNK = 4_096, 256 * 4_096


class Parts:
    """The rows that ``owners`` rows of another table own, ``size`` (of the owner) each."""

    def __init__(self, owners: int, size: Callable[[pl.Expr], pl.Expr]) -> None:
        self.owners = owners
        self._size = size
        sums = [self._block_sums(first) for first in range(0, owners, CHUNK)]
        self._starts: Numbers = np.concatenate([[0], *sums]).cumsum()

    @property
    def total(self) -> int:
        """Rows of all owners."""
        return int(self._starts[-1])

    def sizes(self, first: int, stop: int) -> Numbers:
        """How many rows each of a range of owners has."""
        owner = pl.int_range(first, stop, dtype=pl.Int64)
        counted = pl.select(self._size(owner).cast(pl.Int64)).to_series()
        return np.asarray(counted.to_numpy(), dtype=np.int64)

    def starts(self, first: int, stop: int) -> Numbers:
        """The first row of each of a range of owners, and of the owner after them."""
        block = first // BLOCK
        sizes = self.sizes(block * BLOCK, stop)
        running = np.concatenate([[0], sizes]).cumsum() + self._starts[block]
        return np.asarray(running[first - block * BLOCK :], dtype=np.int64)

    def rows(self, start: int, stop: int) -> pl.DataFrame:
        """``row``, its ``owner``, its ``place`` among the owner's and how many these are."""
        row = np.arange(start, stop, dtype=np.int64)
        first, last = self.owners_of(start, stop)
        starts = self.starts(first, last)
        at = np.searchsorted(starts, row, side="right") - 1
        return pl.DataFrame(
            {
                "row": row,
                "owner": first + at,
                "place": row - starts[at],
                "size": np.diff(starts)[at] if len(row) else row,
            }
        )

    def owners_of(self, start: int, stop: int) -> tuple[int, int]:
        """A range of owners that all rows of a range belong to."""
        if start >= stop:
            return 0, 0
        first = int(np.searchsorted(self._starts, start, side="right") - 1)
        last = int(np.searchsorted(self._starts, stop - 1, side="right"))
        return first * BLOCK, min(last * BLOCK, self.owners)

    def _block_sums(self, first: int) -> Numbers:
        sizes = self.sizes(first, min(first + CHUNK, self.owners))
        return np.add.reduceat(sizes, np.arange(0, len(sizes), BLOCK))
