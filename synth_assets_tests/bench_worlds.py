"""Speed and memory of the GA4 export and of the identity graph, against peers in the same run.

Run it with ``python -m synth_assets_tests.bench_worlds``; ``make bench`` does, too. Each figure
comes from a process of its own, since only that tells how much memory it took.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from faker import Faker

from synth_assets.core import sources
from synth_assets.domains.identity_graph.validation import configuration
from synth_assets.domains.journey.domain import domain
from synth_assets.domains.journey.tables import events
from synth_assets.orchestration.settings import Settings
from synth_assets.pipelines.identity_graph import execute_full_pipeline
from synth_assets.stores import open_store

WHOLE_SAMPLE = {"SYNTH_JOURNEY_SCALE": "1", "SYNTH_JOURNEY_END_DATE": "2021-02-01"}
BUSIEST = "2020-12-08"
# Households a shard, as the documentation recommends.
A_SHARD, MOST_SHARDS = 100_000, 16
HOUSEHOLDS = (10_000, 100_000, 1_000_000)
LOOP_ROWS = 20_000


def _used(started: float) -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
    }


def export() -> dict[str, float]:
    """The whole sample's events into Parquet files."""
    os.environ |= {"SYNTH_JOURNEY_SCALE": "1", "SYNTH_JOURNEY_END_DATE": "2021-02-01"}
    started, journey = time.perf_counter(), domain()
    table = journey.table(events.NAME)
    with tempfile.TemporaryDirectory() as folder:
        store, rows = open_store("parquet", folder), 0
        for partition, frame in sources.frames(table, journey.scenario, table.partitioning.keys()):
            rows += store.replace(table, partition.key, frame, "bench").rows
    return {"rows": rows, **_used(started)}


def day() -> dict[str, float]:
    """The busiest day's events made, against a bare write of them."""
    journey = domain()
    table = journey.table(events.NAME)
    partition = table.partition(journey.scenario, BUSIEST)
    sources.frame(table, journey.scenario, partition).collect()
    started = time.perf_counter()
    made = sources.frame(table, journey.scenario, partition).collect()
    ours = time.perf_counter() - started
    with tempfile.TemporaryFile() as file:
        started = time.perf_counter()
        made.write_parquet(file, compression_level=1)
        theirs = time.perf_counter() - started
    return {
        "rows": len(made),
        "seconds": ours,
        "bare_write_seconds": theirs,
        "ratio": ours / theirs,
    }


def graph(households: int) -> dict[str, float]:
    """All ten tables through Dagster, gates apart."""
    shards = max(min(households // A_SHARD, MOST_SHARDS), 1) if households >= A_SHARD else 8
    config = configuration({"household_config": {"num_households": households}, "shards": shards})
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SYNTH_HOME": home, "DAGSTER_HOME": ""}
        started = time.perf_counter()
        done = execute_full_pipeline(config, settings=Settings.from_environment(), gates=False)
        assert done["status"] == "succeeded", done["failures"]
        counts = done["row_counts"]
    return {
        "people": counts["individuals"],
        "engagements": counts["content_engagements"],
        **_used(started),
    }


def faker_engagements(rows: int) -> pl.DataFrame:
    """The columns of an engagement as people write them: a loop of Faker calls."""
    fake, made, begin = Faker("en_US"), [], datetime(2025, 1, 1)
    fake.seed_instance(1)
    for row in range(rows):
        made.append(
            {
                "event_id": row,
                "individual_id": fake.random_int(1, 10**6),
                "content_id": f"content_{fake.random_int(1, 10**5)}",
                "content_category": fake.random_element(("Technology", "Sports", "News")),
                "engagement_type": fake.random_element(("view", "click", "share", "like")),
                "timestamp": begin + timedelta(seconds=fake.random_int(0, 7_776_000)),
                "duration_seconds": fake.random_int(10, 3_600),
                "device_type": fake.random_element(("mobile", "desktop", "tablet", "ctv")),
                "session_id": fake.uuid4(),
            }
        )
    return pl.DataFrame(made)


def loop() -> float:
    """Engagements a second of the loop."""
    started = time.perf_counter()
    faker_engagements(LOOP_ROWS)
    return LOOP_ROWS / (time.perf_counter() - started)


MEASURES: dict[str, Callable[..., dict[str, float]]] = {
    "export": export,
    "day": day,
    "graph": graph,
}


def apart(name: str, *arguments: int) -> dict[str, float]:
    """A measure in a new process."""
    words = [sys.executable, "-m", __spec__.name, name, *map(str, arguments)]
    kept = {n: v for n, v in os.environ.items() if not n.startswith("SYNTH_")}
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env=kept | WHOLE_SAMPLE
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def results() -> dict[str, dict[str, Any]]:
    """All figures, by what they say."""
    found: dict[str, dict[str, Any]] = {
        "the GA4 sample's size, three months": apart("export"),
        "a day of events, against a bare write of them": apart("day"),
    }
    for households in HOUSEHOLDS:
        found[f"identity graph of {households:,} households"] = apart("graph", households)
    whole, theirs = found[f"identity graph of {HOUSEHOLDS[-1]:,} households"], loop()
    rate = whole["engagements"] / whole["seconds"]
    found["engagements a second, all ten tables with them, against a Faker loop"] = {
        "engagements_per_second": rate,
        "faker_engagements_per_second": theirs,
        "ratio": rate / theirs,
    }
    return found


def main() -> None:
    """Prints all figures, or with arguments those of one measure as JSON."""
    if len(sys.argv) > 1:
        name, *arguments = sys.argv[1:]
        print(json.dumps(MEASURES[name](*map(int, arguments))))
    else:
        print(json.dumps(results(), indent=1))


if __name__ == "__main__":
    main()
