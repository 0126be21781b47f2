"""Every jaffle table is a pure function of its row numbers: partitions, batches, horizon, process
and other tables change no row, and a seed changes them all."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest

from synth_assets.core import sources
from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import polars_schema
from synth_assets.domains.jaffle import model
from synth_assets.randomness.streams import RandomStream
from synth_assets_tests.domains.jaffle.made import days, default, jaffle, made, slices

TABLES = [table.name for table in default().tables]
every_table = pytest.mark.parametrize("name", TABLES)


def several_days(of: Domain, table: Table, first: int, stop: int) -> Partition:
    """The rows of neighbouring days as one partition."""
    head, *_, tail = (table.partition(of.scenario, key) for key in days(of, first, stop))
    return replace(head, stop=tail.stop, last=tail.last)


def rows(of: Domain, table: Table, partition: Partition) -> pl.DataFrame:
    return sources.frame(table, of.scenario, partition).collect()


@every_table
def test_the_size_of_batches_changes_no_row(name: str, shop: Domain) -> None:
    table = shop.table(name)
    partition = several_days(shop, table, 20, 24)
    whole = rows(shop, table, partition)
    assert len(whole) > 0
    third = (partition.stop - partition.start) // 3 + 1
    assert pl.concat(rows(shop, table, batch) for batch in partition.batches(third)).equals(whole)
    few = replace(partition, stop=partition.start + 3)
    ones = [rows(shop, table, one) for one in few.batches(1)]
    assert pl.concat(ones).equals(rows(shop, table, few))


@every_table
def test_a_day_alone_is_the_day_out_of_a_range(name: str, shop: Domain) -> None:
    table = shop.table(name)
    together = slices(shop, table, days(shop, 0, 1) + days(shop, 63, 65))
    for key, frame in together.items():
        assert frame.equals(rows(shop, table, table.partition(shop.scenario, key))), key


@every_table
def test_columns_and_types_are_those_of_the_schema(name: str, shop: Domain) -> None:
    table = shop.table(name)
    for key in days(shop, 0, 2):
        partition = table.partition(shop.scenario, key)
        assert rows(shop, table, partition).schema == polars_schema(table.schema)
        made_rows = sources.generated(table).generate(shop.scenario, partition).collect()["row"]
        assert made_rows.is_sorted(), "rows must come in order of row"
        assert made_rows.is_between(partition.start, partition.stop - 1).all()


@every_table
def test_a_longer_horizon_changes_no_row(name: str, shop: Domain) -> None:
    # Calendars are built in blocks of 64 days; days at block boundaries need one or more blocks.
    table = shop.table(name)
    for day, horizons in ((0, [1]), (63, [1, 200]), (64, [1])):
        partition = table.partition(shop.scenario, days(shop, day, day + 1)[0])
        alone = rows(shop, table, partition)
        for further in horizons:
            later = replace(partition, last=partition.last + further)
            assert rows(shop, table, later).equals(alone), f"day {day}, {further} days on"


@every_table
def test_rows_before_a_day_do_not_depend_on_the_days_after_it(name: str, shop: Domain) -> None:
    table = shop.table(name)
    bounds = [sources.generated(table).rows_before(shop.scenario, day) for day in range(202)]
    assert bounds[0] == 0
    assert bounds == sorted(bounds)
    partitions = [table.partition(shop.scenario, key) for key in days(shop, 0, 201)]
    assert [(p.start, p.stop) for p in partitions] == list(pairwise(bounds))


@pytest.mark.parametrize("block", [60, 96, 1_000])
def test_the_length_of_calendar_blocks_changes_no_row(
    block: int, shop: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["raw_orders_training", "raw_signups_validation", "stg_app_sessions"]
    usual = {name: made(shop, name, 62, 66) for name in names}
    # At least the 60 days of calibration, since every calendar needs their sum.
    monkeypatch.setattr(model, "BLOCK", block)
    model._open_model.cache_clear()
    try:
        for name in names:
            assert made(shop, name, 62, 66).equals(usual[name])
    finally:
        model._open_model.cache_clear()


@every_table
def test_another_end_date_changes_no_row(name: str, shop: Domain) -> None:
    start = shop.scenario.start_date  # type: ignore[attr-defined]
    for length in (3, 500):
        ended = jaffle(end_date=start + timedelta(days=length))
        assert ended.table(name).partitioning.keys() == days(shop, 0, length)
        assert made(ended, name, 1, 3).equals(made(shop, name, 1, 3))


@every_table
def test_another_seed_gives_other_rows(name: str, shop: Domain) -> None:
    assert not made(jaffle(seed=43), name, 0, 8).equals(made(shop, name, 0, 8))


# --- a fresh process ----------------------------------------------------------------------

WRITE = """
import sys
from pathlib import Path
from synth_assets.core import sources
from synth_assets_tests.domains.jaffle.made import jaffle
shop = jaffle()
for name in sys.argv[2:]:
    table = shop.table(name)
    partition = table.partition(shop.scenario, "2026-03-06")
    frame = sources.frame(table, shop.scenario, partition).collect()
    frame.write_parquet(Path(sys.argv[1]) / name)
"""


def test_a_fresh_process_generates_the_same_bytes(shop: Domain, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONHASHSEED": "99", "POLARS_MAX_THREADS": "3"}
    subprocess.run(
        [sys.executable, "-c", WRITE, str(tmp_path), *TABLES],
        env=environment,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    made(shop, "raw_orders_training", 0, 60)  # earlier calls must have no effect
    for name in TABLES:
        table, here = shop.table(name), BytesIO()
        partition = table.partition(shop.scenario, "2026-03-06")
        rows(shop, table, partition).write_parquet(here)
        assert (tmp_path / name).read_bytes() == here.getvalue(), name


# --- names, not positions -----------------------------------------------------------------


def wider(schema: type[dy.Schema]) -> type[dy.Schema]:
    """The schema with a new first column."""
    columns = {"shoe_size": dy.Int64(), **schema.columns()}
    return type(f"Wider{schema.__name__}", (dy.Schema,), columns)


@every_table
def test_a_further_column_in_front_changes_no_other(name: str, shop: Domain) -> None:
    table = shop.table(name)

    def generate(scenario: Any, partition: Partition) -> pl.LazyFrame:
        new = RandomStream(scenario.seed, "jaffle", name, "shoe_size").integers(
            pl.col("row"), 30, 48
        )
        return sources.generated(table).generate(scenario, partition).with_columns(shoe_size=new)

    wide = replace(
        table,
        schema=wider(table.schema),
        source=replace(sources.generated(table), generate=generate),
    )
    partition = several_days(shop, table, 20, 25)
    frame = rows(shop, wide, partition)
    assert frame.columns[0] == "shoe_size"
    assert frame.drop("shoe_size").equals(rows(shop, table, partition))


def test_other_tables_change_no_row(shop: Domain) -> None:
    other = jaffle()
    backwards = replace(other, tables=other.tables[::-1])
    model._open_model.cache_clear()
    last_first = {t.name: slices(backwards, t, days(shop, 5, 6)) for t in backwards.tables}
    model._open_model.cache_clear()
    for table in shop.tables:
        (frame,) = slices(shop, table, days(shop, 5, 6)).values()
        assert frame.equals(last_first[table.name]["2026-01-06"])


def test_no_two_paths_of_names_share_a_key(shop: Domain) -> None:
    """Every random stream that generation opens has the domain in its name."""
    seen: dict[int, tuple[str, ...]] = {}
    original = RandomStream.__init__

    def watch(self: RandomStream, seed: int, *names: str) -> None:
        original(self, seed, *names)
        assert seen.setdefault(self.key, names) == names

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RandomStream, "__init__", watch)
        for table in shop.tables:
            slices(shop, table, days(shop, 40, 41))
    assert len(seen) > 100
    assert all(names[0] == "jaffle" for names in seen.values())
