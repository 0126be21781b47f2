"""The columns of the YAML language: one model for each ``kind``, which says how values are made.

Columns that depend on others are here; the others are in ``values``, ``numbers`` and ``times``. How
values are computed is in the package ``generators``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from synth_assets.declarative.base import ColumnBase, Name, Scalar, Sql
from synth_assets.declarative.numbers import (
    ExponentialColumn,
    IntegersColumn,
    LognormalColumn,
    NormalColumn,
    ParetoColumn,
    PoissonColumn,
    UniformColumn,
    ZipfColumn,
)
from synth_assets.declarative.times import DateColumn, LaterColumn, TimestampColumn
from synth_assets.declarative.values import (
    BooleanColumn,
    ChoiceColumn,
    ConstantColumn,
    PatternColumn,
    PositionColumn,
    SequenceColumn,
    UuidColumn,
    VocabularyColumn,
)


class ExpressionColumn(ColumnBase):
    """An SQL expression over other columns of the same row."""

    kind: Literal["expression"]
    sql: Sql
    can_be_unique = True


class ReferenceColumn(ColumnBase):
    """The key of a row of another table, or of an earlier row of the same.

    In a daily table, an earlier row of the same table is one of an earlier day.

    Attributes:
        to: The parent table.
        column: The parent's column; by default its primary key.
        distribution: How rows are distributed over the parents: ``uniform``, or ``zipf``: few have
            most of them.
        exponent: Exponent of ``zipf``.
    """

    kind: Literal["reference"]
    to: Name
    column: Name | None = None
    distribution: Literal["uniform", "zipf"] = "uniform"
    exponent: float = Field(1.0, ge=0, le=10)
    can_be_unique = True


class CopyColumn(ColumnBase):
    """The value that the referenced row of a parent has."""

    kind: Literal["copy"]
    through: Name
    column: Name


class SwitchColumn(ColumnBase):
    """Another generator for each value of a column of the row."""

    kind: Literal["switch"]
    on: Name = Field(description="The column that decides.")
    cases: Annotated[dict[Scalar, Column], Field(min_length=1)]
    otherwise: Column | None = Field(None, description="All other rows; null without it.")


Column = Annotated[
    SequenceColumn
    | UuidColumn
    | PositionColumn
    | ConstantColumn
    | ChoiceColumn
    | BooleanColumn
    | IntegersColumn
    | UniformColumn
    | NormalColumn
    | LognormalColumn
    | ExponentialColumn
    | ParetoColumn
    | ZipfColumn
    | PoissonColumn
    | DateColumn
    | TimestampColumn
    | LaterColumn
    | VocabularyColumn
    | PatternColumn
    | ExpressionColumn
    | ReferenceColumn
    | CopyColumn
    | SwitchColumn,
    Field(discriminator="kind"),
]
