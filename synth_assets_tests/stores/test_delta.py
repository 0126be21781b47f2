"""What only the Delta store has: its log, time travel, maintenance, other readers, its errors."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import dataframely as dy
import duckdb
import duckdb_extension_delta
import polars as pl
import pytest
from deltalake import CommitProperties, DeltaTable, TableFeatures, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Named
from synth_assets.stores.delta import DeltaStore
from synth_assets.stores.delta.transactions import commit, open_table
from synth_assets_tests.stores.frames import FRAME, OtherKinds, stored, table
from synth_assets_tests.stores.test_errors import WIDE, mounted

DAYS = Daily(date(2026, 1, 1), date(2026, 2, 1))
BY_DAY = table(name="by_day", partitioning=DAYS)


@pytest.fixture
def store(tmp_path: Path) -> DeltaStore:
    return DeltaStore(str(tmp_path / "a lake"))


def delta(store: DeltaStore, of: Table | None = None) -> DeltaTable:
    return DeltaTable(store.uri(of or table()))


def later(number: int) -> pl.LazyFrame:
    return FRAME.with_columns(id=pl.col("id") + 10 * number).lazy()


def data_files(store: DeltaStore, of: Table | None = None) -> list[Path]:
    return sorted(Path(store.uri(of or table())).glob("*=*/*.parquet"))


def facts(store: DeltaStore, of: Table) -> list[tuple[str, int, str, str]]:
    partition_stats = store.describe(of).values()
    return [(r.key, r.rows, r.fingerprint, r.code_version) for r in partition_stats]


# --- contents of the log


def test_the_log_has_the_comments_and_types_of_the_schema(store: DeltaStore) -> None:
    store.replace(BY_DAY, "2026-01-01", FRAME.lazy(), "f1")
    found = delta(store, BY_DAY)
    assert found.metadata().description == BY_DAY.doc
    assert found.metadata().partition_columns == ["day"]
    fields = {f["name"]: f for f in json.loads(found.schema().to_json())["fields"]}
    assert fields["id"]["metadata"] == {"comment": "It's the row's number; \"quoted\"."}
    types = {name: field["type"] for name, field in fields.items()}
    assert [types[n] for n in ("count", "kind", "at", "seen_at", "amount", "day")] == [
        "long", "string", "timestamp_ntz", "timestamp", "decimal(10,2)", "date",
    ]  # fmt: skip


class Further(dy.Schema):
    """Types that the contract's frame does not have."""

    id = dy.UInt64(primary_key=True)
    small = dy.Int8(nullable=True)
    byte = dy.UInt8(nullable=True)
    raw = dy.Binary(nullable=True)
    there = dy.Datetime(time_unit="ms", time_zone="Europe/Oslo", nullable=True)
    both = dy.Struct({"kind": dy.Enum(["new", "old"]), "n": dy.List(dy.UInt32())}, nullable=True)


def test_types_that_delta_lacks_come_back(store: DeltaStore) -> None:
    schema = {name: column.dtype for name, column in Further.columns().items()}
    rows = {
        "id": [2**64 - 1, 0],
        "small": [-128, None],
        "byte": [255, None],
        "raw": [b"\x00\xff", None],
        "there": [datetime(2026, 7, 1, 12, tzinfo=UTC), None],
        "both": [{"kind": "old", "n": [2**32 - 1]}, None],
    }
    frame, further = pl.DataFrame(rows, schema=schema).sort("id"), table(Further)
    stats = store.replace(further, "s0000", frame.lazy(), "f1")
    assert stored(store, "s0000", further).equals(frame)
    assert stored(store, "s0000", further).schema == frame.schema == stats.schema
    assert store.describe(further)["s0000"].schema == frame.schema


class Timed(dy.Schema):
    """A type that Delta cannot store."""

    id = dy.Time()


def test_a_type_that_delta_cannot_keep_is_named(store: DeltaStore) -> None:
    with pytest.raises(UserError, match="no Delta type stands for Time"):
        store.replace(table(Timed), "s0000", pl.LazyFrame({"id": []}), "f1")


def test_stats_have_version_and_files(store: DeltaStore) -> None:
    for number in range(2):
        stats = store.replace(table(), f"s000{number}", later(number), "f1")
        assert stats == store.describe(table())[f"s000{number}"]
    assert stats.details == {"version": 2, "files": 1}
    assert store.statistics(table()) == {
        "rows": 6,
        "bytes": sum(file.stat().st_size for file in data_files(store)),
        "files": 2,
        "version": 2,
    }


def test_an_empty_partition_has_no_file(store: DeltaStore) -> None:
    stats = store.replace(table(), "s0000", FRAME.clear().lazy(), "f1")
    assert (stats.rows, stats.bytes, stats.details["files"]) == (0, 0, 0)
    assert data_files(store) == []


def test_keys_that_paths_must_escape(store: DeltaStore) -> None:
    names = ("a b", "50% ü", "c/d=e", "#?")
    by_name = table(name="100 #?", partitioning=Named(names))
    for number, name in enumerate(names):
        for _ in range(2):
            store.replace(by_name, name, later(number), "f1")
    assert set(store.describe(by_name)) == set(names)
    for number, name in enumerate(names):
        found = store.scan(by_name, [name]).collect()
        assert found["split"].unique().to_list() == [name]
        assert found["id"].min() == 10 * number + 1
    assert store.maintain(by_name, 0)["files_after"] == len(names)
    assert sorted(store.scan(by_name).collect()["split"].unique()) == sorted(names)


# --- provenance


def _shorten(store: DeltaStore, of: Table) -> None:
    """Removes from the log all that may be removed: the commits before its last checkpoint."""
    log = Path(store.uri(of)) / "_delta_log"
    time.sleep(0.01)
    found = delta(store, of)
    found.alter.set_table_properties({"delta.logRetentionDuration": "interval 0 seconds"})
    found.create_checkpoint()
    found.cleanup_metadata()
    assert len(list(log.glob("*.json"))) < 3


def test_provenance_outlives_checkpoints_cleanup_optimizing_and_vacuum(store: DeltaStore) -> None:
    for number, key in enumerate(DAYS.keys()):
        rows = later(number) if number % 5 else FRAME.clear().lazy()
        store.replace(BY_DAY, key, rows, f"f{number % 3}")
    store.drop(BY_DAY, ["2026-01-03", "2026-01-06"])
    before = facts(store, BY_DAY)
    assert len(before) == 29
    delta(store, BY_DAY).optimize.compact()  # by another writer, without our provenance
    store.maintain(BY_DAY, retain_hours=0)
    _shorten(store, BY_DAY)
    assert facts(store, BY_DAY) == before
    store.replace(BY_DAY, "2026-01-01", FRAME.lazy(), "new")
    assert facts(store, BY_DAY) == [("2026-01-01", 3, "new", "1"), *before[1:]]


def test_describing_hundreds_of_versions_reads_few_files(
    store: DeltaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synth_assets.stores.delta import provenance

    with store.opened():
        for number in range(65):
            store.replace(table(), f"s000{number % 3}", FRAME.clear().lazy(), f"f{number}")
    read: list[str] = []
    actions = provenance.actions
    monkeypatch.setattr(
        provenance, "actions", lambda folder, name: read.append(name) or actions(folder, name)
    )
    assert [r.fingerprint for r in store.describe(table()).values()] == ["f63", "f64", "f62"]
    assert 0 < len(read) < 20


def test_rows_of_another_writer_have_unknown_provenance(store: DeltaStore) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    rows = pl.read_parquet(data_files(store)[0]).with_columns(shard=pl.lit("s0002"))
    write_deltalake(delta(store), rows, mode="append")
    assert facts(store, table()) == [("s0000", 3, "f1", "1"), ("s0002", 3, "unknown", "unknown")]
    assert stored(store, "s0002").equals(FRAME)
    store.drop(table(), ["s0002"])
    assert list(store.describe(table())) == ["s0000"]


def test_features_that_would_give_wrong_rows_are_refused(store: DeltaStore) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    delta(store).alter.add_feature(
        TableFeatures.DeletionVectors, allow_protocol_versions_increase=True
    )
    with pytest.raises(UserError, match=r"features.*deletionVectors"):
        store.scan(table())


# --- pushdown


def test_a_scan_opens_no_file_outside_its_partitions(store: DeltaStore) -> None:
    for number in range(3):
        store.replace(table(), f"s000{number}", later(number), "f1")
    for file in data_files(store)[::2]:
        file.write_bytes(b"")
    assert stored(store, "s0001")["id"].to_list() == [11, 12, 13]
    assert store.scan(table()).filter(pl.col("shard") == "s0001").collect().height == 3
    with pytest.raises(pl.exceptions.PolarsError):
        store.scan(table(), ["s0002"]).collect()


def test_columns_rows_and_conditions_reach_the_files(store: DeltaStore) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    scan = store.scan(table(), ["s0000"])
    plan = scan.filter(pl.col("id") > 2).select("id", "kind").explain()
    assert "PROJECT 2/15 COLUMNS" in plan
    assert 'SELECTION: col("id") > 2' in plan
    assert "len: 2 }" in scan.select("id").head(2).explain().split("SLICE")[1]


def test_bounds_in_the_log_hide_no_row(store: DeltaStore) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    bounds = delta(store).get_add_actions(flatten=True)
    found = pl.DataFrame(bounds).row(0, named=True)
    assert (found["min.id"], found["max.id"], found["null_count.name"]) == (1, 3, 1)
    assert found["max.at"] >= FRAME["at"].max()
    assert found["max.on"] == date(2026, 2, 28)
    assert found["max.amount"] is not None
    for column in ("id", "at", "seen_at", "on", "share", "amount", "count"):
        greatest = FRAME[column].max()
        scan = pl.scan_delta(_without_spaces(store)).filter(pl.col(column) >= pl.lit(greatest))
        assert scan.collect().height == 1, column


class Edges(dy.Schema):
    """Values for which a log has no bounds."""

    id = dy.Int64(primary_key=True)
    share = dy.Float64(nullable=True, allow_inf=True)
    odd = dy.Float64(nullable=True, allow_nan=True)
    until = dy.Datetime(time_unit="us", nullable=True)
    exact = dy.Decimal(20, 0, nullable=True)


def test_values_without_bounds_are_stored_like_others(
    store: DeltaStore, duck: duckdb.DuckDBPyConnection
) -> None:
    rows = {
        "id": [1, 2, 3],
        "share": [float("inf"), 0.5, None],
        "odd": [float("nan"), 0.5, None],
        "until": [datetime.max, None, None],
        "exact": [Decimal(10**19 + 1), None, None],
    }
    edges = table(Edges, name="edges")
    frame = pl.DataFrame(rows, schema={n: c.dtype for n, c in Edges.columns().items()})
    narrow = frame.with_columns(pl.col("id").cast(pl.Int16))
    store.replace(edges, "s0000", narrow.lazy(), "f1")
    assert stored(store, "s0000", edges).equals(frame)
    log = (Path(store.uri(edges)) / "_delta_log" / f"{1:020}.json").read_text()
    assert "Infinity" not in log
    assert "NaN" not in log
    query = 'select count(*) from delta_scan(?) where "exact" > 10000000000000000000 and id >= 1'
    assert duck.execute(query, [store.uri(edges)]).fetchone() == (1,)


def _without_spaces(store: DeltaStore) -> str:
    """A copy that Polars' own reader finds: it expects spaces to be escaped."""
    to = Path(store.root).parent / "copy"
    return str(shutil.copytree(store.uri(table()), to, dirs_exist_ok=True))


# --- time travel and maintenance


def test_former_versions_can_be_read(store: DeltaStore) -> None:
    for number in range(3):
        store.replace(table(), "s0000", later(number), f"f{number}")
    history = store.versions(table())
    assert [v.number for v in history] == [0, 1, 2, 3]
    assert history[-1].operation == "WRITE"
    assert abs(datetime.now(UTC) - history[-1].at) < timedelta(minutes=1)
    for version, first in ((1, 1), (2, 11), (3, 21)):
        rows = store.scan(table(), ["s0000"], version=version).collect()
        assert rows["id"].to_list() == [first, first + 1, first + 2]
    assert store.scan(table(), version=0).collect().is_empty()


def test_a_version_that_is_not_there_is_named_with_those_that_are(store: DeltaStore) -> None:
    for number in range(3):
        store.replace(table(), "s0000", later(number), "f1")
    with pytest.raises(UserError, match=r"no version 9 .*: there are 0 to 3"):
        store.scan(table(), version=9)
    newest = store.maintain(table(), retain_hours=0)["version"]
    for version in (1, 2, 3):
        with pytest.raises(UserError, match=rf"no version {version} .*there are \d to {newest}"):
            store.scan(table(), version=version)
    for version in store.versions(table()):
        assert stored(store, "s0000").equals(later(2).collect())
        assert store.scan(table(), version=version.number).collect().height == 3
    with pytest.raises(UserError, match="there are none"):
        store.scan(table(name="other"), version=1)


def test_former_columns_are_part_of_former_versions(store: DeltaStore) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    store.drop(table(), ["s0000"])
    changed = table(OtherKinds)
    store.replace(changed, "s0000", pl.LazyFrame({"id": [1], "name": [2]}), "f1")
    assert store.scan(changed).collect().columns == ["id", "name", "shard"]
    former = store.scan(changed, version=1).collect()
    assert former["name"].to_list() == FRAME["name"].to_list()


def test_maintenance_orders_new_partitions_once(store: DeltaStore) -> None:
    mixed = pl.concat([FRAME] * 100).with_columns(id=pl.int_range(pl.len()).shuffle(7))
    for key in ("s0000", "s0001"):
        store.replace(table(), key, mixed.lazy(), "f1")
    store.replace(table(), "s0001", mixed.lazy(), "f1")
    before = store.describe(table())
    done = store.maintain(table(), retain_hours=0)
    assert (done["slices_optimized"], done["files_after"], done["files_removed"]) == (2, 2, 3)
    assert done["bytes_after"] == store.statistics(table())["bytes"] > 0
    assert store.scan(table(), ["s0000"]).collect()["id"].is_sorted()
    again = store.maintain(table(), retain_hours=0)
    assert (again["slices_optimized"], again["files_removed"]) == (0, 0)
    store.replace(table(), "s0000", mixed.lazy(), "f1")
    assert store.maintain(table())["slices_optimized"] == 1
    for key, stats in store.describe(table()).items():
        assert (stats.rows, stats.schema) == (before[key].rows, before[key].schema)


def test_a_file_of_a_killed_writer_is_invisible_and_vacuumed(store: DeltaStore) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    left = data_files(store)[0].with_name("slice-of-a-dead-writer.zstd.parquet")
    shutil.copy(data_files(store)[0], left)
    assert stored(store, "s0000").equals(FRAME)
    assert store.maintain(table())["files_removed"] == 0
    assert left.exists()
    store.maintain(table(), retain_hours=0)
    assert not left.exists()


def test_a_failed_writer_leaves_no_file(store: DeltaStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    before = data_files(store)

    def fail(*_: object, **__: object) -> None:
        raise OSError("planted")

    monkeypatch.setattr(DeltaTable, "create_write_transaction", fail)
    with pytest.raises(UserError, match="planted; what was stored before is untouched"):
        store.replace(table(), "s0000", FRAME.lazy(), "f2")
    assert data_files(store) == before


# --- several writers


def test_many_writers_of_a_new_table_all_succeed(store: DeltaStore) -> None:
    def write(number: int) -> None:
        DeltaStore(store.root).replace(BY_DAY, DAYS.keys()[number % 8], later(number), f"f{number}")

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(24)))
    assert store.statistics(BY_DAY)["rows"] == 8 * 3
    for key, stats in store.describe(BY_DAY).items():
        number = int(stats.fingerprint[1:])
        assert stored(store, key, BY_DAY).equals(later(number).collect())


def test_a_commit_is_repeated_after_a_concurrent_one(store: DeltaStore) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    stale, calls = delta(store), []
    store.maintain(table())

    def open_latest() -> DeltaTable:
        calls.append(1)
        return stale if len(calls) == 1 else delta(store)

    newest = store.statistics(table())["version"]
    assert commit(open_latest, ["s0000"], [], lambda v: [Transaction("x", v)]) == newest + 1
    assert len(calls) == 2
    assert store.statistics(table())["files"] == 0


def test_an_object_store_takes_a_version_once(s3_bucket: str) -> None:
    store = DeltaStore(f"{s3_bucket}/{uuid4().hex}")
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    first, second = (open_table(store._folder(table())) for _ in range(2))
    assert first is not None
    assert second is not None
    once = CommitProperties(max_commit_retries=0)
    first.create_write_transaction([], "append", first.schema(), commit_properties=once)
    with pytest.raises(CommitFailedError):
        second.create_write_transaction([], "append", second.schema(), commit_properties=once)


# --- DuckDB, and dbt with it


@pytest.fixture
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    folder = Path(duckdb_extension_delta.__file__).parent
    with duckdb.connect() as db:
        db.execute(f"load '{next(folder.rglob('delta.duckdb_extension'))}'")
        yield db


def test_duckdb_reads_the_tables(store: DeltaStore, duck: duckdb.DuckDBPyConnection) -> None:
    for number, key in enumerate(("2026-01-01", "2026-01-02")):
        store.replace(BY_DAY, key, later(number), "f1")
    for _ in range(2):
        query = "select * from delta_scan(?) where day = '2026-01-01' order by id"
        found = duck.execute(query, [store.uri(BY_DAY)]).pl()
        assert found.schema["day"] == pl.Date()
        assert found.schema["at"] == pl.Datetime("us")
        expected = FRAME.with_columns(
            pl.col("kind").cast(pl.String), pl.col("count").cast(pl.Int64)
        )
        utc = pl.col("seen_at").dt.convert_time_zone("UTC")
        assert found.drop("day").with_columns(utc).equals(expected)
        greatest = 'select count(*) from delta_scan(?) where "at" >= ?'
        moment = FRAME["at"].max()
        assert duck.execute(greatest, [store.uri(BY_DAY), moment]).fetchone() == (2,)
        store.maintain(BY_DAY, retain_hours=0)


# --- errors of the storage


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "disk", "size=2m")


def test_a_full_disk_leaves_the_partition_as_it_was(small_disk: Path) -> None:
    store = DeltaStore(str(small_disk / "here"))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    files = data_files(store)
    with pytest.raises(UserError, match=r"No space left.*; what was stored before is untouched$"):
        store.replace(table(), "s0000", WIDE.select(FRAME.columns).lazy(), "f2")
    assert data_files(store) == files
    (small_disk / "rest").write_bytes(b"x" * _free(small_disk))
    for change in (
        lambda: store.drop(table(), ["s0000"]),
        lambda: store.replace(table(name="new"), "s0000", FRAME.lazy(), "f1"),
    ):
        with pytest.raises(UserError, match="No space left"):
            change()
    assert stored(store, "s0000").equals(FRAME)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def test_a_read_only_disk_is_named(small_disk: Path) -> None:
    store = DeltaStore(str(small_disk))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for change in (
        lambda: store.replace(table(), "s0001", FRAME.lazy(), "f1"),
        lambda: store.drop(table(), ["s0000"]),
        lambda: store.maintain(table()),
    ):
        with pytest.raises(UserError, match=rf"cannot \w+ {small_disk}.*Read-only file system"):
            change()
    assert stored(store, "s0000").equals(FRAME)


@pytest.mark.parametrize("name", ["h%20a%zz", "a%2Fb", "a\\b"])
def test_a_path_that_the_library_would_decode_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="choose another folder"):
        DeltaStore(str(tmp_path / name))
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["100%", "h[a]*?#1", "hé 家"])
def test_other_characters_of_a_path_are_taken(tmp_path: Path, name: str) -> None:
    store = DeltaStore(str(tmp_path / name))
    store.replace(table(), "s0000", FRAME.lazy(), "f")
    assert store.scan(table()).collect().height == FRAME.height
    assert [folder.name for folder in tmp_path.iterdir()] == [name]


def test_a_location_under_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = DeltaStore(str(tmp_path / "file"))
    with pytest.raises(UserError, match=r"cannot write .*/file/.*Not a directory"):
        store.replace(table(), "s0000", FRAME.lazy(), "f1")


def test_a_folder_of_other_files_is_refused(store: DeltaStore) -> None:
    from synth_assets.stores.parquet import ParquetStore

    lake = ParquetStore(store.root)
    lake.replace(table(), "s0000", FRAME.lazy(), "f1")
    for ask in (
        lambda: store.replace(table(), "s0000", FRAME.lazy(), "f1"),
        lambda: store.describe(table()),
        lambda: store.maintain(table(), 0),
    ):
        with pytest.raises(UserError, match="holds files but is no Delta table"):
            ask()
    assert stored(lake, "s0000").equals(FRAME)


@pytest.mark.parametrize("damage", ["half a line", "a gap", "nothing"])
def test_a_damaged_log_is_reported_with_its_remedy(store: DeltaStore, damage: str) -> None:
    for _ in range(2):
        store.replace(table(), "s0000", FRAME.lazy(), "f1")
    file = Path(store.uri(table())) / "_delta_log" / f"{1:020}.json"
    if damage == "a gap":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: 200 if damage == "half a line" else 0])
    for ask in (
        lambda: store.describe(table()),
        lambda: store.scan(table()),
        lambda: store.replace(table(), "s0000", FRAME.lazy(), "f1"),
    ):
        with pytest.raises(UserError, match="log is damaged: move the folder away") as caught:
            ask()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["another number", "lost", "zeros", "half"])
def test_a_damaged_checkpoint_is_to_be_removed_if_the_commits_suffice(
    store: DeltaStore, damage: str
) -> None:
    for number in range(2):
        store.replace(table(), f"s000{number}", FRAME.lazy(), "f1")
    before = facts(store, table())
    delta(store, table()).create_checkpoint()
    log = Path(store.uri(table())) / "_delta_log"
    [file] = log.glob("*.checkpoint.parquet")
    if damage == "another number":
        (log / "_last_checkpoint").write_text('{"version":99999,"size":1}')
    elif damage == "lost":
        file.unlink()
    else:
        size = file.stat().st_size
        file.write_bytes(bytes(size if damage == "zeros" else size // 2))
    commit = log / f"{0:020}.json"
    sound = commit.read_bytes()
    for ask in (
        lambda: store.describe(table()),
        lambda: store.scan(table()),
        lambda: store.replace(table(), "s0000", FRAME.lazy(), "f1"),
    ):
        with pytest.raises(UserError, match=r"not needed: remove .*_delta_log/\*checkpoint\*"):
            ask()
        commit.write_bytes(b"{")
        with pytest.raises(UserError, match="log is damaged: move the folder away"):
            ask()
        commit.write_bytes(sound)
    for found in log.glob("*checkpoint*"):
        found.unlink()
    assert facts(store, table()) == before


def test_a_commit_before_a_checkpoint_need_not_be_readable(store: DeltaStore) -> None:
    for number in range(3):
        store.replace(table(), f"s000{number}", FRAME.lazy(), "f1")
    before = facts(store, table())
    delta(store, table()).create_checkpoint()
    (Path(store.uri(table())) / "_delta_log" / f"{1:020}.json").write_bytes(b"{")
    assert facts(store, table()) == before
    last = delta(store, table()).version()
    assert [version.number for version in store.versions(table())] == [*range(2, last + 1)]


def test_statistics_of_a_table_that_is_not_stored_are_an_error(store: DeltaStore) -> None:
    for ask in (store.statistics, store.maintain):
        with pytest.raises(UserError, match=r"nothing of test/all kinds is stored.*materialize"):
            ask(table())
    assert store.versions(table()) == []


class _Forbidden(BaseHTTPRequestHandler):
    """An object store that refuses every request and repeats its credentials."""

    def do_GET(self) -> None:
        said = f'<?xml version="1.0"?><Message>{self.headers["Authorization"]}</Message>'.encode()
        self.send_response(403)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


@pytest.fixture
def forbidding(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Forbidden)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _credentials(monkeypatch, server.server_port)
    yield
    server.shutdown()


def _credentials(patch: pytest.MonkeyPatch, port: int) -> None:
    patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    patch.setenv("AWS_ALLOW_HTTP", "true")
    patch.setenv("AWS_REGION", "us-east-1")
    patch.setenv("AWS_ACCESS_KEY_ID", "hunter-id")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "hunter-secret")


def _refusals(store: DeltaStore) -> Iterator[str]:
    for ask in (
        lambda: store.replace(table(), "s0000", FRAME.lazy(), "f1"),
        lambda: store.describe(table()),
        lambda: store.drop(table(), ["s0000"]),
    ):
        with pytest.raises(UserError, match=r"cannot \w+ s3://lake/here") as caught:
            ask()
        assert caught.value.__suppress_context__
        yield str(caught.value)


@pytest.mark.usefixtures("forbidding")
def test_wrong_credentials_are_reported_and_kept_secret() -> None:
    for said in _refusals(DeltaStore("s3://lake/here")):
        assert "403" in said
        assert "hunter" not in said
        assert "\n" not in said


def test_an_unreachable_bucket_is_reported_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    _credentials(monkeypatch, 9)
    for said in _refusals(DeltaStore("s3://lake/here")):
        assert "refused" in said
        assert "\n" not in said
