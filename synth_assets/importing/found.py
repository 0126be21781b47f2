"""What a source says of its tables, in terms that every kind of source shares.

The modules of sources (``ddl``, ``postgres``, ``duckdb_file``, ``files``, ``dbt``, ``odcs``) return
``FoundSchema``; whatever comes later knows no kind of source. Nothing here is a guess: what a
source does not declare is added by ``keys``, which marks it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class UnreadableError(Exception):
    """The engine of a source cannot run a statement; says the kind of the reason, and no more."""


# Runs one statement of SQL in the source, and returns its rows; raises ``UnreadableError``.
Query = Callable[[str], list[tuple[Any, ...]]]


class Kind(StrEnum):
    """Kinds of values that a column may have; ``OTHER`` is imported as text."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    TIMESTAMP_TZ = "timestamp with time zone"
    UUID = "uuid"
    JSON = "json"
    BINARY = "binary"
    OTHER = "other"


# Bits of a float of four bytes.
SINGLE = 32
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT})
TIMES = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})
WORDS = frozenset({Kind.TEXT, Kind.UUID, Kind.JSON, Kind.OTHER})


@dataclass(frozen=True)
class FoundType:
    """The type of a column.

    Attributes:
        kind: The kind of its values.
        spelled: The type as the source spells it.
        precision: Digits of a decimal, also of one that has whole numbers only.
        scale: Digits of a decimal after the point.
        length: Longest text, if it is limited.
        bits: Width of an integer or a float.
        unsigned: Whether an integer is never negative.
        narrowed: Whether the source has larger integers than those of 64 bits.
    """

    kind: Kind
    spelled: str
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    bits: int = 64
    unsigned: bool = False
    narrowed: bool = False

    @property
    def is_single(self) -> bool:
        """Whether it is a float of four bytes."""
        return self.kind is Kind.FLOAT and self.bits == SINGLE

    @property
    def integers(self) -> tuple[int, int]:
        """The smallest and the largest integer, of those of 64 bits that the language has."""
        if self.unsigned:
            return 0, 2 ** min(self.bits, 63) - 1
        return -(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1


@dataclass(frozen=True)
class FoundColumn:
    """A column, as the source declares it.

    Attributes:
        name: Its name.
        type: Its type.
        nullable: Whether it may be null.
        doc: Its description.
        values: The values that it may have, if they are listed.
        low: Smallest value that a constraint allows.
        high: Largest value that a constraint allows.
        low_open: Whether ``low`` itself is not allowed.
        high_open: Whether ``high`` itself is not allowed.
        unique: Whether no value occurs twice.
        formula: How it is computed from other columns, as SQL.
        pattern: The regular expression that it matches.
        numbered: The first number and the step of those that the source gives to new rows.
        source_name: Its name in the source, if ``identifiers`` has given it another.
    """

    name: str
    type: FoundType
    nullable: bool = True
    doc: str = ""
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    unique: bool = False
    formula: str = ""
    pattern: str = ""
    numbered: tuple[int, int] | None = None
    source_name: str = ""

    @property
    def in_source(self) -> str:
        """Its name in the source."""
        return self.source_name or self.name


@dataclass(frozen=True)
class FoundReference:
    """A reference of columns to those of a parent.

    Attributes:
        columns: The columns.
        parent: Name of the parent.
        parent_columns: The parent's columns; empty for its primary key.
        parent_schema: Name of the parent's schema; empty if it is not named.
        guessed: Whether names alone suggest it.
    """

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...] = ()
    parent_schema: str = ""
    guessed: bool = False


@dataclass(frozen=True)
class FoundTable:
    """A table, as the source declares it.

    Attributes:
        name: Its name.
        columns: Its columns, in order.
        primary_key: Columns of its primary key.
        key_guessed: Whether names alone suggest the primary key.
        references: Its references.
        uniques: Sets of several columns that are unique together.
        checks: Other conditions that each row meets, as SQL.
        doc: Its description.
        schema: Name of the schema that it is in, if the source has schemas.
        relation: The table in a ``from`` clause of the source; empty if the source has no rows.
    """

    name: str
    columns: tuple[FoundColumn, ...]
    primary_key: tuple[str, ...] = ()
    key_guessed: bool = False
    references: tuple[FoundReference, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    doc: str = ""
    schema: str = ""
    relation: str = ""

    def column(self, name: str) -> FoundColumn:
        """A column by its name.

        Args:
            name: The name.
        """
        return next(column for column in self.columns if column.name == name)


def views_left_out(names: Sequence[str]) -> list[str]:
    """The note of the views of a database; none if it has none.

    Args:
        names: Their names.
    """
    if not names:
        return []
    word, verb = ("view", "it is") if len(names) == 1 else ("views", "they are")
    listed = ", ".join(f"`{name}`" for name in names)
    return [f"{len(names):,} {word} left out: {verb} made of tables: {listed}"]


@dataclass(frozen=True)
class FoundSchema:
    """The tables of a source.

    Attributes:
        tables: The tables.
        doc: What the source is, without secrets.
        notes: What was left out, in words.
        query: Runs SQL in the source, if it has rows.
    """

    tables: tuple[FoundTable, ...]
    doc: str
    notes: Sequence[str] = field(default=())
    query: Query | None = None
