"""Hashes of texts, as other tools compute them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def hashed(text: pl.Expr) -> pl.Expr:
    """MD5 of the UTF-8 of texts, 32 hexadecimal digits.

    Args:
        text: The texts.
    """

    def digests(column: pl.Series) -> pl.Series:
        # Python's own is several times slower and would keep other threads waiting.
        texts = column.alias("text").to_frame().to_arrow()
        with _database().cursor() as cursor:
            return cursor.from_arrow(texts).project("md5(text) AS hash").pl()["hash"]

    return text.map_batches(digests, return_dtype=pl.String, is_elementwise=True)


@cache
def _database() -> DuckDBPyConnection:
    import duckdb

    return duckdb.connect(config={"threads": 1})
