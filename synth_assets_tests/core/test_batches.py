"""Batches come in order, few at a time, and may be abandoned at any moment."""

from __future__ import annotations

import threading
import time

import polars as pl
import pytest

from synth_assets.core import batches
from synth_assets.core.batches import batched, in_order
from synth_assets.core.partitioning import Partition

THIRTY = Partition("all", 0, 30, 0, 1)
SCHEMA = pl.Schema({"row": pl.Int64, "half": pl.Int64})


def numbered(partition: Partition) -> pl.LazyFrame:
    row = pl.int_range(partition.start, partition.stop, dtype=pl.Int64)
    return pl.LazyFrame().select(row=row, half=row // 2)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_ROWS", 7)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("workers", [1, 3])
def test_rows_columns_and_filters_of_batches_are_those_of_one_frame(workers: int) -> None:
    frame, expected = batched(numbered, THIRTY, SCHEMA, workers), numbered(THIRTY)
    odd = pl.col("row") % 2 == 1
    for query in (
        lambda f: f,
        lambda f: f.select("half"),
        lambda f: f.filter(odd),
        lambda f: f.filter(odd).head(5),
        lambda f: f.head(9).filter(odd),
        lambda f: f.head(0),
        lambda f: f.head(12),
        lambda f: f.head(99),
        lambda f: f.slice(5, 4),
        lambda f: f.tail(3),
    ):
        assert query(frame).collect().equals(query(expected).collect())


@pytest.mark.usefixtures("small")
def test_rows_are_reported_after_they_are_yielded() -> None:
    reported: list[int] = []
    batched(numbered, THIRTY, SCHEMA, 2, reported.append).collect()
    assert reported == [7, 7, 7, 7, 2]


@pytest.mark.usefixtures("small")
def test_an_error_in_a_batch_is_raised() -> None:
    def fails(partition: Partition) -> pl.LazyFrame:
        return numbered(partition).with_columns(half=pl.lit(1) // pl.col("missing"))

    with pytest.raises(pl.exceptions.PolarsError, match="missing"):
        batched(fails, THIRTY, SCHEMA, 2).collect()


def test_never_more_batches_at_a_time_than_workers() -> None:
    lock, alive, most = threading.Lock(), 0, 0

    def generate(partition: Partition) -> pl.DataFrame:
        nonlocal alive, most
        with lock:
            alive += 1
            most = max(most, alive)
        time.sleep(0.002 * (partition.start % 3))  # the first to begin are not the first to end
        return pl.DataFrame({"row": [partition.start]})

    partitions = list(Partition("all", 0, 30, 0, 1).batches(1))
    yielded = []
    for frame in in_order(generate, partitions, 3):
        yielded.append(frame.item())
        time.sleep(0.003)  # the writer is slow, and threads must not run ahead of it
        with lock:
            alive -= 1
    assert yielded == list(range(30))
    # Three computed ahead, and the one that is being written.
    assert most <= 4


def test_batches_may_be_abandoned_in_a_thread_that_generates_them() -> None:
    """This happens when the garbage collector frees an error's traceback there."""
    held, released = [], threading.Event()
    closed = threading.Event()

    def generate(partition: Partition) -> pl.DataFrame:
        if partition.start == 2:
            released.wait(10)
            held.pop().close()
            closed.set()
        return numbered(partition).collect()

    frames = in_order(generate, THIRTY.batches(1), 2)
    held.append(frames)
    next(frames)
    released.set()
    assert closed.wait(5)
    assert list(frames) == []
