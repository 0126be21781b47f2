"""A table's rows in the type with which a downstream asset annotates its input.

The type is recognized by its name, so that only libraries are imported that the asset has imported
itself. ``io_manager`` decides which rows an input gets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl

from synth_assets.core.errors import UserError


def _relation(rows: pl.LazyFrame) -> duckdb.DuckDBPyRelation:
    # In a database of its own, because all threads of the process share the default one.
    return duckdb.connect().from_arrow(rows.collect().to_arrow())


LAZY = "polars.LazyFrame"
CONVERTERS: dict[str, Callable[[pl.LazyFrame], Any]] = {
    LAZY: lambda rows: rows,
    "polars.DataFrame": lambda rows: rows.collect(),
    "pandas.DataFrame": lambda rows: rows.collect().to_pandas(),
    "pyarrow.Table": lambda rows: rows.collect().to_arrow(),
    "duckdb.DuckDBPyRelation": _relation,
}


def convert(rows: pl.LazyFrame, annotation: object, subject: str) -> Any:
    """Converts rows to the annotated type.

    Args:
        rows: The stored rows.
        annotation: A type of ``CONVERTERS``; ``typing.Any`` for none, which gives a ``LazyFrame``.
        subject: How error messages name the input.

    Raises:
        UserError: The type is not supported.
    """
    name = LAZY if annotation in (Any, object) else _name(annotation)
    if name not in CONVERTERS:
        raise UserError(
            f"{subject} is annotated with {name}: must be one of {', '.join(CONVERTERS)}, "
            "or without annotation"
        )
    return CONVERTERS[name](rows)


def _name(annotation: object) -> str:
    """The name under which a type is imported, whatever module of its library defines it."""
    if not isinstance(annotation, type):
        return str(annotation)
    library = annotation.__module__.partition(".")[0].removeprefix("_")
    return f"{library}.{annotation.__qualname__}".removeprefix("builtins.")
