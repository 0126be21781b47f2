"""How a table is cut, and one piece of it in global row coordinates.

A partitioning knows its keys (Dagster's partition keys) and at which step of its axis each key
begins and ends; a table knows how many rows lie before a step. Together they give a partition's
row range, and nothing about the rows depends on the cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Protocol

import polars as pl

from synth_assets.core.errors import UnknownNameError, UserError

WHOLE_KEY = "all"


@dataclass(frozen=True)
class Partition:
    """Rows ``start`` up to ``stop`` of a table, under the key of its partition.

    ``first`` and ``last`` are the steps of the partitioning's axis that the rows lie between (days
    since the start date, a shard and the one after), ``last`` excluded.
    """

    key: str
    start: int
    stop: int
    first: int
    last: int

    def batches(self, rows: int) -> Iterator[Partition]:
        """The same rows in pieces of at most ``rows``."""
        for start in range(self.start, self.stop, rows):
            yield replace(self, start=start, stop=min(start + rows, self.stop))


class Partitioning(Protocol):
    """How a table is cut along one axis."""

    def __hash__(self) -> int: ...

    @property
    def partition_column(self) -> str:
        """Name of the column that carries the key where a partition is stored."""

    @property
    def column_type(self) -> pl.DataType:
        """Type of that column in a database; whoever scans a store gets the key as String."""

    def may_reference(self, key: str, other: str) -> bool:
        """Whether rows of a partition, or of the whole table, may refer to another partition's."""

    def keys(self) -> Sequence[str]:
        """All keys that exist now, in order."""

    def index_range(self, key: str) -> tuple[int, int]:
        """First step of the axis in the partition and first step after it."""

    def row_offset(self, step: int, total: int) -> int:
        """Row at which a step begins where the table only knows its ``total`` rows."""


def index_of(partitioning: Partitioning, key: str) -> int:
    """Index of a key among the partitioning's keys; an error that lists them where it has none."""
    keys = partitioning.keys()
    if key not in keys:
        raise UnknownNameError("partition", key, list(keys))
    return list(keys).index(key)


@dataclass(frozen=True)
class Daily:
    """One partition a day from ``start``; the step is the number of days since then.

    ``end`` is exclusive; without it the partitioning grows until yesterday (UTC). The present
    decides only which keys exist, never what is in a partition.
    """

    start: date
    end: date | None = None
    partition_column: str = "day"
    column_type: ClassVar[pl.DataType] = pl.Date()

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise UserError(f"end date {self.end} must be after start date {self.start}")

    def keys(self) -> Sequence[str]:
        end = self.end or datetime.now(UTC).date()
        days = max((end - self.start).days, 0)
        return [(self.start + timedelta(days=i)).isoformat() for i in range(days)]

    def index_range(self, key: str) -> tuple[int, int]:
        try:
            day = date.fromisoformat(key)
        except ValueError:
            day = None
        # Python reads ISO's other notations, too; a partition has one name.
        if day is None or day.isoformat() != key:
            raise UserError(f"partition {key!r} is not a date of the form YYYY-MM-DD")
        step = (day - self.start).days
        if step < 0 or (self.end is not None and day >= self.end):
            end = self.end or "yesterday"
            raise UserError(f"partition {key} is outside the range {self.start} to {end}")
        return step, step + 1

    def may_reference(self, key: str, other: str) -> bool:
        # A table that is not cut into days takes those that are there.
        return key != WHOLE_KEY and other < key

    def row_offset(self, step: int, total: int) -> int:
        raise TypeError("a daily table must give its rows before each day")


@dataclass(frozen=True)
class Sharded:
    """``count`` pieces of nearly equal size; the step is the shard's number."""

    count: int
    partition_column: str = "shard"
    column_type: ClassVar[pl.DataType] = pl.String()

    def __post_init__(self) -> None:
        if not 1 <= self.count <= 4096:
            raise UserError(f"number of shards {self.count} must be between 1 and 4096")

    def keys(self) -> Sequence[str]:
        return [f"s{i:04d}" for i in range(self.count)]

    def index_range(self, key: str) -> tuple[int, int]:
        step = index_of(self, key)
        return step, step + 1

    def row_offset(self, step: int, total: int) -> int:
        return total * step // self.count

    def may_reference(self, key: str, other: str) -> bool:
        return True


@dataclass(frozen=True)
class Named:
    """Named parts such as training and inference; the step is the part's place."""

    names: tuple[str, ...]
    partition_column: str = "split"
    column_type: ClassVar[pl.DataType] = pl.String()

    def keys(self) -> Sequence[str]:
        return self.names

    def index_range(self, key: str) -> tuple[int, int]:
        step = index_of(self, key)
        return step, step + 1

    def row_offset(self, step: int, total: int) -> int:
        return total * step // len(self.names)

    def may_reference(self, key: str, other: str) -> bool:
        return False


@dataclass(frozen=True)
class Unpartitioned:
    """One partition: the table is not cut."""

    partition_column: str = "part"
    column_type: ClassVar[pl.DataType] = pl.String()

    def keys(self) -> Sequence[str]:
        return (WHOLE_KEY,)

    def index_range(self, key: str) -> tuple[int, int]:
        index_of(self, key)
        return 0, 1

    def row_offset(self, step: int, total: int) -> int:
        return total * step

    def may_reference(self, key: str, other: str) -> bool:
        return False
