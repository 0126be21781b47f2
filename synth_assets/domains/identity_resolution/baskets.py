"""Line items: how orders of different sizes fill the rows of a table without a gap.

Rows come in blocks of the same few order sizes, each block in one of some arrangements. So row,
order and line follow from one another by small tables, and any row can be made by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream, mix_one

ARRANGEMENTS = 16


class Baskets:
    """``rows`` lines in orders; a block holds one order of each of ``sizes``.

    ``known`` says which orders of a block are a customer's, the others are anybody's.
    """

    def __init__(
        self,
        rows: int,
        sizes: Sequence[int],
        draw: RandomStream,
        known: Sequence[bool] | None = None,
    ) -> None:
        self.rows = rows
        self._lines, self._orders = sum(sizes), len(sizes)
        self._known = sum(known) if known else len(sizes)
        self._draw = draw.substream("arrangement")
        made = [_arrangement(sizes, known, draw, number) for number in range(ARRANGEMENTS)]
        self._size = np.concatenate([a["size"] for a in made])
        self._first = np.concatenate([a["first"] for a in made])
        self._order = np.concatenate([a["order"] for a in made])
        self._place = np.concatenate([a["place"] for a in made])

    @property
    def orders(self) -> int:
        """All orders, the last of which may be cut short by the last row."""
        return self.order_of(self.rows - 1) + 1 if self.rows else 0

    @property
    def known_orders(self) -> int:
        """Orders of customers."""
        block, within = divmod(self.orders, self._orders)
        begun = self._place[self._arranged(block) * self._orders :][:within]
        return int(block * self._known + (begun >= 0).sum())

    def order_of(self, row: int) -> int:
        """The order that a row is a line of."""
        block, within = divmod(row, self._lines)
        return int(block * self._orders + self._order[self._arranged(block) * self._lines + within])

    def touching(self, partition: Partition) -> pl.LazyFrame:
        """``order``, each that has lines in a partition, and everything of ``placed``."""
        first = self.order_of(partition.start)
        stop = self.order_of(partition.stop - 1) + 1 if partition.stop > partition.start else first
        return self.placed(pl.LazyFrame().select(order=pl.int_range(first, stop, dtype=pl.Int64)))

    def placed(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """From ``order``: ``first_row`` and ``lines``, and ``known_order``.

        The latter is the order's number among those of customers, null for others'.
        """
        order = pl.col("order")
        block = order // self._orders
        arranged = (self._draw.bits(block) % ARRANGEMENTS).cast(pl.Int64)
        spot = arranged * self._orders + order % self._orders
        first = block * self._lines + gather(pl.Series(self._first), spot)
        size, place = gather(pl.Series(self._size), spot), gather(pl.Series(self._place), spot)
        return frame.with_columns(
            first_row=first,
            lines=pl.min_horizontal(size, self.rows - first),
            known_order=pl.when(place >= 0).then(block * self._known + place),
        )

    def _arranged(self, block: int) -> int:
        return mix_one(block, self._draw.key) % ARRANGEMENTS


def _arrangement(
    sizes: Sequence[int], known: Sequence[bool] | None, draw: RandomStream, number: int
) -> dict[str, npt.NDArray[np.int64]]:
    mine = draw.substream(f"arrangement{number}")
    order = sorted(range(len(sizes)), key=mine.uniform_one)
    size = np.array([sizes[i] for i in order])
    mark = np.array([known[i] if known else True for i in order])
    return {
        "size": size,
        "first": np.cumsum(size) - size,
        "order": np.repeat(np.arange(len(size)), size),
        "place": np.where(mark, np.cumsum(mark) - 1, -1),
    }
