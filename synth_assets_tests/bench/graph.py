"""The identity graph through Dagster: all ten tables of a number of households, and their gates."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

from synth_assets_tests.bench.processes import answer, measure
from synth_assets_tests.bench.rows import Goal, Row, Scale, failed_checks, not_measured
from synth_assets_tests.bench.stopwatch import Stopwatch

# Households a shard, as the documentation recommends.
A_SHARD, FEWEST_SHARDS = 100_000, 8
QUICK, LARGE = 10_000, 1_000_000
SIZES = {Scale.quick: (QUICK,), Scale.default: (100_000, LARGE), Scale.full: (100_000, LARGE)}
GOALS = {LARGE: (50, 80)}


def run(households: str) -> dict[str, Any]:
    """All tables in one run, then all checks of what it has stored."""
    from synth_assets.domains.identity_graph.validation import configuration
    from synth_assets.orchestration.gate import evaluate_tables
    from synth_assets.orchestration.settings import Settings
    from synth_assets.pipelines.identity_graph import destination, execute_full_pipeline

    count = int(households)
    shards = count // A_SHARD if count >= A_SHARD else FEWEST_SHARDS
    config = configuration({"household_config": {"num_households": count}, "shards": shards})
    domain, settings = destination(config, Settings.from_environment())
    with Stopwatch() as tables:
        done = execute_full_pipeline(config, settings=settings, gates=False)
    assert done["status"] == "succeeded", done["failures"]
    with Stopwatch() as gates:
        outcomes = evaluate_tables(
            domain,
            domain.tables,
            settings.open_stores(),
            domain.scenario,
            lambda table: table.partitioning.keys(),
        )
    return {
        **tables.numbers("tables_"),
        **gates.numbers("gates_"),
        "failed": failed_checks(outcomes),
        "people": done["row_counts"]["individuals"],
        "engagements": done["row_counts"]["content_engagements"],
    }


def households(scale: Scale) -> Iterator[Row]:
    """Ten tables through Dagster, and with all gates."""
    for count in SIZES[scale]:
        with tempfile.TemporaryDirectory() as home:
            found = measure(__name__, "run", count, SYNTH_HOME=home)
        tables, gated = GOALS.get(count, (None, None))
        details = {name: found[name] for name in ("people", "engagements")}
        yield Row(
            f"{count:,} households, ten tables through Dagster",
            found["tables_cpu_seconds"],
            found["tables_wall_seconds"],
            details=details,
            goal=Goal("wall_seconds", tables) if tables else None,
        )
        yield Row(
            f"{count:,} households, with all gates",
            found["tables_cpu_seconds"] + found["gates_cpu_seconds"],
            found["tables_wall_seconds"] + found["gates_wall_seconds"],
            found["peak_mib"],
            details=details,
            goal=Goal("wall_seconds", gated) if gated else None,
            note=found["failed"],
        )
    if scale is Scale.quick:
        yield not_measured(f"{LARGE:,} households, ten tables through Dagster", Scale.default)


PART = (households,)

if __name__ == "__main__":
    answer({"run": run})
