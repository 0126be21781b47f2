"""A lazy frame that is computed by Python when it is collected, and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
from polars.io.plugins import register_io_source


def deferred(compute: Callable[[], pl.LazyFrame], schema: pl.Schema) -> pl.LazyFrame:
    """A lazy frame with rows that a function gives on collection.

    Args:
        compute: Gives the rows.
        schema: Their columns and types.
    """

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        rows = compute()
        # Polars requires a source to apply the limit itself, and before the predicate.
        rows = rows if limit is None else rows.head(limit)
        rows = rows if predicate is None else rows.filter(predicate)
        yield (rows if columns is None else rows.select(columns)).collect()

    return register_io_source(batches, schema=schema)
