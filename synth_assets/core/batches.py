"""Rows that come in batches: threads make them, and they are handed on in their order.

Memory does not grow with the rows, and no value depends on the number of threads or the size
of the batches.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import polars as pl
from polars.io.plugins import register_io_source

from synth_assets.core.partitioning import Partition

# Rows that exist at a time before they are stored, however many threads make them; the fewer
# batches they are in, the less of the time goes into planning.
ROWS_IN_FLIGHT, MOST_ROWS = 491_520, 245_760


def batched(
    make: Callable[[Partition], pl.LazyFrame],
    partition: Partition,
    schema: pl.Schema,
    workers: int = os.cpu_count() or 1,
    made: Callable[[int], None] = lambda rows: None,
    most_rows: int = MOST_ROWS,
) -> pl.LazyFrame:
    """The rows of a partition, of which ``make`` gives those of each batch.

    ``made`` hears the row numbers that each batch took, once it was handed on. A batch has
    ``most_rows`` at most, so that wide rows fit into memory as well.
    """
    rows_at_once = min(ROWS_IN_FLIGHT // workers, MOST_ROWS, most_rows)

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        def collected(batch: Partition) -> pl.DataFrame:
            frame = make(batch)
            return (frame if columns is None else frame.select(columns)).collect()

        partitions, given = list(partition.batches(rows_at_once)), 0
        for batch, frame in zip(partitions, in_order(collected, partitions, workers), strict=True):
            # A source itself must heed how many rows are asked for, and before it filters.
            wanted = frame if most is None else frame.head(most - given)
            given += len(wanted)
            yield wanted if predicate is None else wanted.filter(predicate)
            made(batch.stop - batch.start)
            if given == most:
                return

    return register_io_source(batches, schema=schema)


def in_order(
    make: Callable[[Partition], pl.DataFrame], partitions: Iterable[Partition], workers: int
) -> Iterator[pl.DataFrame]:
    """What ``make`` gives for each piece, in order, with at most ``workers`` made ahead."""
    left, pool = iter(partitions), ThreadPoolExecutor(workers)
    try:
        ahead = deque(pool.submit(make, partition) for partition in islice(left, workers))
        while ahead:
            frame = ahead.popleft().result()
            ahead.extend(pool.submit(make, partition) for partition in islice(left, 1))
            yield frame
    finally:
        # Without waiting: an iterator that was given up is collected in any thread, also in
        # one of the pool's own.
        pool.shutdown(wait=False, cancel_futures=True)
