"""Row layout of orders: orders of different sizes fill the rows of a table without a gap.

Rows come in blocks of the same few order sizes, each block in one of some arrangements. So row,
order and line follow from one another by small lookup tables, and any row can be generated alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import mix_one
from synth_assets.randomness.streams import RandomStream

ARRANGEMENTS = 16


class OrderLayout:
    """``rows`` lines in orders; a block has one order of each of ``sizes``.

    ``known`` says which orders of a block belong to customers; by default all of them.
    """

    def __init__(
        self,
        rows: int,
        sizes: Sequence[int],
        stream: RandomStream,
        known: Sequence[bool] | None = None,
    ) -> None:
        self.rows = rows
        self._lines, self._orders = sum(sizes), len(sizes)
        self._known = sum(known) if known else len(sizes)
        self._stream = stream.substream("arrangement")
        arrangements = [
            _arrangement(sizes, known, stream, number) for number in range(ARRANGEMENTS)
        ]
        self._size = np.concatenate([a["size"] for a in arrangements])
        self._first = np.concatenate([a["first"] for a in arrangements])
        self._order = np.concatenate([a["order"] for a in arrangements])
        self._place = np.concatenate([a["place"] for a in arrangements])
        # The order of each customer's order in a block.
        self._known_at = np.concatenate([np.flatnonzero(a["place"] >= 0) for a in arrangements])

    @property
    def orders(self) -> int:
        """Number of orders; the last one may be truncated by the last row."""
        return self.order_of(self.rows - 1) + 1 if self.rows else 0

    @property
    def known_orders(self) -> int:
        """Number of customers' orders."""
        block, offset = divmod(self.orders, self._orders)
        begun = self._place[self._arranged(block) * self._orders :][:offset]
        return int(block * self._known + (begun >= 0).sum())

    def order_of(self, row: int) -> int:
        """Number of the order that a row is a line of.

        Args:
            row: The row number.
        """
        block, offset = divmod(row, self._lines)
        return int(block * self._orders + self._order[self._arranged(block) * self._lines + offset])

    def touching(self, partition: Partition) -> pl.LazyFrame:
        """The orders with lines in a partition, with the columns of ``placed``.

        Args:
            partition: Row numbers of the lines.
        """
        first = self.order_of(partition.start)
        stop = self.order_of(partition.stop - 1) + 1 if partition.stop > partition.start else first
        return self.placed(pl.LazyFrame().select(order=pl.int_range(first, stop, dtype=pl.Int64)))

    def placed(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds ``first_row``, ``lines`` and ``known_order`` of each ``order``.

        ``known_order`` is the order's number among those of customers, null for other orders.

        Args:
            frame: Rows with the order's number.
        """
        order = pl.col("order")
        block = order // self._orders
        arranged = (self._stream.bits(block) % ARRANGEMENTS).cast(pl.Int64)
        spot = arranged * self._orders + order % self._orders
        first = block * self._lines + gather(pl.Series(self._first), spot)
        size, place = gather(pl.Series(self._size), spot), gather(pl.Series(self._place), spot)
        return frame.with_columns(
            first_row=first,
            lines=pl.min_horizontal(size, self.rows - first),
            known_order=pl.when(place >= 0).then(block * self._known + place),
        )

    def known(self, number: pl.Expr) -> pl.Expr:
        """Number of an order of a customer; the inverse of ``known_order``.

        Args:
            number: The order's number among those of customers.
        """
        block = number // self._known
        arranged = (self._stream.bits(block) % ARRANGEMENTS).cast(pl.Int64)
        spot = arranged * self._known + number % self._known
        return block * self._orders + gather(pl.Series(self._known_at), spot)

    def _arranged(self, block: int) -> int:
        return mix_one(block, self._stream.key) % ARRANGEMENTS


def _arrangement(
    sizes: Sequence[int], known: Sequence[bool] | None, stream: RandomStream, number: int
) -> dict[str, npt.NDArray[np.int64]]:
    own = stream.substream(f"arrangement{number}")
    order = sorted(range(len(sizes)), key=own.uniform_one)
    size = np.array([sizes[i] for i in order])
    mark = np.array([known[i] if known else True for i in order])
    return {
        "size": size,
        "first": np.cumsum(size) - size,
        "order": np.repeat(np.arange(len(size)), size),
        "place": np.where(mark, np.cumsum(mark) - 1, -1),
    }
