"""One contract, every store: what is put in comes out, whole, and nothing else changes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest
from moto.server import ThreadedMotoServer

from synth_assets.generation.errors import UserError
from synth_assets.generation.slicing import Shards
from synth_assets.generation.table import Table
from synth_assets.stores import Store, open_store
from synth_assets.stores.store import MissingSliceError

OpenStore = Callable[[], Store]


class Kinds(dy.Schema):
    """A column of every type that tables use."""

    id = dy.Int64(primary_key=True)
    name = dy.String(nullable=True)
    amount = dy.Decimal(10, 2, nullable=True)
    share = dy.Float64(nullable=True)
    flag = dy.Bool(nullable=True)
    on = dy.Date(nullable=True)
    at = dy.Datetime(time_unit="us", nullable=True)


FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ['Ødegård, 北京 "quoted" \'; drop', "", None],
        "amount": [Decimal("12.34"), Decimal("-0.01"), None],
        "share": [0.1, 1e-300, None],
        "flag": [True, False, None],
        "on": [date(2026, 2, 28), date(1970, 1, 1), None],
        "at": [datetime(2026, 1, 1, 23, 59, 59, 999_999), datetime(1969, 1, 1), None],
    },
    schema={n: c.dtype for n, c in Kinds.columns().items()},
)


def table(schema: type[dy.Schema] = Kinds, name: str = "all kinds", version: str = "1") -> Table:
    return Table(
        domain="test",
        name=name,
        doc="",
        schema=schema,
        slicing=Shards(3),
        rows_before=lambda scenario, step: step,
        generate=lambda scenario, piece: pl.LazyFrame(),
        code_version=version,
    )


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """A bucket of a real S3 server on this machine; its URL."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    settings = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        request = urllib.request.Request(f"{address}/lake", method="PUT")
        urllib.request.urlopen(request).close()
        yield "s3://lake"
    server.stop()


@pytest.fixture(params=["parquet", "parquet on s3", "duckdb"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    if request.param == "parquet on s3":
        root = f"{request.getfixturevalue('bucket')}/{tmp_path.name}"
        return lambda: open_store("parquet", root)
    return lambda: open_store(request.param, str(tmp_path / "here"))


@pytest.fixture
def store(reopen: OpenStore) -> Store:
    return reopen()


def stored(store: Store, key: str, of: Table | None = None) -> pl.DataFrame:
    of = of or table()
    return store.scan(of, [key]).drop("shard").sort("id").collect()


def test_scan_gives_back_what_replace_took(store: Store) -> None:
    receipt = store.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert stored(store, "s0000").equals(FRAME)
    assert stored(store, "s0000").schema == FRAME.schema
    assert (receipt.rows, receipt.fingerprint, receipt.code_version) == (3, "f1", "1")
    assert receipt.bytes > 0


def test_an_empty_frame_is_a_slice_of_no_rows(store: Store) -> None:
    store.replace(table(), "s0001", FRAME.clear().lazy(), "f1")
    assert store.describe(table())["s0001"].rows == 0
    assert stored(store, "s0001").schema == FRAME.schema


def test_replacing_twice_is_once_and_leaves_the_others(store: Store) -> None:
    other = FRAME.with_columns(id=pl.col("id") + 10)
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    store.replace(table(), "s0001", other.lazy(), "f1")
    for _ in range(2):
        store.replace(table(), "s0000", FRAME.head(2).lazy(), "f2")
    assert stored(store, "s0000").equals(FRAME.head(2))
    assert stored(store, "s0001").equals(other)
    receipts = store.describe(table())
    assert [(r.key, r.rows, r.fingerprint) for r in receipts.values()] == [
        ("s0000", 2, "f2"),
        ("s0001", 3, "f1"),
    ]


def test_a_failure_in_the_middle_leaves_what_was_there(store: Store) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")

    def fail(batch: pl.DataFrame) -> pl.DataFrame:
        raise RuntimeError("planted")

    broken = FRAME.lazy().map_batches(fail, schema=FRAME.schema)
    with pytest.raises(Exception, match="planted"):
        store.replace(table(), "s0000", broken, "f2")
    assert stored(store, "s0000").equals(FRAME)
    assert store.describe(table())["s0000"].fingerprint == "f1"


def test_a_scan_says_which_slice_is_missing(store: Store) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    with pytest.raises(MissingSliceError, match="no stored slice s0002"):
        store.scan(table(), ["s0000", "s0002"]).collect()


def test_a_scan_of_nothing_is_empty_with_the_columns(store: Store) -> None:
    assert store.describe(table()) == {}
    frame = store.scan(table()).collect()
    assert frame.is_empty()
    assert frame.columns == [*FRAME.columns, "shard"]


def test_a_scan_picks_columns_and_slices(store: Store) -> None:
    for number in range(3):
        store.replace(
            table(), f"s000{number}", FRAME.with_columns(id=pl.col("id") + 10 * number).lazy(), "f"
        )
    picked = store.scan(table(), ["s0001", "s0002"]).filter(pl.col("id") > 12)
    assert picked.select("shard", "id").sort("id").collect().rows() == [
        ("s0001", 13),
        ("s0002", 21),
        ("s0002", 22),
        ("s0002", 23),
    ]


def test_dropped_slices_are_gone_and_unknown_ones_passed_over(store: Store) -> None:
    for key in ("s0000", "s0001"):
        store.replace(table(), key, FRAME.lazy(), "f1")
    store.drop(table(), ["s0001", "s0002"])
    assert list(store.describe(table())) == ["s0000"]


def test_another_process_sees_what_was_stored(reopen: OpenStore) -> None:
    reopen().replace(table(), "s0000", FRAME.lazy(), "f1")
    assert stored(reopen(), "s0000").equals(FRAME)


def _replace_forever(open_: str, location: str) -> None:
    store, frame = open_store(open_, location), pl.concat([FRAME] * 20_000)
    while True:
        for value in ("a", "b"):
            new = frame.with_columns(name=pl.lit(value), id=pl.int_range(pl.len()))
            store.replace(table(), "s0000", new.lazy(), value)


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_a_killed_writer_leaves_one_whole_slice(kind: str, tmp_path: Path) -> None:
    location = str(tmp_path / "here")
    open_store(kind, location).replace(table(), "s0000", FRAME.lazy(), "first")
    for delay in (0.05, 0.13, 0.31):
        writer = multiprocessing.get_context("spawn").Process(
            target=_replace_forever, args=(kind, location)
        )
        writer.start()
        time.sleep(2 + delay)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        store = open_store(kind, location)
        frame, receipt = store.scan(table()).collect(), store.describe(table())["s0000"]
        assert receipt.rows == len(frame)
        if receipt.fingerprint != "first":
            assert len(frame) == 60_000
            assert frame["name"].unique().to_list() == [receipt.fingerprint]


def _replace_once(kind: str, location: str, value: str) -> None:
    frame = pl.concat([FRAME] * 5_000).with_columns(name=pl.lit(value), id=pl.int_range(pl.len()))
    open_store(kind, location).replace(table(), "s0000", frame.lazy(), value)


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_two_writers_end_with_one_of_the_two_whole(kind: str, tmp_path: Path) -> None:
    location = str(tmp_path / "here")
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_replace_once, args=(kind, location, value)) for value in ("a", "b")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    frame = open_store(kind, location).scan(table()).collect()
    assert len(frame) == 15_000
    assert frame["name"].n_unique() == 1


class OtherKinds(dy.Schema):
    """A later version of the schema."""

    id = dy.Int64(primary_key=True)
    name = dy.Int64(nullable=True)


def test_duckdb_refuses_other_columns_and_names_the_way_out(tmp_path: Path) -> None:
    store = open_store("duckdb", str(tmp_path / "x.duckdb"))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    changed = table(OtherKinds)
    frame = pl.LazyFrame({"id": [1], "name": [2]})
    with pytest.raises(UserError, match=r"column name is String.*--recreate"):
        store.replace(changed, "s0000", frame, "f1")
    assert stored(store, "s0000").equals(FRAME)
    store.drop(changed, ["s0000"])
    store.replace(changed, "s0000", frame, "f1")
    assert stored(store, "s0000", changed)["name"].to_list() == [2]


@pytest.fixture
def leftovers(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "here"


def test_parquet_sweeps_what_dead_writers_left(leftovers: Path) -> None:
    store = open_store("parquet", str(leftovers))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    folder = leftovers / "test" / "all kinds" / "shard=s0000"
    old, new = folder / ".data.parquet.1-x.tmp", folder / ".data.parquet.2-y.tmp"
    for file in (old, new):
        file.write_text("half")
    os.utime(old, (0, 0))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert sorted(p.name for p in folder.iterdir()) == [new.name, "data.parquet"]


def test_unknown_store_names_those_there_are() -> None:
    with pytest.raises(UserError, match="known are parquet, duckdb"):
        open_store("csv", "x")
