"""A large partition into the stores that are files, each against a bare Parquet write of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synth_assets_tests.bench import postgres
from synth_assets_tests.bench.processes import answer, measure
from synth_assets_tests.bench.rows import Goal, Row, Scale
from synth_assets_tests.bench.stopwatch import best

KINDS = ("parquet", "delta", "duckdb")
GOALS = {"duckdb": Goal("ratio", 0.5, least=True)}
ROWS = {Scale.quick: 200_000, Scale.default: 1_000_000, Scale.full: 1_000_000}
# Customers of the shop whose orders of one day are stored: up to half a million.
CUSTOMERS = {Scale.quick: 500_000, Scale.default: 2_000_000, Scale.full: 2_000_000}
ORDERS_A_CUSTOMER, DAY = 10, 30


def orders(kind: str, customers: str) -> dict[str, Any]:
    """Orders into a store, and bare writes of the same frame."""
    import duckdb

    from synth_assets.core import sources
    from synth_assets.domains.jaffle.domain import domain
    from synth_assets.domains.jaffle.scenario import JaffleScenario
    from synth_assets.stores import open_store

    table = domain().table("raw_orders_training")
    count = int(customers)
    scenario = JaffleScenario.of(
        {"training_customers": count, "training_orders": ORDERS_A_CUSTOMER * count}
    )
    partition = table.partition(scenario, table.partitioning.keys()[DAY])
    frame = sources.frame(table, scenario, partition).collect()
    with tempfile.TemporaryDirectory() as folder:
        store, bare_file = open_store(kind, f"{folder}/here"), Path(folder) / "bare.parquet"

        def create() -> None:
            with duckdb.connect(f"{folder}/bare.duckdb") as db:
                db.register("made", frame)
                db.execute("create or replace table orders as select * from made")

        ours = best(lambda: store.replace(table, partition.key, frame.lazy(), "bench"))
        bare = best(lambda: frame.write_parquet(bare_file, compression_level=1))
        created = best(create)
    return {
        "rows": len(frame),
        **ours.numbers(),
        **bare.numbers("bare_"),
        **created.numbers("created_"),
    }


def file_stores(scale: Scale) -> Iterator[Row]:
    """Orders into a store of files."""
    for kind in KINDS:
        found = measure(__name__, "orders", kind, CUSTOMERS[scale])
        yield Row(
            f"orders into the {kind} store",
            found["cpu_seconds"],
            found["wall_seconds"],
            found["peak_mib"],
            ratio=found["bare_cpu_seconds"] / found["cpu_seconds"],
            against="the speed of a bare Parquet write",
            goal=None if scale is Scale.quick else GOALS.get(kind),
            details={
                "rows": found["rows"],
                "wall_ratio": found["bare_wall_seconds"] / found["wall_seconds"],
            },
        )
    yield Row(
        "a bare CREATE TABLE AS of DuckDB",
        found["created_cpu_seconds"],
        found["created_wall_seconds"],
        ratio=found["bare_cpu_seconds"] / found["created_cpu_seconds"],
        against="the speed of a bare Parquet write",
        details={"rows": found["rows"]},
    )


def postgresql(scale: Scale) -> Iterator[Row]:
    """Rows into PostgreSQL."""
    for name, (what, against) in postgres.LOADS.items():
        found = measure(postgres.__name__, name, ROWS[scale])
        yield Row(
            f"{ROWS[scale]:,} {what} into the postgres store",
            found["cpu_seconds"],
            found["wall_seconds"],
            found["peak_mib"],
            ratio=found["bare_cpu_seconds"] / found["cpu_seconds"],
            against=f"the speed of {against}",
            goal=None if scale is Scale.quick else Goal("ratio", 1, least=True),
            details={"wall_ratio": found["bare_wall_seconds"] / found["wall_seconds"]},
        )


PART = (file_stores, postgresql)

if __name__ == "__main__":
    answer({"orders": orders})
