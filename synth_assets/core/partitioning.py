"""How a table is partitioned, and one partition in global row numbers.

A partitioning has keys (Dagster's partition keys) and a range of partition indices for each key
(days since the start date, shard numbers); a table has the number of rows before each index.
Together they give a partition's range of row numbers. No row depends on the partitioning.
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
    """A range of rows of a table.

    Attributes:
        key: Partition key.
        start: First row number.
        stop: Last row number, excluded.
        first: First partition index (days since the start date, number of the shard).
        last: Last partition index, excluded.
    """

    key: str
    start: int
    stop: int
    first: int
    last: int

    def batches(self, rows: int) -> Iterator[Partition]:
        """The same rows in consecutive ranges.

        Args:
            rows: Rows of a range at most.
        """
        for start in range(self.start, self.stop, rows):
            yield replace(self, start=start, stop=min(start + rows, self.stop))


class Partitioning(Protocol):
    """How a table is partitioned by one column."""

    def __hash__(self) -> int: ...

    @property
    def partition_column(self) -> str:
        """Name of the column that has the key where a partition is stored."""

    @property
    def column_type(self) -> pl.DataType:
        """Type of that column in a database; a scan of a store returns it as String."""

    def may_reference(self, key: str, other: str) -> bool:
        """Whether rows of one partition may refer to rows of another.

        Args:
            key: Key of the referring partition, or ``WHOLE_KEY`` of a table that is unpartitioned.
            other: Key of the other partition.
        """

    def keys(self) -> Sequence[str]:
        """All keys that exist now, in order."""

    def index_range(self, key: str) -> tuple[int, int]:
        """The partition's first index, and the first index after it.

        Args:
            key: Partition key.

        Raises:
            UserError: The key does not exist.
        """

    def row_offset(self, index: int, total: int) -> int:
        """The first row number of a partition index, in a table with its rows in equal partitions.

        Args:
            index: Partition index.
            total: Rows of the whole table.

        Raises:
            TypeError: The partitions are not equal (``Daily``).
        """


def index_of(partitioning: Partitioning, key: str) -> int:
    """The index of a key among the partitioning's keys.

    Args:
        partitioning: The partitioning.
        key: Partition key.

    Raises:
        UnknownNameError: The key does not exist.
    """
    keys = partitioning.keys()
    if key not in keys:
        raise UnknownNameError("partition", key, list(keys))
    return list(keys).index(key)


def column_value(partitioning: Partitioning, key: str) -> date | str:
    """The value of the partition column where a partition is stored.

    Args:
        partitioning: How the table is partitioned.
        key: The partition's key.
    """
    return date.fromisoformat(key) if partitioning.column_type == pl.Date else key


@dataclass(frozen=True)
class Daily:
    """One partition a day; the partition index is the number of days since the start date.

    The current date decides only which keys exist, never what is in a partition.

    Attributes:
        start: First day.
        end: Last day, excluded; without it the last day is yesterday (UTC).
        partition_column: Name of the column that has the key.
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
        # Python also accepts other ISO notations, but a partition has one key.
        if day is None or day.isoformat() != key:
            raise UserError(f"partition {key!r} is not a date of the form YYYY-MM-DD")
        index = (day - self.start).days
        if index < 0 or (self.end is not None and day >= self.end):
            last = self.end - timedelta(days=1) if self.end else "yesterday"
            raise UserError(f"partition {key} is outside the range {self.start} to {last}")
        return index, index + 1

    def may_reference(self, key: str, other: str) -> bool:
        # An unpartitioned table refers only to days that are stored, so it waits for none.
        return key != WHOLE_KEY and other < key

    def row_offset(self, index: int, total: int) -> int:
        raise TypeError("a daily table must give its rows before each day")


@dataclass(frozen=True)
class Sharded:
    """Partitions of nearly equal size; the partition index is the shard's number.

    Attributes:
        count: Number of shards.
        partition_column: Name of the column that has the key.
    """

    count: int
    partition_column: str = "shard"
    column_type: ClassVar[pl.DataType] = pl.String()

    def __post_init__(self) -> None:
        if not 1 <= self.count <= 4096:
            raise UserError(f"number of shards {self.count} must be between 1 and 4096")

    def keys(self) -> Sequence[str]:
        return [f"s{i:04d}" for i in range(self.count)]

    def index_range(self, key: str) -> tuple[int, int]:
        index = index_of(self, key)
        return index, index + 1

    def row_offset(self, index: int, total: int) -> int:
        return total * index // self.count

    def may_reference(self, key: str, other: str) -> bool:
        return True


@dataclass(frozen=True)
class Named:
    """Named partitions such as training and inference; the partition index is the name's position.

    Attributes:
        names: The partition keys, in order.
        partition_column: Name of the column that has the key.
    """

    names: tuple[str, ...]
    partition_column: str = "split"
    column_type: ClassVar[pl.DataType] = pl.String()

    def keys(self) -> Sequence[str]:
        return self.names

    def index_range(self, key: str) -> tuple[int, int]:
        index = index_of(self, key)
        return index, index + 1

    def row_offset(self, index: int, total: int) -> int:
        return total * index // len(self.names)

    def may_reference(self, key: str, other: str) -> bool:
        return False


@dataclass(frozen=True)
class Unpartitioned:
    """The whole table as one partition."""

    partition_column: str = "part"
    column_type: ClassVar[pl.DataType] = pl.String()

    def keys(self) -> Sequence[str]:
        return (WHOLE_KEY,)

    def index_range(self, key: str) -> tuple[int, int]:
        index_of(self, key)
        return 0, 1

    def row_offset(self, index: int, total: int) -> int:
        return total * index

    def may_reference(self, key: str, other: str) -> bool:
        return False
