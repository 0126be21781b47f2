"""Changed bytes of a stored slice are found, and the slice is named with its remedy."""

from __future__ import annotations

import random
from pathlib import Path
from zlib import crc32

import duckdb
import polars as pl
import pytest
from pyarrow import fs

from synth_assets.core.errors import UserError
from synth_assets.stores import DamagedPartitionError, Store, open_store
from synth_assets.stores.copying import copy_partitions
from synth_assets.stores.damage import VerifyingReader, naming_damaged
from synth_assets.stores.delta import DeltaStore
from synth_assets.stores.object_stores import refuse_wrong_url
from synth_assets.stores.parquet_digest import KEY
from synth_assets_tests.stores.frames import FRAME, later, table
from synth_assets_tests.stores.places import PLACES, Place
from synth_assets_tests.torture.corruption import flipped

KEYS = ["s0000", "s0001", "s0002"]
DAMAGED = KEYS[1]
OF_FILES = ("parquet", "delta")


@pytest.fixture(params=OF_FILES)
def place(request: pytest.FixtureRequest) -> Place:
    return filled(PLACES[request.param](request))


def filled(place: Place) -> Place:
    store = place.open()
    for number, key in enumerate(KEYS):
        store.replace(table(), key, later(number), "f1")
    return place


def file_of(place: Place, key: str = DAMAGED) -> Path:
    [file] = Path(place.location).glob(f"**/shard={key}/*.parquet")
    return file


def without_digest(content: bytes) -> bytes:
    """The same file, as if a former version had written it."""
    return content.replace(KEY.encode(), b"-" * len(KEY))


@pytest.mark.parametrize("seed", range(6))
def test_each_flipped_bit_is_found_and_its_slice_named(place: Place, seed: int) -> None:
    file, chance = file_of(place), random.Random(seed)
    sound = file.read_bytes()
    for _ in range(20):
        file.write_bytes(flipped(sound, chance))
        found = place.open().damaged(table(), KEYS)
        assert list(found) == [DAMAGED]
        assert f"synth materialize {table().path} --partitions {DAMAGED}" in str(found[DAMAGED])
    file.write_bytes(sound)
    assert place.open().damaged(table(), [*KEYS, "s0009"]) == {}


@pytest.mark.parametrize("kind", ["parquet on s3", "delta on s3"])
def test_a_flipped_bit_in_an_object_store_is_found(
    kind: str, request: pytest.FixtureRequest
) -> None:
    place = filled(PLACES[kind](request))
    files, root = fs.FileSystem.from_uri(place.location)
    [path] = [
        info.path
        for info in files.get_file_info(fs.FileSelector(root, recursive=True))
        if info.path.endswith(".parquet") and f"shard={DAMAGED}/" in info.path
    ]
    assert place.open().damaged(table(), KEYS) == {}
    with files.open_input_stream(path) as file:
        changed = flipped(file.read(), random.Random(1))
    with files.open_output_stream(path) as file:
        file.write(bytes(changed))
    assert list(place.open().damaged(table(), KEYS)) == [DAMAGED]


def test_the_digest_is_the_crc_of_all_bytes_with_zeros_for_itself(place: Place) -> None:
    content = file_of(place).read_bytes()
    start = content.rindex(KEY.encode()) + len(KEY) + 2
    digest = content[start : start + 8]
    zeros = content[:start] + b"0" * 8 + content[start + 8 :]
    assert digest.decode() == f"{crc32(zeros):08x}"


def test_the_same_rows_are_the_same_bytes(place: Place) -> None:
    before = file_of(place).read_bytes()
    place.open().replace(table(), DAMAGED, later(1), "f1")
    assert file_of_newest(place).read_bytes() == before


def file_of_newest(place: Place) -> Path:
    found = Path(place.location).glob(f"**/shard={DAMAGED}/*.parquet")
    return max(found, key=lambda file: file.stat().st_mtime_ns)


def test_a_slice_without_a_digest_is_not_called_damaged(place: Place) -> None:
    file = file_of(place)
    file.write_bytes(without_digest(file.read_bytes()))
    assert place.open().damaged(table(), KEYS) == {}


def test_pages_that_cannot_be_read_are_named_without_a_digest(place: Place) -> None:
    file = file_of(place)
    content = bytearray(without_digest(file.read_bytes()))
    content[4:400] = bytes(396)
    file.write_bytes(content)
    store = place.open()
    with pytest.raises(DamagedPartitionError, match=f"slice {DAMAGED} .*cannot be read"):  # noqa: SIM117
        with naming_damaged(store, table(), KEYS):
            store.scan(table(), KEYS).collect()


def test_errors_of_the_network_are_not_called_damage(tmp_path: Path) -> None:
    store = filled(Place("parquet", str(tmp_path))).open()
    for error in (
        OSError("cannot connect"),
        UserError("the server is gone"),
        pl.exceptions.ComputeError("Generic S3 error: object store is away"),
    ):
        with pytest.raises(type(error)), naming_damaged(store, table(), KEYS):
            raise error


def test_nothing_is_copied_or_derived_from_damaged_slices(place: Place, tmp_path: Path) -> None:
    file = file_of(place)
    file.write_bytes(flipped(file.read_bytes(), random.Random(2)))
    target, source = tmp_path / "target", place.open()
    with pytest.raises(DamagedPartitionError, match=DAMAGED):
        list(copy_partitions(table(), source, open_store("duckdb", str(target)), KEYS))
    assert not target.exists()
    reader = VerifyingReader(source)
    assert reader.scan(table(), [KEYS[0]]).collect().height == len(FRAME)
    with pytest.raises(UserError, match=f"slice {DAMAGED} .* is damaged"):
        reader.scan(table())


def delta(tmp_path: Path) -> tuple[Store, Place]:
    place = filled(Place("delta", str(tmp_path)))
    return place.open(), place


def test_a_missing_file_of_delta_is_named(tmp_path: Path) -> None:
    store, place = delta(tmp_path)
    file_of(place).unlink()
    assert [e.reason for e in store.damaged(table(), KEYS).values()] == ["its file is missing"]


def test_maintenance_does_not_rewrite_damaged_rows(tmp_path: Path) -> None:
    store, place = delta(tmp_path)
    assert isinstance(store, DeltaStore)
    file = file_of(place)
    file.write_bytes(flipped(file.read_bytes(), random.Random(3)))
    with pytest.raises(DamagedPartitionError, match=DAMAGED):
        store.maintain(table(), 0)
    assert store.statistics(table())["version"] == len(KEYS)


def test_a_damaged_block_of_duckdb_is_a_line_with_its_remedy(tmp_path: Path) -> None:
    file = tmp_path / "x.duckdb"
    store = open_store("duckdb", str(file))
    for key in KEYS:
        store.replace(table(), key, pl.concat([FRAME.lazy()] * 400), "f1")
    with duckdb.connect(str(file)) as db:
        db.execute("checkpoint")
        blocks = db.execute(
            f"select distinct block_id from pragma_storage_info('test.\"{table().name}\"') "
            "where column_name = 'id' and block_id >= 0"
        ).fetchall()
    content = bytearray(file.read_bytes())
    for (number,) in blocks:
        start = 3 * 4096 + number * 262_144 + 5_000
        content[start : start + 40] = bytes(range(40))
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"cannot read .*x\.duckdb.*move it away") as caught:
        store.scan(table(), KEYS).collect()
    assert "\n" not in str(caught.value)
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match=r"cannot (open|read) .*x\.duckdb.*move it away"):
        store.describe(table())


@pytest.mark.parametrize(
    "url",
    [
        "s3://", "s3:///x", "gs://", "s3://a b/c", "ftp://u:secret@x/y", "http://127.0.0.1:9/x",
        "S3://bucket/x", "hdfs://h/x", "s3:bucket", "abfs://x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", OF_FILES)
def test_a_url_that_is_no_object_store_is_refused(kind: str, url: str) -> None:
    with pytest.raises(UserError) as caught:
        open_store(kind, url).describe(table())
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("place", ["/a/folder", "a:b", "s3://bucket", "gs://b/x", "file:///x"])
def test_folders_and_urls_of_object_stores_are_taken(place: str) -> None:
    refuse_wrong_url(place, "SYNTH_LAKE")
