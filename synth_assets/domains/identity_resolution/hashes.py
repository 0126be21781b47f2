"""Hashes of texts, as other tools compute them."""

from __future__ import annotations

import polars as pl


def hashed(text: pl.Expr) -> pl.Expr:
    """MD5 of the UTF-8 of texts, 32 hexadecimal digits.

    Args:
        text: The texts.
    """

    def digests(column: pl.Series) -> pl.Series:
        # Python's own is several times slower and would keep other threads waiting.
        import duckdb

        texts = column.alias("text").to_frame().to_arrow()
        with duckdb.connect(config={"threads": 1}) as connection:
            found = connection.register("texts", texts).execute("SELECT md5(text) AS h FROM texts")
            return found.pl()["h"]

    return text.map_batches(digests, return_dtype=pl.String, is_elementwise=True)
