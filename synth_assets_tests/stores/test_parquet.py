"""Parquet: what the contract cannot see, since other stores have no files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from synth_assets.generation.errors import UserError
from synth_assets.stores import open_store
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
