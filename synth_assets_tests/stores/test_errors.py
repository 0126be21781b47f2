"""Errors of the storage: no data is lost, and the message says what to do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import psycopg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.stores import DamagedPartitionError, open_store, parquet_writing
from synth_assets.stores.postgres.errors import connection_error
from synth_assets_tests.stores.frames import FRAME, stored, table

WIDE = pl.DataFrame({"id": range(400_000)}).with_columns(
    name=pl.col("id").hash().cast(pl.String) + pl.col("id").hash(7).cast(pl.String),
    **{n: pl.lit(None, t) for n, t in FRAME.schema.items() if n not in ("id", "name")},
)


def mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "disk", "size=2m")


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_a_full_disk_leaves_the_partition_as_it_was(small_disk: Path, kind: str) -> None:
    store = open_store(kind, str(small_disk / "here"))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    with pytest.raises(UserError, match=r"(?i)no space|cannot"):
        store.replace(table(), "s0000", WIDE.select(FRAME.columns).lazy(), "f2")
    assert stored(store, "s0000").equals(FRAME)
    assert not list(small_disk.rglob("*.tmp"))


@pytest.mark.parametrize("kind", ["parquet", "delta", "duckdb"])
def test_a_disk_without_a_free_byte_is_reported(small_disk: Path, kind: str) -> None:
    store = open_store(kind, str(small_disk / "here"))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    ballast = small_disk / "ballast"
    state = os.statvfs(small_disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, state.f_bavail * state.f_frsize)
    # DuckDB reports it at the commit, by another error than in a statement.
    with pytest.raises(UserError, match=r"(?i)cannot .*no space"):
        store.replace(table(), "s0000", FRAME.head(2).lazy(), "f2")
    ballast.unlink()
    assert stored(store, "s0000").equals(FRAME)


def test_a_read_only_folder_is_reported(small_disk: Path) -> None:
    store = open_store("parquet", str(small_disk))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(UserError, match=rf"cannot write {small_disk}.*read-only file system"):
        store.replace(table(), "s0001", FRAME.lazy(), "f1")
    assert stored(store, "s0000").equals(FRAME)


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_a_location_under_a_file_is_reported(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("")
    store = open_store(kind, str(tmp_path / "file" / "lake"))
    with pytest.raises(UserError, match=r"cannot (write|open) .*/file|cannot open"):
        store.replace(table(), "s0000", FRAME.lazy(), "f1")


def _with_zeros(content: bytes) -> bytes:
    """A file with zeros in place of its footer."""
    length = int.from_bytes(content[-8:-4], "little")
    return content[: -8 - length] + bytes(length) + content[-8:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[:-20],
    "empty": lambda content: b"",
    "zeros": _with_zeros,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_partition_is_reported_with_its_remedy(tmp_path: Path, damage: str) -> None:
    store = open_store("parquet", str(tmp_path))
    for key in ("s0000", "s0001"):
        store.replace(table(), key, FRAME.lazy(), "f1")
    file = tmp_path / "test" / "all kinds" / "shard=s0000" / "data.parquet"
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    with pytest.raises(
        DamagedPartitionError, match=r"s0000.*synth materialize .*--partitions s0000"
    ):
        store.describe(table())
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert len(store.describe(table())) == 2


def test_a_file_that_is_no_duckdb_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_text("this is not a database, it only looks like one" * 100)
    with pytest.raises(UserError, match=r"cannot open the DuckDB file .*x\.duckdb"):
        open_store("duckdb", str(tmp_path / "x.duckdb")).describe(table())


def test_parquet_removes_what_killed_writers_left(tmp_path: Path) -> None:
    store = open_store("parquet", str(tmp_path))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    folder = tmp_path / "test" / "all kinds" / "shard=s0000"
    old, new = folder / ".data.parquet.1-x.tmp", folder / ".data.parquet.2-y.tmp"
    for unfinished in (old, new):
        unfinished.mkdir()
        (unfinished / "unfinished").write_text("half")
        os.utime(unfinished, (0, 0))
    os.utime(old / "unfinished", (0, 0))  # the other is still written
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert sorted(p.name for p in folder.iterdir()) == [new.name, "data.parquet"]


def test_what_polars_writes_after_an_interruption_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store("parquet", str(tmp_path))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    written: list[Path] = []

    def interrupted(frame: pl.LazyFrame, path: Path, *rest: object) -> None:
        written.append(path)
        raise KeyboardInterrupt

    monkeypatch.setattr(parquet_writing, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.replace(table(), "s0000", FRAME.lazy(), "f2")
    with pytest.raises(FileNotFoundError):
        written[0].write_text("rows")
    folder = tmp_path / "test" / "all kinds" / "shard=s0000"
    assert [p.name for p in folder.iterdir()] == ["data.parquet"]


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ('password authentication failed for user "ann"', "authentication failed for the user"),
        ('role "ann" does not exist', "the user does not exist"),
        (
            'no pg_hba.conf entry for host "10.0.0.1", user "ann", database "d", no encryption',
            'for host "10.0.0.1", the user, database "d"',
        ),
        ('role "ann" is not permitted to log in', "the user is not permitted to log in"),
    ],
)
def test_a_message_stays_a_sentence_without_the_user_s_name(server: str, shown: str) -> None:
    error = psycopg.OperationalError(f"connection failed: FATAL:  {server}")
    said = str(connection_error(error, "postgresql://db/d", {"user": "ann"}))
    assert shown in said
    assert "ann" not in said.replace("cannot", "")
