"""The part ``peers``: every generator at growing numbers of rows, in one run.

A peer gets a minute for each number of rows. A number that would take it much longer, by
what the last two took, is not tried.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from synth_assets_tests.bench import processes
from synth_assets_tests.bench.peers.catalogue import OURS, PEERS, Peer
from synth_assets_tests.bench.rows import Row, Scale, not_measured

LIMIT_SECONDS = 60.0
SAMPLE_ROWS = 10_000
SIZES = {
    Scale.quick: (10_000,),
    Scale.default: (10_000, 100_000, 1_000_000, 10_000_000),
    Scale.full: (10_000, 100_000, 1_000_000, 10_000_000, 50_000_000),
}
# An expectation that is so much over the limit is believed.
TOO_SLOW = 1.5
UNITS = ("rows", "cells", "bytes")


def generators(scale: Scale) -> Iterator[Row]:
    """Generators side by side."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.parquet"
        made(OURS, SAMPLE_ROWS, folder)
        next((Path(folder) / "out").glob("*.parquet")).rename(sample)
        ours: dict[int, float] = {}
        for peer in (OURS, *PEERS):
            for row in growth(peer, scale, folder):
                size, rate = row.details.get("asked"), row.details.get("cells_per_cpu_second")
                if peer is OURS and rate:
                    ours[size] = rate
                yield compared(row, ours.get(size) if peer is not OURS else None)


def growth(peer: Peer, scale: Scale, folder: str) -> Iterator[Row]:
    """A peer at the numbers of rows of a scale, until it takes too long.

    Args:
        peer: The peer.
        scale: The scale.
        folder: A folder for what it writes, beside ``sample.parquet``.
    """
    if not peer.available:
        yield Row(peer.name, note="not installed: run make bench-peers")
        return
    if scale is Scale.quick and peer.slow_start:
        yield not_measured(peer.name, Scale.default)
        return
    taken: list[tuple[int, float]] = []
    for rows in sorted({max(rows, peer.least_rows) for rows in SIZES[scale]}):
        name = f"{peer.name}, {rows:,} rows"
        if peer.most_rows is not None and rows > peer.most_rows:
            yield Row(name, note=f"its sample has about {peer.most_rows:,} rows")
            return
        expected = _expected(taken, rows)
        if expected > TOO_SLOW * LIMIT_SECONDS:
            yield Row(name, note=f"would take about {expected:,.0f} s: not tried")
            return
        try:
            found = made(peer, rows, folder)
        except processes.MeasureError as error:
            yield Row(name, note=str(error))
            return
        taken.append((rows, found["wall_seconds"]))
        yield _row(name, rows, found)


def _expected(taken: list[tuple[int, float]], rows: int) -> float:
    """Seconds for a number of rows, by the last two numbers; 0 if too few are known."""
    if len(taken) < 2:
        return 0.0
    (few, least), (more, most) = taken[-2:]
    return most + (most - least) / (more - few) * (rows - more)


def _row(name: str, asked: int, found: dict[str, Any]) -> Row:
    rates = {f"{n}_per_cpu_second": found[n] / found["cpu_seconds"] for n in UNITS}
    details = {"asked": asked, **{n: found[n] for n in UNITS}, **rates}
    return Row(
        name, found["cpu_seconds"], found["wall_seconds"], found["peak_mib"], details=details
    )


def compared(row: Row, ours: float | None) -> Row:
    """A peer's row with our cells a processor second against its.

    Args:
        row: The row.
        ours: Our cells a processor second at the same number of rows.
    """
    theirs = row.details.get("cells_per_cpu_second")
    if not ours or not theirs:
        return row
    return replace(row, ratio=ours / theirs, against="our cells a processor second, by its")


def made(peer: Peer, rows: int, folder: str) -> dict[str, Any]:
    """What a peer made and used.

    Args:
        peer: The peer.
        rows: The rows it is asked for.
        folder: The folder whose ``out`` it writes into.
    """
    target = Path(folder) / "out"
    for path in sorted(target.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    target.mkdir(exist_ok=True)
    used = processes.run(peer.command(rows, str(target)), cwd=folder, limit=LIMIT_SECONDS)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return {
        **counted(target),
        "bytes": size,
        "cpu_seconds": used.cpu_seconds,
        "wall_seconds": used.wall_seconds,
        "peak_mib": used.peak_mib,
    }


def counted(folder: Path) -> dict[str, int]:
    """Rows and cells of all Parquet and CSV files of a folder.

    Args:
        folder: The folder.
    """
    rows = cells = 0
    for path in folder.rglob("*.*"):
        if path.suffix not in (".parquet", ".csv"):
            continue
        frame = (
            pl.scan_parquet(path)
            if path.suffix == ".parquet"
            else pl.scan_csv(path, infer_schema=False)
        )
        count = frame.select(pl.len()).collect().item()
        rows, cells = rows + count, cells + count * len(frame.collect_schema())
    return {"rows": rows, "cells": cells}


PART = (generators,)
