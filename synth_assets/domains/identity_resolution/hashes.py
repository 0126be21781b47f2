"""Hashes of texts, as other tools compute them."""

from __future__ import annotations

from hashlib import md5

import polars as pl


def hashed(text: pl.Expr) -> pl.Expr:
    """MD5 of the UTF-8 of texts, 32 hexadecimal digits.

    Args:
        text: The texts; none may be null.
    """

    def digests(column: pl.Series) -> pl.Series:
        found = [md5(t.encode(), usedforsecurity=False).hexdigest() for t in column.to_list()]
        return pl.Series(found, dtype=pl.String)

    return text.map_batches(digests, return_dtype=pl.String, is_elementwise=True)
