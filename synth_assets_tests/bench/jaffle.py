"""Range runs of the jaffle shop: what recording, checks and Dagster add to making and storing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from synth_assets_tests.bench.processes import answer, measure
from synth_assets_tests.bench.rows import Goal, Row, Scale, not_measured
from synth_assets_tests.bench.stopwatch import Stopwatch

FIRST = date(2022, 1, 1)
SHORT, QUICK, YEAR, YEARS = 60, 10, 365, 1_095
MEGABYTE = 1e6
STORED_AGAIN = 3_000


def bare(days: str) -> dict[str, Any]:
    """All tables of some days made and stored, without Dagster or checks."""
    from synth_assets.core import sources
    from synth_assets.domains.jaffle.domain import domain
    from synth_assets.stores import open_store

    shop = domain()
    keys = list(shop.tables[0].partitioning.keys())[: int(days)]

    def make_and_store(keys: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = open_store("parquet", folder)
            for table in shop.tables:
                for partition, frame in sources.frames(table, shop.scenario, keys):
                    store.replace(table, partition.key, frame, "bench")

    make_and_store(keys[:1])  # vocabularies are drawn once a process
    with Stopwatch() as watch:
        make_and_store(keys)
    return watch.numbers()


def range_run(days: str) -> dict[str, Any]:
    """All tables of some days as one run with all checks."""
    import dagster as dg

    from synth_assets.domains.jaffle.domain import domain
    from synth_assets.orchestration.build import build_definitions
    from synth_assets.orchestration.gate_asset import gate_key
    from synth_assets.orchestration.home import open_instance
    from synth_assets.orchestration.runs import launch
    from synth_assets.orchestration.settings import Settings

    settings, shop = Settings.from_environment(), domain()
    keys = list(shop.tables[0].partitioning.keys())[: int(days)]
    defs = build_definitions([shop], settings, with_dbt=False)
    graph = defs.resolve_asset_graph()
    assets: list[dg.AssetKey] = [
        key for key in graph.materializable_asset_keys if key != gate_key(shop.name)
    ]
    with open_instance(settings) as instance:
        with Stopwatch() as run:
            outcome = launch(defs, assets, list(graph.asset_check_keys), instance, keys=keys)
        assert outcome.success, outcome.messages
        stored = result_stored(instance, outcome.run_id)
    files = [path for path in settings.dagster_home.rglob("*.db*") if path.is_file()]
    partitions = sum(len(rows) for rows in outcome.rows.values())
    return {
        **run.numbers(),
        "tables": len(assets),
        "partitions": partitions,
        "results": len(outcome.checks),
        "partition_cpu_ms": 1_000 * run.cpu / partitions,
        "result_stored_cpu_ms": 1_000 * stored,
        "database_mb": sum(path.stat().st_size for path in files) / MEGABYTE,
    }


def result_stored(instance: Any, run_id: str) -> float:
    """Processor seconds of storing one result: those of a run, again, in a new log of its own."""
    import dagster as dg

    from synth_assets.orchestration.event_log import PooledSqliteEventLogStorage

    kinds = {
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        dg.DagsterEventType.ASSET_MATERIALIZATION,
    }
    storage = instance.event_log_storage
    results = list(storage.get_logs_for_run(run_id, of_type=kinds))[:STORED_AGAIN]
    with tempfile.TemporaryDirectory() as folder:
        again = PooledSqliteEventLogStorage(folder)
        again.register_instance(instance)
        with Stopwatch() as watch:
            for event in results:
                again.store_event(event)
            stored = len(again.get_records_for_run(run_id, limit=1).records)
        again.dispose()
    assert stored
    return watch.cpu / len(results)


def days_of(measured: str, days: int) -> dict[str, Any]:
    """``bare`` or ``range_run`` in a process and a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        return measure(
            __name__,
            measured,
            days,
            SYNTH_HOME=home,
            SYNTH_JAFFLE_START_DATE=str(FIRST),
            SYNTH_JAFFLE_END_DATE=str(FIRST + timedelta(days)),
        )


def _row(name: str, found: dict[str, Any]) -> Row:
    return Row(
        name,
        found["cpu_seconds"],
        found["wall_seconds"],
        found["peak_mib"],
        details={n: found[n] for n in ("partitions", "results")},
    )


def range_runs(scale: Scale) -> Iterator[Row]:
    """Range runs."""
    days = QUICK if scale is Scale.quick else SHORT
    peer, first = days_of("bare", days), days_of("range_run", days)
    title = f"{days} days of {first['tables']} tables, one run with all results"
    yield replace(
        _row(title, first),
        ratio=first["cpu_seconds"] / peer["cpu_seconds"],
        against="making and storing them bare",
        goal=Goal("ratio", 2.5) if days == SHORT else None,
    )
    yield Row(
        f"a partition's result stored ({days} days)",
        value=first["result_stored_cpu_ms"],
        unit="CPU ms",
        goal=Goal("value", 1),
    )
    for longer, needs in ((YEAR, Scale.default), (YEARS, Scale.full)):
        if scale < needs:
            yield not_measured(f"{longer:,} days, one run", needs)
            continue
        found = days_of("range_run", longer)
        yield replace(
            _row(f"{longer:,} days, one run: cost of a partition", found),
            ratio=found["partition_cpu_ms"] / first["partition_cpu_ms"],
            against=f"{days} days",
            value=found["partition_cpu_ms"],
            unit="CPU ms",
            goal=Goal("ratio", 1),
        )
        yield Row(
            f"{longer:,} days, one run: size of the instance's database",
            value=found["database_mb"],
            unit="MB",
            goal=Goal("value", 40) if longer == YEAR else None,
        )


PART = (range_runs,)

if __name__ == "__main__":
    answer({"bare": bare, "range_run": range_run})
