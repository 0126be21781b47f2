"""The identity graph through Dagster: all ten tables of a number of households, and their gates."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from typing import Any

from synth_assets_tests.bench.processes import answer, measure
from synth_assets_tests.bench.rows import Goal, Row, Scale, not_measured

# Households a shard, as the documentation recommends.
A_SHARD, FEWEST_SHARDS = 100_000, 8
QUICK, LARGE = 10_000, 1_000_000
SIZES = {Scale.quick: (QUICK,), Scale.default: (100_000, LARGE), Scale.full: (100_000, LARGE)}
GOALS = {LARGE: (50, 80)}


def run(households: str) -> dict[str, Any]:
    """One run of tables and gates; its steps run one by one, so that gates can be told apart."""
    import dagster as dg

    from synth_assets.domains.identity_graph.validation import configuration
    from synth_assets.orchestration.settings import Settings
    from synth_assets.pipelines.identity_graph import execute_full_pipeline

    count = int(households)
    shards = count // A_SHARD if count >= A_SHARD else FEWEST_SHARDS
    config = configuration({"household_config": {"num_households": count}, "shards": shards})
    steps: dict[bool, float] = {True: 0.0, False: 0.0}  # seconds of steps with and without checks
    checked: set[str] = set()

    def listen(event: dg.DagsterEvent) -> None:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            checked.add(str(event.step_key))
        elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            seconds = event.step_success_data.duration_ms / 1_000
            steps[str(event.step_key) in checked] += seconds

    started = time.perf_counter()
    done = execute_full_pipeline(config, settings=Settings.from_environment(), on_event=listen)
    seconds = time.perf_counter() - started
    assert done["status"] == "succeeded", done["failures"]
    return {
        "wall_seconds": seconds,
        "gates_seconds": steps[True],
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
            wall_seconds=found["wall_seconds"] - found["gates_seconds"],
            details=details,
            goal=Goal("wall_seconds", tables) if tables else None,
        )
        yield Row(
            f"{count:,} households, with all gates",
            cpu_seconds=found["cpu_seconds"],
            wall_seconds=found["wall_seconds"],
            peak_mib=found["peak_mib"],
            details=details,
            goal=Goal("wall_seconds", gated) if gated else None,
        )
    if scale is Scale.quick:
        yield not_measured(f"{LARGE:,} households, ten tables through Dagster", Scale.default)


PART = (households,)

if __name__ == "__main__":
    answer({"run": run})
