"""The rows of one table that belong to a row of another: a user's orders, an order's items.

Rows of the owned table are in the order of their owners; their number is a function of the owner's
number. Only the first row of every block of owners is kept, so memory stays small at any scale. The
rest is computed again for the owners of a partition's rows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.int64]

# Owners in a block, and owners counted at once.
BLOCK, CHUNK = 4_096, 256 * 4_096


class OwnedRows:
    """The rows that the rows of another table own.

    Args:
        owners: The number of owners.
        size: Gives the number of rows of an owner from the owner's number.
    """

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
        """The number of rows of each owner in a range.

        Args:
            first: The first owner.
            stop: The owner after the last.
        """
        owner = pl.int_range(first, stop, dtype=pl.Int64)
        counted = pl.select(self._size(owner).cast(pl.Int64)).to_series()
        return np.asarray(counted.to_numpy(), dtype=np.int64)

    def offsets(self, first: int, stop: int) -> Numbers:
        """The first row of each owner in a range, and of the owner after it.

        Args:
            first: The first owner.
            stop: The owner after the last.
        """
        block = first // BLOCK
        sizes = self.sizes(block * BLOCK, stop)
        running = np.concatenate([[0], sizes]).cumsum() + self._starts[block]
        return np.asarray(running[first - block * BLOCK :], dtype=np.int64)

    def rows(self, start: int, stop: int) -> pl.DataFrame:
        """The owners of a range of rows.

        Args:
            start: The first row.
            stop: The row after the last.

        Returns:
            ``row``, its ``owner``, its ``place`` among the owner's rows and their number ``size``.
        """
        row = np.arange(start, stop, dtype=np.int64)
        first, last = self.owners_of(start, stop)
        starts = self.offsets(first, last)
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
        """A range of whole blocks of owners that covers a range of rows.

        Args:
            start: The first row.
            stop: The row after the last.

        Returns:
            The first owner, and the owner after the last.
        """
        if start >= stop:
            return 0, 0
        first = int(np.searchsorted(self._starts, start, side="right") - 1)
        last = int(np.searchsorted(self._starts, stop - 1, side="right"))
        return first * BLOCK, min(last * BLOCK, self.owners)

    def _block_sums(self, first: int) -> Numbers:
        sizes = self.sizes(first, min(first + CHUNK, self.owners))
        return np.add.reduceat(sizes, np.arange(0, len(sizes), BLOCK))


def row_range(numbers: pl.Series) -> tuple[int, int]:
    """The first of ascending numbers, and the number after the last; zeros for none.

    Args:
        numbers: Ascending row numbers.
    """
    return (int(numbers[0]), int(numbers[-1]) + 1) if len(numbers) else (0, 0)


def rows_numbered(rows: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    """The rows with these numbers.

    Args:
        rows: Consecutive rows, of which the first has the first of the numbers.
        numbers: Ascending row numbers.
    """
    return rows[numbers - numbers[0]] if len(numbers) else rows.clear()
