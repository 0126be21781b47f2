"""What all columns of the YAML language share: types of fields, and the base of every column."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Scalar = bool | int | float | str
NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"
DURATION = r"^[0-9]{1,9}(s|m|h|d|w)$"
TYPE = (
    r"^(smallint|integer|bigint|real|double|decimal\([0-9]{1,2}, ?[0-9]{1,2}\)"
    r"|boolean|date|timestamp|timestamptz|text)$"
)
# What a text of each pattern is, for errors.
FORMS = {
    NAME: "a name: letters, digits and _, at most 63, the first no digit",
    DURATION: "a duration: a number with s, m, h, d or w, such as 90s or 3d",
    TYPE: (
        "a type that every store has: smallint, integer, bigint, real, double, decimal(p,s), "
        "boolean, date, timestamp, timestamptz or text"
    ),
}


def _written(value: Any) -> Any:
    if not isinstance(value, str | date):
        raise ValueError(f"must be a date such as 2026-01-31, not {value!r}")
    return value


Name = Annotated[str, Field(pattern=NAME)]
# A file has dates and times as texts.
Day = Annotated[date, Field(strict=False), BeforeValidator(_written)]
Moment = Annotated[datetime, Field(strict=False), BeforeValidator(_written)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Weekdays = Annotated[list[Weight], Field(min_length=7, max_length=7)]
Months = Annotated[list[Weight], Field(min_length=12, max_length=12)]
Hours = Annotated[list[Weight], Field(min_length=24, max_length=24)]
Duration = Annotated[str, Field(pattern=DURATION, examples=["90s", "15m", "2h", "3d"])]
Sql = Annotated[str, Field(min_length=1, max_length=4000)]
Decimals = Annotated[int, Field(ge=0, le=9)]
ColumnType = Annotated[str, Field(pattern=TYPE, examples=["bigint", "decimal(12,2)", "text"])]
# How far a sum of weights may be from one, or from a hundred.
TOLERANCE = 0.001
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Declared(BaseModel):
    """Base of everything in a file: unknown fields are errors."""

    # Strict, since a text, a number and true are not each other.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class ColumnBase(Declared):
    """What every column may have.

    Attributes:
        doc: What the column contains.
        type: The type in SQL's words; by default that of the generator.
        primary_key: Whether the column is part of the primary key.
        unique: Whether no two rows have the same value, which a check proves.
        null_rate: Share of rows without a value.
        only_when: SQL condition over other columns; rows for which it is not true have no value.
        hidden: Whether the column is computed for others and not stored.
        pii: Kind of personal data whose form the values have.
    """

    doc: str = ""
    type: ColumnType | None = None
    primary_key: bool = False
    unique: bool = False
    null_rate: Share = 0.0
    only_when: Sql | None = None
    hidden: bool = False
    pii: str | None = None

    # Whether the values of the kind can be made without repeats.
    can_be_unique: ClassVar[bool] = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.primary_key and (self.null_rate or self.only_when or self.hidden):
            raise ValueError("a primary key has no null_rate, no only_when, and is not hidden")
        if self.unique and not self.can_be_unique:
            kind = getattr(self, "kind", "")
            raise ValueError(f"the values of kind {kind!r} cannot be made without repeats")
        return self


def scale_of(word: str | None) -> int | None:
    """The digits after the point that a type has; None for a type that does not limit them.

    Args:
        word: The type in SQL's words, if there is one.
    """
    if word in ("smallint", "integer", "bigint"):
        return 0
    found = re.search(r", ?([0-9]+)\)", word or "")
    return int(found[1]) if found else None


def seconds(duration: str) -> int:
    """A duration in seconds.

    Args:
        duration: A number and a unit, such as ``15m``.
    """
    return int(duration[:-1]) * UNITS[duration[-1]]


def require_shares(values: dict[Any, float]) -> None:
    """Refuses weights that are no shares.

    Args:
        values: The weights by value.

    Raises:
        ValueError: They sum neither to 1 nor to 100.
    """
    total = sum(values.values())
    if not any(abs(total - whole) <= TOLERANCE * whole for whole in (1, 100)):
        raise ValueError(f"the shares sum to {total:g}, and must sum to 1 (or to 100, in percent)")


def text_of(value: Scalar) -> str:
    """A value as text, as a text column has it.

    Args:
        value: The value.
    """
    return str(value).lower() if isinstance(value, bool) else str(value)
