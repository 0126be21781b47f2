"""Parquet files: properties that the contract of all stores cannot test."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from synth_assets.core.errors import UserError
from synth_assets.stores import open_store
from synth_assets.stores.parquet_footer import record_sort_order
from synth_assets.stores.parquet_writing import FILE
from synth_assets_tests.stores.frames import FRAME, table


def test_columns_that_forbid_nulls_are_required_in_the_file(tmp_path: Path) -> None:
    store, of = open_store("parquet", str(tmp_path)), table()
    store.replace(of, "s0000", FRAME.lazy(), "f")
    written = pq.read_schema(store.describe(of)["s0000"].uri)
    assert [field.name for field in written if not field.nullable] == ["id"]
    nothing = FRAME.with_columns(id=pl.lit(None, pl.Int64)).lazy()
    with pytest.raises(UserError, match="does not allow to be null is null"):
        store.replace(of, "s0000", nothing, "f")
    assert store.describe(of)["s0000"].rows == len(FRAME)


def orders(file: Path) -> list[list[tuple[int, bool]]]:
    """By row group, the columns that rows are sorted by, and whether in descending order."""
    found = pq.read_metadata(file)
    groups = [found.row_group(i).sorting_columns for i in range(found.num_row_groups)]
    return [[(one.column_index, one.descending) for one in group] for group in groups]


def test_the_footer_of_a_partition_sorted_by_its_key_records_the_order(tmp_path: Path) -> None:
    store, of = open_store("parquet", str(tmp_path)), table()
    store.replace(of, "s0000", FRAME.sort("id").lazy(), "f")
    store.replace(of, "s0001", FRAME.sort("id", descending=True).lazy(), "f")
    stored = store.describe(of)
    assert orders(Path(stored["s0000"].uri)) == [[(0, False)]]
    assert orders(Path(stored["s0001"].uri)) == [[]]
    assert store.scan(of, ["s0000"]).select(FRAME.columns).collect().equals(FRAME.sort("id"))


def test_the_order_is_recorded_for_every_row_group_and_the_rest_is_unchanged(
    tmp_path: Path,
) -> None:
    file = tmp_path / "x.parquet"
    frame = pl.DataFrame(
        {
            "before": [{"a": i, "b": [str(i)]} for i in range(1000)],
            "id": [f"{i:06d}" for i in range(1000)],
            "after": [None if i % 7 else i / 3 for i in range(1000)],
        }
    )
    frame.write_parquet(file, row_group_size=300, metadata={"mine": "kept"})
    before = pq.read_metadata(file)
    record_sort_order(file, "id")
    after = pq.read_metadata(file)
    # A struct of two leaf columns precedes it.
    assert orders(file) == [[(2, False)]] * 4
    assert after.metadata == before.metadata
    assert after.schema.equals(before.schema)
    for i in range(4):
        now, was = after.row_group(i).to_dict(), before.row_group(i).to_dict()
        assert now.pop("sorting_columns")
        assert not was.pop("sorting_columns")
        assert now == was
    assert pl.read_parquet(file).equals(frame)
    assert duckdb.sql(f"select count(*), max(id) from '{file}'").fetchall() == [(1000, "000999")]
    size = file.stat().st_size
    record_sort_order(file, "id")
    assert file.stat().st_size == size


def test_an_unfinished_file_that_vanishes_does_not_stop_another_writer(tmp_path: Path) -> None:
    store = open_store("parquet", str(tmp_path))
    stored = Path(store.replace(table(), "s0000", FRAME.lazy(), "a").uri)
    # As when the other writer renames it after it was listed.
    stored.with_name(f".{FILE}.1-aa.tmp").symlink_to(tmp_path / "gone")
    assert store.replace(table(), "s0000", FRAME.lazy(), "b").fingerprint == "b"


def test_a_scan_reads_a_partition_as_it_is_when_its_rows_are_read(tmp_path: Path) -> None:
    store, key = open_store("parquet", str(tmp_path)), "s0000"
    store.replace(table(), key, FRAME.lazy(), "a")
    rows = store.scan(table(), [key])
    rows.collect_schema()
    longer = pl.concat([FRAME] * 9).with_columns(id=pl.int_range(pl.len()))
    store.replace(table(), key, longer.lazy(), "b")
    assert rows.collect().height == longer.height


@pytest.mark.parametrize("kind", ["parquet", "delta"])
def test_polars_knows_how_many_rows_a_scan_has(kind: str, tmp_path: Path) -> None:
    """It joins from the smaller side then, which needs a quarter of the memory."""
    store = open_store(kind, str(tmp_path))
    for key in ("s0000", "s0001"):
        store.replace(table(), key, FRAME.lazy(), "a")
    assert f"ESTIMATED ROWS: {2 * len(FRAME)}" in store.scan(table()).explain()
    assert f"ESTIMATED ROWS: {len(FRAME)}" in store.scan(table(), ["s0001"]).explain()
