"""The YAML language: a domain, its tables, their rows, partitioning and checks.

Columns are in ``columns``, noise and anomalies in ``changes``. What refers to other parts of a file
(tables, columns) is checked by ``names``; lines of errors are found by ``loader``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from synth_assets.declarative import base
from synth_assets.declarative.base import Day, Declared, Name, Scalar, Sql
from synth_assets.declarative.changes import Anomaly, Noise
from synth_assets.declarative.columns import Column
from synth_assets.declarative.numbers import IntegersColumn, PoissonColumn, ZipfColumn
from synth_assets.declarative.times import Calendar
from synth_assets.declarative.values import ChoiceColumn

# Names of schemas, folders and dbt sources.
LOWER_NAME = r"^[a-z][a-z0-9_]{0,62}$"
LowerName = Annotated[str, Field(pattern=LOWER_NAME)]
# How often, in five fields; Dagster checks their numbers.
CRON = r"^(@[a-z]+|[0-9A-Za-z*,/-]+( +[0-9A-Za-z*,/-]+){4})$"
OWNER = r"^(team:\S+|\S+@\S+)?$"
FORMS = base.FORMS | {
    CRON: "a cron expression of five fields, such as '30 4 * * *'",
    OWNER: "an owner: team: and a name, or an e-mail address",
    LOWER_NAME: "a name: lower-case letters, digits and _, at most 63, the first a letter",
}
MOST_ROWS = 100_000_000_000
Rows = Annotated[int, Field(ge=0, le=MOST_ROWS)]


class Unpartitioned(Declared):
    """The whole table is one partition."""

    kind: Literal["unpartitioned"]
    column: Name = "part"


class Sharded(Declared):
    """Parts of equal size; how many is the domain's ``shards`` unless it is given."""

    kind: Literal["sharded"]
    shards: int | None = Field(None, ge=1, le=4096)
    column: Name = "shard"


class Daily(Declared):
    """One partition a day, from the domain's ``start_date``."""

    kind: Literal["daily"]
    column: Name = "day"


class Named(Declared):
    """Named parts of equal size, such as training and test."""

    kind: Literal["named"]
    names: Annotated[list[LowerName], Field(min_length=1, max_length=100)]
    column: Name = "split"


Partitioning = Annotated[Unpartitioned | Sharded | Daily | Named, Field(discriminator="kind")]


class CalendarRows(Calendar):
    """Rows of a daily table that follow a calendar; ``per_day`` on an ordinary day."""

    kind: Literal["calendar"]
    per_day: float = Field(gt=0, le=MOST_ROWS)


Count = Annotated[
    IntegersColumn | ChoiceColumn | PoissonColumn | ZipfColumn, Field(discriminator="kind")
]


class ChildRows(Declared):
    """So many rows for each row of a parent; of an undated parent in a daily table, each day.

    Attributes:
        of: The reference of this table to the parent.
        count: Rows of each parent: a number, or a generator of whole numbers.
    """

    kind: Literal["children"]
    of: Name
    count: (
        Annotated[Annotated[int, Field(ge=1, le=100_000)], Tag("number")]
        | Annotated[Count, Tag("generator")]
    ) = Field(
        discriminator=Discriminator(lambda v: "number" if isinstance(v, int) else "generator")
    )


def _rows_tag(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return "number"
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", "")
    return str(kind)


RowsSpec = Annotated[
    Annotated[Rows, Tag("number")]
    | Annotated[CalendarRows, Tag("calendar")]
    | Annotated[ChildRows, Tag("children")],
    Discriminator(
        _rows_tag,
        custom_error_type="rows",
        custom_error_message="must be a number, {kind: calendar, …} or {kind: children, …}",
    ),
]


class CheckBase(Declared):
    """What every check has: its name, and whether a failure stops what is downstream."""

    name: Name | None = None
    severity: Literal["block", "warn"] = "block"


class RangeCheck(CheckBase):
    """The values of a column are from ``low`` to ``high``, both included."""

    kind: Literal["range"]
    column: Name
    low: float | Day | None = None
    high: float | Day | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("a range needs low, high or both")
        if self.low is not None and self.high is not None:
            if isinstance(self.low, date) != isinstance(self.high, date):
                raise ValueError("low and high must both be numbers, or both be dates")
            if self.low > self.high:  # type: ignore[operator]
                raise ValueError(f"low = {self.low} must not be above high = {self.high}")
        return self


class AcceptedCheck(CheckBase):
    """A column has only listed values."""

    kind: Literal["accepted"]
    column: Name
    values: Annotated[list[Scalar], Field(min_length=1)]


class UniqueCheck(CheckBase):
    """No two rows have the same values in some columns."""

    kind: Literal["unique"]
    columns: Annotated[list[Name], Field(min_length=1)]


class NotNullCheck(CheckBase):
    """A column has a value in every row."""

    kind: Literal["not_null"]
    column: Name


class ExpressionCheck(CheckBase):
    """An SQL condition over the row is true, or null, in every row."""

    kind: Literal["expression"]
    name: Name
    sql: Sql
    doc: str = ""


CheckSpec = Annotated[
    RangeCheck | AcceptedCheck | UniqueCheck | NotNullCheck | ExpressionCheck,
    Field(discriminator="kind"),
]


class TableSpec(Declared):
    """A table.

    Attributes:
        doc: What a row is.
        rows: Rows of the table, of each day of a daily one; or how they are counted.
        partitioning: How it is partitioned.
        columns: The columns by name, in order.
        checks: Checks besides those of types, keys, references and null values.
        noise: Errors of data entry.
        anomalies: Planted anomalies.
        ground_truth: The table of all changes; by default the table's name and ``_ground_truth``.
        blocking: Whether failed checks stop what is downstream; otherwise they warn.
    """

    doc: str = ""
    rows: RowsSpec
    partitioning: Partitioning = Unpartitioned(kind="unpartitioned")
    columns: Annotated[dict[Name, Column], Field(min_length=1)]
    checks: list[CheckSpec] = Field(default_factory=list)
    noise: list[Noise] = Field(default_factory=list)
    anomalies: list[Anomaly] = Field(default_factory=list)
    ground_truth: LowerName | None = None
    blocking: bool = True


class DomainSpec(Declared):
    """A domain: what a file contains.

    Attributes:
        domain: Its name, which is the schema of its tables.
        doc: What the tables are about.
        owner: Owner of the assets, such as ``team:sales``.
        start_date: First day of daily tables.
        end_date: Day after the last; without it, all days up to yesterday.
        shards: Number of parts of sharded tables.
        schedule: Cron expression (UTC) at which daily tables are materialized.
        tables: The tables by name.
    """

    domain: LowerName
    doc: str = ""
    owner: str = Field("", pattern=OWNER)
    start_date: Day = date(2026, 1, 1)
    end_date: Day | None = None
    shards: int = Field(4, ge=1, le=4096)
    schedule: str | None = Field(None, pattern=CRON)
    tables: Annotated[dict[LowerName, TableSpec], Field(min_length=1)]
