"""What a row was before it was stored: the versions that the data's own truth has of it.

A table declares its history where its rows change in the world that they describe: an order is
shipped, then delivered. Rows of other tables are inserted once. ``replay`` plays both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dataframely as dy
import polars as pl

from synth_assets.core.schema import columns_of


@dataclass(frozen=True)
class Version:
    """A version of each row, in terms of the stored row. The last that is reached is that row.

    Attributes:
        at: The moment from which a row was so; null for rows that never were.
        values: What columns had then; all others had what is stored.
    """

    at: pl.Expr
    values: Mapping[str, pl.Expr] = field(default_factory=dict)


# The scenario to the versions of a table's rows, in order of time.
History = Callable[[Any], Sequence[Version]]


def moment_of(schema: type[dy.Schema], column: str | None) -> pl.Expr | None:
    """The moment of a row's event, in microseconds since 1970 (Int64).

    Args:
        schema: The table's schema.
        column: The column that has it, as a timestamp or as such a number; by default the first
            timestamp that is never null.

    Returns:
        The moment; None if the rows have none.
    """
    for info in columns_of(schema):
        timestamp = isinstance(info.dtype, pl.Datetime)
        if info.name == column or (column is None and timestamp and not info.nullable):
            return microseconds(pl.col(info.name)) if timestamp else pl.col(info.name)
    return None


def microseconds(at: pl.Expr) -> pl.Expr:
    """A timestamp, in any zone, as microseconds since 1970 (Int64).

    Args:
        at: The timestamp.
    """
    return at.dt.timestamp("us")
