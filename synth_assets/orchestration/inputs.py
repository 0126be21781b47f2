"""A table's rows in the type that an asset downstream annotates its input with.

The type is known by its name, so that no library is loaded that the asset has not loaded itself.
Which rows an input gets is in ``io_manager``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl

from synth_assets.core.errors import UserError


def _relation(rows: pl.LazyFrame) -> duckdb.DuckDBPyRelation:
    # In a database of its own: the default one is shared by all threads of the process.
    return duckdb.connect().from_arrow(rows.collect().to_arrow())


LAZY = "polars.LazyFrame"
FORMS: dict[str, Callable[[pl.LazyFrame], Any]] = {
    LAZY: lambda rows: rows,
    "polars.DataFrame": lambda rows: rows.collect(),
    "pandas.DataFrame": lambda rows: rows.collect().to_pandas(),
    "pyarrow.Table": lambda rows: rows.collect().to_arrow(),
    "duckdb.DuckDBPyRelation": _relation,
}


def in_form(rows: pl.LazyFrame, annotation: object, subject: str) -> Any:
    """The rows as the annotation has them, lazy without one.

    Args:
        rows: What is stored.
        annotation: A type; ``typing.Any`` where there is none.
        subject: The input that ``UserError`` names where nothing gives that type.
    """
    name = LAZY if annotation in (Any, object) else _name(annotation)
    if name not in FORMS:
        raise UserError(
            f"{subject} is annotated with {name}: must be one of {', '.join(FORMS)}, "
            "or without annotation"
        )
    return FORMS[name](rows)


def _name(annotation: object) -> str:
    """The type's name as it is imported, whichever module of its library defines it."""
    if not isinstance(annotation, type):
        return str(annotation)
    library = annotation.__module__.partition(".")[0].removeprefix("_")
    return f"{library}.{annotation.__qualname__}".removeprefix("builtins.")
