"""Rows generated in batches: threads generate them, and they are yielded in order.

Memory does not grow with the rows, and no value depends on the number of threads or the size
of the batches.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import TypeVar

import polars as pl
from polars.io.plugins import register_io_source

from synth_assets.core.allocation import share_heap
from synth_assets.core.partitioning import Partition

Part = TypeVar("Part")
Rows = TypeVar("Rows")

# Rows in memory at a time, over all threads, and rows of a batch at most. Fewer batches spend less
# time on planning queries.
ROWS_IN_FLIGHT, MOST_ROWS = 491_520, 245_760


def batched(
    generate: Callable[[Partition], pl.LazyFrame],
    partition: Partition,
    schema: pl.Schema,
    workers: int = os.cpu_count() or 1,
    on_batch: Callable[[int], None] = lambda rows: None,
    most_rows: int = MOST_ROWS,
    explained: Callable[[Partition], AbstractContextManager[None]] = lambda batch: nullcontext(),
) -> pl.LazyFrame:
    """The rows of a partition, generated batch by batch.

    Args:
        generate: A range of row numbers to its rows.
        partition: The partition.
        schema: Columns and types of the rows.
        workers: Number of threads.
        on_batch: Called with the number of row numbers in a batch after the batch was yielded.
        most_rows: Row numbers of a batch at most, fewer where rows are wide.
        explained: The block in which a batch is computed.
    """
    rows_at_once = min(ROWS_IN_FLIGHT // workers, MOST_ROWS, most_rows)

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        def collected(batch: Partition) -> pl.DataFrame:
            frame = generate(batch)
            # The streaming engine would divide a batch again, which costs a fifth more time.
            selected = frame if columns is None else frame.select(columns)
            with explained(batch):
                return selected.collect(engine="in-memory")

        partitions, taken = list(partition.batches(rows_at_once)), 0
        for batch, frame in zip(partitions, in_order(collected, partitions, workers), strict=True):
            # Polars requires a source to apply the limit itself, and before the predicate.
            rows = frame if limit is None else frame.head(limit - taken)
            taken += len(rows)
            yield rows if predicate is None else rows.filter(predicate)
            on_batch(batch.stop - batch.start)
            if taken == limit:
                return

    return register_io_source(batches, schema=schema)


def in_order(
    generate: Callable[[Part], Rows], parts: Iterable[Part], workers: int
) -> Iterator[Rows]:
    """The result of ``generate`` for each part, in order; threads compute ahead.

    Args:
        generate: A part, such as a partition, to its rows; called in a thread.
        parts: The parts.
        workers: Number of threads, and of results that are computed ahead.
    """
    share_heap()
    left, pool = iter(parts), ThreadPoolExecutor(workers)
    try:
        ahead = deque(pool.submit(generate, part) for part in islice(left, workers))
        while ahead:
            rows = ahead.popleft().result()
            ahead.extend(pool.submit(generate, part) for part in islice(left, 1))
            yield rows
    finally:
        # Without waiting: an abandoned iterator is collected in any thread, perhaps one of the
        # pool's own.
        pool.shutdown(wait=False, cancel_futures=True)
