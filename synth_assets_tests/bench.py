"""Speed and memory, each as a ratio against a peer in the same run. Run it with ``make bench``.

Results go to ``bench-results/latest.json`` and to the terminal. Machines differ and are noisy:
quote the ratios, and the machine with them.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from faker import Faker

from synth_assets.core import sources
from synth_assets.core.model import Table
from synth_assets.domains.jaffle.domain import domain
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.stores import open_store
from synth_assets_tests import bench_identity, bench_postgres, bench_worlds

FAKER_ROWS, REPEATS = 5_000, 3
RESULTS = Path("bench-results") / "latest.json"
BIG = JaffleScenario.of({"training_customers": 2_000_000, "training_orders": 20_000_000})


def best(action: Callable[[], Any]) -> float:
    """Seconds of the fastest of a few runs."""
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def faker_signups(rows: int) -> pl.DataFrame:
    """The sign-up columns as people write them: a loop of Faker calls."""
    fake = Faker("en_US")
    fake.seed_instance(1)
    made = []
    for row in range(rows):
        name = fake.first_name() + fake.last_name()[0]
        made.append(
            {
                "id": row,
                "user_id": row,
                "user_email": f"{name.lower()}{row}@example.com",
                "hashed_password": hashlib.sha256(fake.password().encode()).hexdigest(),
                "signup_date": fake.date_time_this_year(),
            }
        )
    return pl.DataFrame(made)


def generation(tables: dict[str, Table]) -> dict[str, float]:
    """Rows a second of one large partition, against the Faker loop over the same columns."""
    signups = tables["raw_signups_training"]
    partition = signups.partition(BIG, signups.partitioning.keys()[30])
    rows = partition.stop - partition.start
    ours = rows / best(lambda: sources.frame(signups, BIG, partition).collect())
    theirs = FAKER_ROWS / best(lambda: faker_signups(FAKER_ROWS))
    return {"rows": rows, "rows_per_second": ours, "faker_rows_per_second": theirs,
            "ratio": ours / theirs}  # fmt: skip


def storing(tables: dict[str, Table], kind: str) -> dict[str, float]:
    """Rows a second into a store, against a bare Polars write of the same frame."""
    orders = tables["raw_orders_training"]
    partition = orders.partition(BIG, orders.partitioning.keys()[30])
    frame = sources.frame(orders, BIG, partition).collect()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(kind, f"{folder}/here")
        ours = len(frame) / best(
            lambda: store.replace(orders, partition.key, frame.lazy(), "bench")
        )
        bare = Path(folder) / "bare.parquet"
        theirs = len(frame) / best(lambda: frame.write_parquet(bare, compression_level=1))
    return {"rows": len(frame), "rows_per_second": ours, "bare_parquet_rows_per_second": theirs,
            "ratio": ours / theirs}  # fmt: skip


def range_run(tables: dict[str, Table]) -> dict[str, float]:
    """60 days of all tables and gates as one Dagster run, against making them bare."""
    import dagster as dg

    from synth_assets.orchestration.build import build_definitions
    from synth_assets.orchestration.home import open_instance
    from synth_assets.orchestration.runs import launch
    from synth_assets.orchestration.settings import Settings

    home = tempfile.mkdtemp()
    os.environ |= {"SYNTH_HOME": home, "DAGSTER_HOME": ""}
    settings, shop = Settings.from_environment(), domain()
    keys = list(shop.tables[0].partitioning.keys())[:60]
    started = time.perf_counter()
    store = open_store("parquet", f"{home}/bare")
    for table in shop.tables:
        for partition, frame in sources.frames(table, shop.scenario, keys):
            store.replace(table, partition.key, frame, "bench")
    bare = time.perf_counter() - started
    defs = build_definitions([shop], settings, with_dbt=False)
    graph = defs.resolve_asset_graph()
    assets = [
        k for k in graph.materializable_asset_keys if k != dg.AssetKey(["jaffle", "gate_report"])
    ]
    with open_instance(settings) as instance:
        started = time.perf_counter()
        outcome = launch(defs, assets, list(graph.asset_check_keys), instance, keys=keys)
        whole = time.perf_counter() - started
    shutil.rmtree(home)
    return {"seconds": whole, "bare_seconds": bare, "verdicts": len(outcome.checks),
            "ratio": whole / bare}  # fmt: skip


def main() -> None:
    """Runs all benchmarks, prints them, and writes the results file."""
    tables = {table.name: table for table in domain().tables}
    results: dict[str, Any] = {
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "polars": pl.__version__,
            "processor": platform.processor() or platform.machine(),
        },
        "sign-ups generated, against a Faker loop": generation(tables),
        "orders into parquet, against a bare write": storing(tables, "parquet"),
        "orders into duckdb, against a bare write": storing(tables, "duckdb"),
        "orders into delta, against a bare write": storing(tables, "delta"),
        "60 days of jaffle with gates in Dagster, against bare": range_run(tables),
    }
    with bench_postgres.embedded() as url:
        results["a million rows into postgres, against a bare COPY"] = bench_postgres.loading(url)
        more = "a million more into postgres, against a bare COPY with the same keys"
        results[more] = bench_postgres.loading_more(url)
    results |= bench_identity.results() | bench_worlds.results()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results["peak resident MiB"] = round(peak)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    for name, figures in results.items():
        if isinstance(figures, dict):
            text = ", ".join(
                f"{k} {v:,.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items()
            )
            print(f"{name}: {text}")
        else:
            print(f"{name}: {figures}")
    print(f"wrote {RESULTS}")


if __name__ == "__main__":
    main()
