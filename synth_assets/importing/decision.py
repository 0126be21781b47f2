"""What is decided of a column, and what it is decided from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from synth_assets.importing.found import FoundColumn, FoundTable, FoundType, Kind
from synth_assets.importing.partitioning import Partitions
from synth_assets.importing.profile import ColumnProfile, TableProfile
from synth_assets.importing.structure import Structure
from synth_assets.importing.trial import Failure, What

# Types of integers of the YAML language that are narrower than the widest.
WIDTHS = (("smallint", 16), ("integer", 32))


class Because(StrEnum):
    """What a generator was decided from, the surest first."""

    DECLARED = "declared"
    ROWS = "rows"
    NAME = "name"
    TYPE = "type"


@dataclass(frozen=True)
class Decision:
    """The generator of a column.

    Attributes:
        fields: Fields of the column of the YAML language.
        because: What it was decided from.
        note: What a reader should know of it.
        hidden: Fields of hidden columns that it is computed of, by their names.
    """

    fields: Mapping[str, Any]
    because: Because
    note: str = ""
    hidden: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a decision may depend on.

    Attributes:
        table: The table.
        structure: How its rows relate to those of others.
        profile: The profile of its rows, if they were read.
        rows: Rows of each table.
        tables: The tables of the schema by name.
        partitions: How the table is partitioned.
        others: The contexts of all tables by name.
        failed: What rows that were tried do not fulfil, of this table.
    """

    table: FoundTable
    structure: Structure
    profile: TableProfile | None
    rows: Mapping[str, int]
    tables: Mapping[str, FoundTable]
    partitions: Partitions = field(default_factory=Partitions)
    others: Mapping[str, Context] = field(default_factory=dict, repr=False)
    failed: frozenset[Failure] = frozenset()

    def has_failed(self, what: What, name: str) -> bool:
        """Whether rows that were tried do not fulfil something.

        Args:
            what: What it is.
            name: Its name.
        """
        return Failure(self.table.name, what, name) in self.failed

    def of(self, column: FoundColumn) -> ColumnProfile:
        """The profile of a column; an empty one if there is none.

        Args:
            column: The column.
        """
        found = self.profile.columns.get(column.name) if self.profile else None
        return found or ColumnProfile()

    @property
    def count(self) -> int:
        """Rows of the table."""
        return self.rows[self.table.name]


def type_word(given: FoundType) -> str:
    """The type of the YAML language for a type.

    Args:
        given: The type.
    """
    match given.kind:
        case Kind.INTEGER:
            _, most = given.integers
            return next((word for word, bits in WIDTHS if most < 2 ** (bits - 1)), "bigint")
        case Kind.DECIMAL:
            return f"decimal({given.precision or 18},{2 if given.scale is None else given.scale})"
        case Kind.FLOAT:
            return "real" if given.is_single else "double"
        case Kind.BOOLEAN | Kind.DATE | Kind.TIMESTAMP:
            return given.kind.value
        case Kind.TIMESTAMP_TZ:
            return "timestamptz"
    return "text"
