"""Worlds in Python: their rows are those that stores have, and nothing else decides them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from synth_assets import open_world
from synth_assets.cli.exits import GATE_FAILED
from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Derived, Generated, Queried, row_numbers
from synth_assets.frames.readers import MemoryReader
from synth_assets.frames.world import World
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import PROJECT
from synth_assets.stores import open_store
from synth_assets.stores.routing import Stores
from synth_assets_tests.environment import of_domain, only
from synth_assets_tests.frames.worlds import SAMPLES, store_all
from synth_assets_tests.quality.parent_child import DOMAIN, PARENT
from synth_assets_tests.shell import Shell

ORDERS = "raw_orders_training"
TWO = "2026-01-02..2026-01-03"
# Domains with names and models that take seconds to be drawn, however few rows there are.
SLOW = ("clean_room", "identity_resolution")


@pytest.fixture
def shop() -> World:
    return open_world("jaffle", **SAMPLES["jaffle"].scenario)


@pytest.mark.parametrize(
    "domain",
    [pytest.param(d, marks=[pytest.mark.slow] if d in SLOW else []) for d in SAMPLES],
)
def test_rows_are_those_that_are_stored(domain: str, tmp_path: Path) -> None:
    sample = SAMPLES[domain]
    world = open_world(domain, **sample.scenario)
    stores = Stores.only(open_store("parquet", str(tmp_path)))
    store_all(world.domain, sample.tables, stores)
    for name in sample.tables:
        of, key = world[name], world[name].keys[-1]
        stored = stores.scan(of.table).drop(of.table.partitioning.partition_column).collect()
        assert len(stored), name
        assert_frame_equal(of.polars(), stored)
        alone = stores.scan(of.table, [key]).drop(of.table.partitioning.partition_column)
        assert_frame_equal(of.partition(key).collect(), alone.collect())


@pytest.mark.slow
@pytest.mark.parametrize("domain", SAMPLES)
def test_all_tables_are_those_that_the_command_stores(domain: str, tmp_path: Path) -> None:
    scenario = SAMPLES[domain].scenario
    settings = of_domain(domain, **scenario) | {"SYNTH_HOME": tmp_path}
    texts = {n: json.dumps(v) if isinstance(v, dict) else str(v) for n, v in settings.items()}
    done = Shell(tmp_path)("materialize", domain, **texts)
    assert done.returncode in (0, GATE_FAILED), done.stderr
    with only(**texts):
        stores = Settings.from_environment().open_stores()
        for of in open_world(domain, **scenario).values():
            stored = stores.scan(of.table).drop(of.table.partitioning.partition_column).collect()
            in_order = stores.of(of.table).kind == "parquet"
            assert_frame_equal(of.polars(), stored, check_row_order=in_order)


def test_the_environment_decides_nothing(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_SEED", "7")
    monkeypatch.setenv("SYNTH_JAFFLE_TRAINING_ORDERS", "3000")
    again = open_world("jaffle", **SAMPLES["jaffle"].scenario)
    assert again.scenario == shop.scenario
    assert open_world("jaffle", seed=7).scenario.seed == 7


def test_a_domain_outside_the_package_is_opened_by_its_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = PROJECT / "examples" / "greenhouses"
    world = open_world(str(path), seed=7, sites_rows=5)
    assert world["sites"].polars().height == 5
    monkeypatch.setenv("SYNTH_DOMAINS", str(path))
    named = open_world("greenhouses", seed=7, sites_rows=5)
    assert_frame_equal(named["sites"].polars(), world["sites"].polars())
    with pytest.raises(UserError, match=r"there is no none\.yaml$"):
        open_world("none.yaml")


def test_types_of_libraries_have_the_same_rows(shop: World) -> None:
    two = shop[ORDERS].partitions(TWO)
    rows = two.polars()
    assert isinstance(two.lazy(), pl.LazyFrame)
    days = [shop[ORDERS].partition(key).collect() for key in two.keys]
    assert_frame_equal(rows, pl.concat(days))
    assert pl.from_arrow(two.arrow()).equals(rows)  # type: ignore[union-attr]
    assert two.pandas()["id"].tolist() == rows["id"].to_list()
    with duckdb.connect() as connection:
        orders = two.duckdb(connection)  # noqa: F841 (SQL names it)
        found = connection.sql("select count(*), max(id) from orders").fetchall()
    assert found == [(len(rows), rows["id"].max())]
    assert two.duckdb().count("*").fetchone() == (len(rows),)


def world_of(source: Derived | Generated | Queried) -> World:
    """A world of one table in two shards, with rows from a source."""
    of = replace(DOMAIN, tables=[replace(PARENT, source=source)])
    return World(of, MemoryReader(of))


def test_nothing_is_computed_before_rows_are_collected() -> None:
    made = []

    def derive(view: TableView, key: str) -> pl.LazyFrame:
        made.append(key)
        return pl.LazyFrame({"id": [len(made)]})

    rows = world_of(Derived(derive))["parent"]
    lazily = rows.lazy().filter(pl.col("id") > 1).select("id")
    assert made == []
    assert lazily.collect()["id"].to_list() == [2]
    assert rows.partition("s0001").collect()["id"].to_list() == [2]
    assert rows.lazy().head(1).collect()["id"].to_list() == [1]
    assert made == ["s0000", "s0001"]  # once, and then from memory


def test_only_adjacent_partitions_are_generated_as_one() -> None:
    asked = []

    def generate(scenario: object, partition: Partition) -> pl.LazyFrame:
        asked.append((partition.start, partition.stop))
        return row_numbers(partition).with_columns(id=pl.col("row") + 1)

    rows = world_of(Generated(lambda scenario, index: 10 * index, generate))["parent"]
    assert rows.polars()["id"].to_list() == list(range(1, 21))
    backwards = replace(rows, keys=("s0001", "s0000")).polars()
    assert backwards["id"].to_list() == [*range(11, 21), *range(1, 11)]
    assert asked == [(0, 20), (10, 20), (0, 10)]


def test_a_folder_keeps_what_derived_tables_read(tmp_path: Path) -> None:
    sample, folder = SAMPLES["journey"], tmp_path / "world"
    world = open_world("journey", folder=folder, **sample.scenario)
    rows = world["raw_orders"].polars()
    assert_frame_equal(rows, open_world("journey", **sample.scenario)["raw_orders"].polars())
    files = {file: file.stat().st_mtime_ns for file in folder.rglob("*.parquet")}
    assert len(files) > 3
    again = open_world("journey", folder=str(folder), **sample.scenario)
    assert_frame_equal(again["raw_orders"].polars(), rows)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*.parquet")} == files
    with pytest.raises(UserError, match=r"a world of journey with other settings \(seed\)"):
        open_world("journey", folder=folder, seed=7, **sample.scenario)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: open_world("jafle"), "unknown domain 'jafle'.*did you mean 'jaffle'"),
        (lambda: open_world("jaffle", sed=7), "unknown scenario field 'sed': known are seed"),
        (lambda: open_world("jaffle", seed=-1), "scenario field seed = -1: it must be greater"),
        (lambda: open_world("jaffle")["orders"], "unknown table of domain jaffle 'orders'"),
        (
            lambda: open_world("jaffle")[ORDERS].partition("1999-01-01"),
            "partition 1999-01-01 is outside the range",
        ),
        (
            lambda: open_world("jaffle")[ORDERS].partitions(TWO).partition("2026-01-04"),
            "partition 2026-01-04 of jaffle/raw_orders_training is not among 2026-01-02",
        ),
        (
            lambda: (
                open_world("jaffle")[ORDERS].partitions(TWO).partitions("2026-01-03..2026-01-04")
            ),
            "partition 2026-01-04 of jaffle/raw_orders_training is not among 2026-01-02",
        ),
        (lambda: open_world("jaffle", seed=True), "seed = True: it must be a number, not true"),
        (
            lambda: world_of(Queried("select 1"))["parent"].polars(),
            "test/parent is read from BigQuery, which a world in Python does not ask",
        ),
    ],
)
def test_what_is_wrong_is_named(call: Callable[[], object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        call()


def test_a_table_shown_as_text_says_what_it_is() -> None:
    table = open_world("jaffle", start_date="2026-01-01", end_date="2026-02-01")[ORDERS]
    assert repr(table) == (
        "WorldTable(jaffle/raw_orders_training: 2026-01-01..2026-01-31, 31 partitions)"
    )
    assert repr(table.partitions(TWO)) == (
        "WorldTable(jaffle/raw_orders_training: 2026-01-02, 2026-01-03)"
    )


def test_what_is_no_text_is_named() -> None:
    """Programs are not checked before they run: a wrong type is an error of the user's."""
    world, wrong = open_world("jaffle"), date(2026, 1, 1)
    table: Any = world["raw_orders_training"]
    opened: Any = open_world
    calls: dict[str, Callable[[], object]] = {
        "domain must be a text or a path, not None": lambda: opened(None),
        "folder must be a text or a path, not 3": lambda: opened("jaffle", folder=3),
        "partition datetime.date.* must be a text, such as '20": lambda: table.partition(wrong),
        "partition 3 must be a text": lambda: table.partitions(3),
        "must be a text, such as 'training'": lambda: opened("clean_room")["users"].partition(0),
        "partitions 2026-01-01..: a range must have both ends": (
            lambda: table.partitions("2026-01-01..")
        ),
        "connection must be one of DuckDB, .* not 'x.db'": lambda: table.duckdb("x.db"),
        "unknown table of domain jaffle 3": lambda: world[wrong.day + 2],  # type: ignore[index]
    }
    for said, call in calls.items():
        with pytest.raises(UserError, match=said):
            call()


def test_a_path_names_a_domain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "shop" / "domain.yaml"
    file.parent.mkdir()
    file.write_text("domain: shop\ntables: {a: {rows: 1, columns: {x: {kind: boolean}}}}\n")
    assert list(open_world(file)) == ["a"]
    monkeypatch.chdir(tmp_path)
    assert list(open_world(Path("shop"))) == ["a"]
    assert list(open_world("./shop")) == ["a"]
    with pytest.raises(UserError, match=r"unknown domain 'shop'.*for the folder write '\./shop'$"):
        open_world("shop")
    with pytest.raises(UserError, match=r"there is no jaffle$"):
        open_world(Path("jaffle"))


def test_a_world_is_a_mapping(shop: World) -> None:
    nothing = object()
    assert shop.get("nope", nothing) is nothing
    assert shop.get(ORDERS) == shop[ORDERS]
    assert {shop[ORDERS]: 1}[shop[ORDERS]] == 1
    with pytest.raises(KeyError) as error:
        shop["nope"]
    assert str(error.value).startswith("unknown table of domain jaffle 'nope': known are")


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot use folder .*file"):
        open_world("jaffle", folder=tmp_path / "file")
    (tmp_path / "jaffle.world.json").write_text("{")
    with pytest.raises(UserError, match="is damaged: remove the folder"):
        open_world("jaffle", folder=tmp_path)


# Modules that take long to import, which neither a world nor the rows of a table need.
HEAVY = [
    "dagster", "dbt", "duckdb", "google.cloud.bigquery", "matplotlib", "pandas", "psycopg",
    "scipy.stats", "sklearn", "sqlglot", "typer", "yaml",
]  # fmt: skip
# Faker has the words of rows alone, and no domain imports another.
BEFORE_ROWS = [*HEAVY, "faker"]
PROGRAM = """
import sys, synth_assets
assert "polars" not in sys.modules
world = synth_assets.open_world("jaffle", seed=7)
assert world["raw_orders_training"].schema
print(*[name for name in {before_rows!r} if name in sys.modules])
assert world["raw_customers_training"].lazy().head(1).collect().height
print(*[name for name in {heavy!r} if name in sys.modules])
print(*[name for name in {others!r} if "synth_assets.domains." + name in sys.modules])
"""


def test_the_first_rows_of_a_world_import_no_slow_module_and_no_other_domain() -> None:
    others = [name for name in SAMPLES if name != "jaffle"]
    program = PROGRAM.format(before_rows=BEFORE_ROWS, heavy=HEAVY, others=others)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("\n\n\n", "")
