"""Every store loads and scans ten million rows within a gibibyte of a process's memory.

Each load and each scan runs in a process of its own, which reports its peak resident size. The
memory of a database server is not included.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.sources import Generated
from synth_assets_tests.stores.places import Place

ROWS = 10_000_000
LIMIT = 1024**3
STATUS = ["placed", "paid", "returned"]

Task = Callable[[Place], int]


class Payments(dy.Schema):
    """A typical large table of a shop."""

    id = dy.Int64(primary_key=True)
    customer_id = dy.Int64()
    email = dy.String()
    city = dy.String()
    status = dy.Enum(STATUS)
    amount = dy.Decimal(12, 2)
    share = dy.Float64(nullable=True)
    paid_at = dy.Datetime(time_unit="us")
    seen_at = dy.Datetime(time_unit="us", time_zone="UTC")
    first = dy.Bool()


PAYMENTS = Table(
    domain="memory",
    name="payments",
    doc="Payments of a large shop.",
    schema=Payments,
    partitioning=Unpartitioned(),
    source=Generated(lambda scenario, step: ROWS * step, lambda scenario, partition: payments()),
)


def payments() -> pl.LazyFrame:
    """The rows, generated as they are collected."""
    row = pl.int_range(ROWS, dtype=pl.Int64)
    hashes = [pl.col("id").hash(seed) for seed in range(6)]
    moment = pl.lit(datetime(2026, 1, 1)) + pl.duration(milliseconds="id")
    columns = {
        "customer_id": (hashes[0] % 1_000_000).cast(pl.Int64),
        "email": pl.format("user{}@example.com", hashes[1] % 5_000_000),
        "city": pl.format("city {}", hashes[2] % 200),
        "status": (hashes[3] % 3).cast(pl.UInt8).cat.to(pl.Enum(STATUS)),
        "amount": (hashes[4] % 100_000).cast(pl.Decimal(12, 2)),
        "share": pl.when(hashes[5] % 10 > 0).then(hashes[5] / 2.0**64),
        "paid_at": moment,
        "seen_at": moment.dt.replace_time_zone("UTC"),
        "first": hashes[5] % 2 == 0,
    }
    return pl.LazyFrame().select(id=row).with_columns(**columns).select(list(Payments.columns()))


def load(place: Place) -> int:
    """The number of rows that the store reports."""
    return place.open().replace(PAYMENTS, "all", payments(), "f1").rows


def read(place: Place) -> int:
    """The number of rows of a scan that reads several columns."""
    statistics = (
        place.open()
        .scan(PAYMENTS, ["all"])
        .select(
            rows=pl.len(),
            ids=pl.col("id").sum(),
            letters=pl.col("email").str.len_bytes().sum(),
            last=pl.col("paid_at").max(),
        )
    )
    found = statistics.collect(engine="streaming").row(0, named=True)
    assert found["ids"] == ROWS * (ROWS - 1) // 2
    return int(found["rows"])


def peak() -> int:
    """The peak resident size of this process so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux, rusage includes the peak of the parent process.
        return next(int(w[1]) * 1024 for w in map(str.split, status.open()) if w[0] == "VmHWM:")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _measured(task: Task, place: Place, results: SimpleQueue[tuple[int, int]]) -> None:
    results.put((task(place), peak()))


@pytest.mark.slow
def test_ten_million_rows_stay_within_a_gibibyte(place: Place) -> None:
    context = multiprocessing.get_context("spawn")
    results: SimpleQueue[tuple[int, int]] = context.SimpleQueue()
    for task in (load, read):
        process = context.Process(target=_measured, args=(task, place, results))
        started = time.perf_counter()
        process.start()
        process.join()
        assert process.exitcode == 0
        rows, used = results.get()
        usage = f"{used / 1024**2:,.0f} MiB, {time.perf_counter() - started:.1f} s"
        print(f"{place.kind} {task.__name__}: {usage}")
        assert rows == ROWS
        assert used < LIMIT, usage
