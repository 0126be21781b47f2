"""The eight tables of identity resolution as files, and the checks of them as they are stored."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from synth_assets.core.model import Domain, Table
from synth_assets_tests.bench.peers.catalogue import LINE_ITEM_COLUMNS, line_items
from synth_assets_tests.bench.processes import answer, measure
from synth_assets_tests.bench.rows import Goal, Row, Scale, failed_checks, not_measured
from synth_assets_tests.bench.stopwatch import Stopwatch

LARGE = "50M"
# The gate is measured on shards of about three million records.
SHARDS = {"1M": 1, "10M": 4, LARGE: 16}
# Line items of TPC-H at scale factor 1: six million.
LINE_ITEMS = {Scale.quick: 0.1, Scale.default: 2, Scale.full: 8}


def written(scale: str, truth: str, folder: str) -> dict[str, Any]:
    """The tables' files, as ``synth identity-resolution`` writes them."""
    from synth_assets.domains.identity_resolution.model import open_model
    from synth_assets.domains.identity_resolution.publishing import files
    from synth_assets.domains.identity_resolution.scenario import IdentityScenario

    scenario, tables = IdentityScenario.of({"scale": scale}), files.tables(truth=truth == "truth")
    with Stopwatch() as watch:
        open_model(scenario)
        for table in tables:
            path = Path(folder) / f"{table.name}.parquet"
            files.write(table, scenario, path, os.cpu_count() or 1, lambda rows: None)
    sizes = {path: rows_of(path) for path in Path(folder).glob("*.parquet")}
    return {
        **watch.numbers(),
        "records": scenario.scale,
        "rows": sum(sizes.values()),
        "cells": sum(n * len(pl.scan_parquet(p).collect_schema()) for p, n in sizes.items()),
        "bytes": sum(path.stat().st_size for path in sizes),
    }


def rewritten(folder: str) -> dict[str, float]:
    """A bare write of the same frames, read before, with the same options."""
    from synth_assets.domains.identity_resolution.publishing import files

    cpu = wall = 0.0
    for path in sorted(Path(folder).glob("*.parquet")):
        frame = pl.read_parquet(path)
        with tempfile.TemporaryDirectory() as target, Stopwatch() as watch:
            frame.lazy().sink_parquet(
                Path(target) / path.name,
                compression="zstd",
                compression_level=files.COMPRESSION_LEVEL,
                row_group_size=files.ROW_GROUP_ROWS,
            )
        cpu, wall = cpu + watch.cpu, wall + watch.wall
    return {"cpu_seconds": cpu, "wall_seconds": wall}


def rows_of(path: Path) -> int:
    """Rows of a Parquet file."""
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def of_files(scale: str, *, truth: bool = False, bare: bool = False) -> dict[str, Any]:
    """``written`` in a process of its own, and ``rewritten`` as ``bare_…``."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(__name__, "written", scale, "truth" if truth else "tables", folder)
        if bare:
            peer = measure(__name__, "rewritten", folder)
            found |= {f"bare_{name}": number for name, number in peer.items()}
        return found


def _row(name: str, found: dict[str, Any], **more: Any) -> Row:
    details = {n: found[n] for n in ("rows", "cells", "bytes") if n in found}
    return Row(
        name,
        found["cpu_seconds"],
        found["wall_seconds"],
        found["peak_mib"],
        details=details,
        **more,
    )


def against_a_bare_write(scale: Scale) -> Iterator[Row]:
    """Eight tables, against a bare Parquet write of the same frames."""
    records = "1M" if scale is Scale.quick else "10M"
    found = of_files(records, bare=True)
    yield _row(
        f"eight tables of {records} records",
        found,
        ratio=found["cpu_seconds"] / found["bare_cpu_seconds"],
        against="a bare Parquet write of the same frames",
        goal=None if scale is Scale.quick else Goal("ratio", 1.8),
    )


def against_tpch(scale: Scale) -> Iterator[Row]:
    """Many records, and cells a processor second against ``tpchgen-cli``."""
    records = "1M" if scale is Scale.quick else LARGE
    found = of_files(records)
    goal = Goal("wall_seconds", 40) if records == LARGE else None
    yield _row(f"eight tables of {records} records, alone", found, goal=goal)
    peer = line_items(LINE_ITEMS[scale])
    theirs = peer["rows"] * LINE_ITEM_COLUMNS / peer["cpu_seconds"]
    ours = found["cells"] / found["cpu_seconds"]
    yield Row(
        f"cells a processor second, eight tables of {records} records",
        value=ours / 1e6,
        unit="M cells/CPU s",
        ratio=ours / theirs,
        against="line items of tpchgen-cli",
        goal=Goal("ratio", 0.7, least=True) if records == LARGE else None,
        details={"peer_cells_per_cpu_second": theirs},
    )
    name = f"the same with truth and edits, {LARGE}"
    if scale < Scale.full:
        yield not_measured(name, Scale.full)
    else:
        yield _row(name, of_files(LARGE, truth=True))


def stored() -> dict[str, Any]:
    """The eight tables in the Parquet lake of the home, without Dagster."""
    from synth_assets.core import sources
    from synth_assets.domains.identity_resolution.domain import domain
    from synth_assets.orchestration.settings import Settings

    retailer, stores = domain(), Settings.from_environment().open_stores()
    for table in _eight(retailer):
        keys = table.partitioning.keys()
        for partition, frame in sources.frames(table, retailer.scenario, keys):
            stores.of(table).replace(table, partition.key, frame, retailer.scenario.fingerprint())
    return {}


def gates() -> dict[str, Any]:
    """All checks of the eight tables on what ``stored`` has stored."""
    from synth_assets.domains.identity_resolution.domain import domain
    from synth_assets.orchestration.gate import evaluate_tables
    from synth_assets.orchestration.settings import Settings

    retailer, stores = domain(), Settings.from_environment().open_stores()
    with Stopwatch() as watch:
        outcomes = evaluate_tables(
            retailer,
            _eight(retailer),
            stores,
            retailer.scenario,
            lambda table: table.partitioning.keys(),
        )
    return {**watch.numbers(), "failed": failed_checks(outcomes)}


def _eight(retailer: Domain) -> list[Table]:
    from synth_assets.domains.identity_resolution.publishing import files

    return [retailer.table(table.name) for table in files.tables(truth=False)]


def of_gates(scale: Scale) -> Iterator[Row]:
    """The gates of eight tables, as they are stored in the Parquet lake."""
    records = ("1M", "10M", LARGE)[scale]
    with tempfile.TemporaryDirectory() as home:
        settings = {
            "SYNTH_HOME": home,
            "SYNTH_IDENTITY_RESOLUTION_SCALE": records,
            "SYNTH_IDENTITY_RESOLUTION_SHARDS": str(SHARDS[records]),
        }
        measure(__name__, "stored", **settings)
        found = measure(__name__, "gates", **settings)
    whole = records == LARGE
    name = f"gates of eight tables of {records} records"
    goal = Goal("wall_seconds", 30) if whole else None
    yield _row(name, found, goal=goal, note=found["failed"])
    yield Row(
        f"{name}: memory",
        peak_mib=found["peak_mib"],
        goal=Goal("peak_mib", 1_024) if whole else None,
    )
    if not whole:
        yield not_measured(f"gates of eight tables of {LARGE} records", Scale.full)


PART = (against_a_bare_write, against_tpch, of_gates)

if __name__ == "__main__":
    answer({"written": written, "rewritten": rewritten, "stored": stored, "gates": gates})
