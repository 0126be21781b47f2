"""Changes of true values that a file declares: noise, and anomalies that checks must find.

Every change is written down in a table of its own, the ground truth. How values are changed is in
``corruption``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from synth_assets.declarative.base import Declared, Name, Scalar, Share, Sql


class Noise(Declared):
    """Errors of data entry in a text column, or missing values in any column.

    Attributes:
        kind: ``typo`` (two letters swapped, or one left out or doubled), ``case`` (all letters
            upper or lower case), ``spaces`` (blanks around), ``truncate`` (the end is cut off),
            ``missing`` (null).
        column: The column.
        rate: Share of rows that are changed, of those with a value that the kind can change:
            ``case`` changes texts with letters, ``truncate`` those of two characters or more,
            ``typo`` those that are not empty, and no kind changes null.
    """

    kind: Literal["typo", "case", "spaces", "truncate", "missing"]
    column: Name
    rate: Share


class AnomalyBase(Declared):
    """What every planted anomaly has.

    Attributes:
        name: The kind of the anomaly in the ground truth.
        column: The column that is changed.
        rate: Share of rows that are given the anomaly's value, of those on the days that it
            strikes. A row that has this value already is not changed, and not in the ground truth.
        days: Share of days that it strikes; only in daily tables.
        detected_by: Checks of the table that must find every one. They warn and do not block.
    """

    name: Name
    column: Name
    rate: Share
    days: Share = 1.0
    detected_by: list[Name] = Field(default_factory=list)


class SetAnomaly(AnomalyBase):
    """The column has a value that it should not have."""

    kind: Literal["set"]
    value: Scalar


class ExpressionAnomaly(AnomalyBase):
    """The column has the value of an SQL expression over the row, such as ``temperature * 10``."""

    kind: Literal["expression"]
    sql: Sql


class MissingAnomaly(AnomalyBase):
    """The column has no value."""

    kind: Literal["missing"]


class RepeatAnomaly(AnomalyBase):
    """The column has the value of the row before: a repeated key, a sensor that is stuck.

    All rows of a run have the value of the row before the run, with the changes before this one.
    """

    kind: Literal["repeat"]


Anomaly = Annotated[
    SetAnomaly | ExpressionAnomaly | MissingAnomaly | RepeatAnomaly, Field(discriminator="kind")
]
