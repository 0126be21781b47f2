"""Every table of the merchant's source is a pure function of its row numbers: no partition, batch
or process changes a row, a seed changes them all, and rows of different tables are consistent."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.core import batches, sources
from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import columns_of, polars_schema
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.source import layout
from synth_assets.domains.clean_room.source.layout import OwnedRows
from synth_assets.randomness.streams import RandomStream
from synth_assets_tests.domains.clean_room.made import (
    Frames,
    clean_room,
    default,
    generated,
    rows,
    total,
)

TABLES = [table.name for table in generated(default())]
# The distribution centers are the same ten in every world.
DRAWN = [name for name in TABLES if name != "thelook_distribution_centers"]
every_table = pytest.mark.parametrize("name", TABLES)

# The public data set's columns, in its order.
COLUMNS = {
    "thelook_distribution_centers": "id name latitude longitude",
    "thelook_products": "id cost category name brand retail_price department sku "
    "distribution_center_id",
    "thelook_users": "id first_name last_name email age gender state street_address postal_code "
    "city country latitude longitude traffic_source created_at",
    "thelook_orders": "order_id user_id status gender created_at returned_at shipped_at "
    "delivered_at num_of_item",
    "thelook_inventory_items": "id product_id created_at sold_at cost product_category "
    "product_name product_brand product_retail_price product_department product_sku "
    "product_distribution_center_id",
    "thelook_order_items": "id order_id user_id product_id inventory_item_id status created_at "
    "shipped_at delivered_at returned_at sale_price",
    "thelook_events": "id user_id sequence_number session_id created_at ip_address city state "
    "postal_code browser traffic_source uri event_type",
}
WHOLE_NUMBERS = {"id", "age", "sequence_number", "num_of_item"}
FLOATS = {"cost", "retail_price", "product_retail_price", "sale_price", "latitude", "longitude"}


def type_of(column: str) -> pl.DataType:
    if column in WHOLE_NUMBERS or (column.endswith("_id") and column != "session_id"):
        return pl.Int64()
    if column in FLOATS:
        return pl.Float64()
    return pl.Datetime("us", "UTC") if column.endswith("_at") else pl.String()


@every_table
def test_columns_are_those_of_the_public_data_set(name: str, domain: Domain) -> None:
    expected = {column: type_of(column) for column in COLUMNS[name].split()}
    schema = polars_schema(domain.table(name).schema)
    assert list(schema.items()) == list(expected.items())


def test_keys_and_personal_data_are_declared(domain: Domain) -> None:
    keys = {
        (t.name, c.name): t.parents[c.foreign_key[0]]
        for t in generated(domain)
        for c in columns_of(t.schema)
        if c.foreign_key
    }
    assert {f"{table}.{column}": parent for (table, column), parent in keys.items()} == {
        "thelook_products.distribution_center_id": "thelook_distribution_centers",
        "thelook_orders.user_id": "thelook_users",
        "thelook_inventory_items.product_id": "thelook_products",
        "thelook_inventory_items.product_distribution_center_id": "thelook_distribution_centers",
        "thelook_order_items.order_id": "thelook_orders",
        "thelook_order_items.user_id": "thelook_users",
        "thelook_order_items.product_id": "thelook_products",
        "thelook_order_items.inventory_item_id": "thelook_inventory_items",
        "thelook_events.user_id": "thelook_users",
    }
    personal = {c.name for t in generated(domain) for c in columns_of(t.schema) if c.pii}
    assert personal == {
        "first_name", "last_name", "email", "street_address", "postal_code", "ip_address",
    }  # fmt: skip


@every_table
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_any_rows_by_themselves_are_those_of_the_whole(name: str, data: st.DataObject) -> None:
    domain = default()
    last = total(domain, name)
    start = data.draw(st.integers(0, last - 1))
    middle = data.draw(st.integers(start, min(start + 300, last)))
    stop = data.draw(st.integers(middle, min(middle + 9_000, last)))
    parts = [rows(domain, name, start, middle), rows(domain, name, middle, stop)]
    assert pl.concat(parts).equals(rows(domain, name, start, stop))


@every_table
def test_a_part_is_the_part_of_the_whole(name: str, domain: Domain, frames: Frames) -> None:
    last = total(domain, name)
    for start in (0, last // 3, last - 7):
        part = rows(domain, name, start, start + 7)
        assert part.equals(frames[name][start : start + 7])
        assert rows(domain, name, start, start).equals(part.clear())


def test_events_of_buyers_and_anonymous_sessions_meet_in_a_partition(
    domain: Domain, frames: Frames
) -> None:
    known = open_model(domain.scenario).pages.total  # type: ignore[arg-type]
    part = rows(domain, "thelook_events", known - 40, known + 40)
    assert part["user_id"].is_null().to_list() == [False] * 40 + [True] * 40
    assert part.equals(frames["thelook_events"][known - 40 : known + 40])


@every_table
def test_rows_come_in_order_with_ids_from_one(name: str, domain: Domain, frames: Frames) -> None:
    made = sources.generated(domain.table(name)).generate
    assert made(domain.scenario, Partition("x", 5, 9, 0, 1)).collect()["row"].to_list() == [
        5,
        6,
        7,
        8,
    ]
    key = "order_id" if name == "thelook_orders" else "id"
    assert frames[name][key].equals(pl.Series(key, range(1, len(frames[name]) + 1)))


@pytest.mark.slow
@every_table
def test_large_slices_come_in_batches_and_are_the_same(
    name: str, domain: Domain, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ROWS_AT_ONCE", 1_000)
    monkeypatch.setattr(batches, "MOST_ROWS", 77_777)
    assert rows(domain, name).equals(frames[name])


@pytest.mark.parametrize("block", [100, 65_536])
def test_the_size_of_blocks_changes_no_row(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = rows(clean_room(users=1_500), "thelook_events", 3_000, 4_000)
    monkeypatch.setattr(layout, "BLOCK", block)
    monkeypatch.setattr(layout, "CHUNK", block * 2)
    open_model.cache_clear()
    try:
        assert rows(clean_room(users=1_500), "thelook_events", 3_000, 4_000).equals(usual)
    finally:
        open_model.cache_clear()


@pytest.mark.parametrize("name", DRAWN)
def test_another_seed_gives_other_rows(name: str, frames: Frames) -> None:
    other = rows(clean_room(users=20_000, seed=43), name, 0, 500)
    same = rows(clean_room(users=20_000, seed=42), name, 0, 500)
    assert same.equals(frames[name][:500])
    keys = [c for c in other.columns if c in ("id", "order_id")]
    assert not other.drop(keys).equals(same.drop(keys))
    unlike = [c for c in other.columns if not other[c].equals(same[c])]
    fixed = {"id", "order_id", "department", "user_id", "inventory_item_id", "sequence_number"}
    assert set(other.columns) - set(unlike) <= fixed


def test_users_do_not_depend_on_how_many_there_are(frames: Frames) -> None:
    few = rows(clean_room(users=1_000), "thelook_users")
    assert few.equals(frames["thelook_users"][:1_000])


WRITE = """
import sys
from pathlib import Path
from synth_assets_tests.domains.clean_room.made import clean_room, rows
domain = clean_room(users=2_000)
for name in sys.argv[2:]:
    rows(domain, name, 500, 900).write_parquet(Path(sys.argv[1]) / name)
"""


def test_a_fresh_process_makes_the_same_bytes(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONHASHSEED": "99", "POLARS_MAX_THREADS": "3"}
    subprocess.run(
        [sys.executable, "-c", WRITE, str(tmp_path), *TABLES],
        env=environment,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    domain = clean_room(users=2_000)
    for name in TABLES:
        here = BytesIO()
        rows(domain, name, 500, 900).write_parquet(here)
        assert (tmp_path / name).read_bytes() == here.getvalue(), name


# --- layout -------------------------------------------------------------------------------


@pytest.mark.parametrize("owners", [1, 99, 4_096, 4_097, 12_000])
def test_parts_lie_one_owner_after_the_other(owners: int) -> None:
    draw = RandomStream(1, "parts")
    parts = OwnedRows(owners, lambda owner: draw.integers(owner, 0, 4))
    sizes = pl.select(draw.integers(pl.int_range(owners, dtype=pl.Int64), 0, 4)).to_series()
    owner = np.repeat(np.arange(owners), sizes.to_numpy())
    assert parts.total == len(owner) == sizes.sum()
    found = parts.rows(0, parts.total)
    assert found["owner"].to_list() == owner.tolist()
    assert found["size"].to_list() == sizes.gather(pl.Series(owner)).to_list()
    firsts = np.concatenate([[0], np.cumsum(sizes.to_numpy())])
    assert found["place"].to_list() == (np.arange(len(owner)) - firsts[owner]).tolist()
    assert parts.offsets(owners // 2, owners).tolist() == firsts[owners // 2 :].tolist()
    middle = parts.rows(parts.total // 2, parts.total)
    assert middle.equals(found[parts.total // 2 :])
    assert parts.rows(0, 0).height == 0
