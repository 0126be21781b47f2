"""The protocol that every store keeps.

``replace`` is atomic: a reader sees the whole old partition or the whole new one, even when the
writer is killed. Replacing a partition twice has the same result as replacing it once.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import polars as pl

from synth_assets.core.errors import NotStoredError, UserError
from synth_assets.core.model import Reader, Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.schema import differences, polars_schema


class Store(Reader, Protocol):
    """Storage for partitions of tables."""

    @property
    def kind(self) -> str:
        """Name of the kind, as it appears in settings and in the UI."""

    @property
    def location(self) -> str:
        """Where the store is, for display: a path, a URL without its password, a project."""

    def opened(self) -> AbstractContextManager[None]:
        """Keeps the store's connection open while several partitions are written."""

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        """Replaces one partition atomically and records what generated it.

        Args:
            table: The table that the partition belongs to.
            key: The partition's key.
            frame: The new rows, in the columns of the table's schema.
            fingerprint: The fingerprint of the scenario that the rows were generated from.

        Returns:
            What the store reports of the stored partition.

        Raises:
            UserError: The store cannot be written; the previous partition is unchanged.
            ChangedColumnsError: The table is stored with other columns.
        """

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        """Stored partitions whose bytes are not those that were written, each with its error.

        All of their bytes are read. Partitions of which the store has no digest are not among
        them; a database or service verifies its own pages when they are read.

        Args:
            table: The table that the partitions belong to.
            keys: Their keys; keys that are not stored are ignored.

        Raises:
            UserError: The store cannot be read.
        """

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        """Removes partitions.

        Args:
            table: The table that the partitions belong to.
            keys: Their keys; keys that are not stored are ignored.
        """

    def remove(self, table: Table) -> None:
        """Removes a table with all partitions and what remains of former ones.

        Args:
            table: The table; nothing happens if nothing of it is stored.

        Raises:
            UserError: The store cannot be written, or other files are among the table's.
        """

    def uri(self, table: Table) -> str:
        """Where the table is stored, for display and for links.

        Args:
            table: The table; it need not be stored yet.
        """


class ChangedColumnsError(UserError):
    """A table is stored with columns that differ from its schema; the message lists them."""

    def __init__(self, table: Table, changed: Sequence[str]) -> None:
        self.changed = changed
        super().__init__(
            f"{table.path} is stored with other columns: {'; '.join(changed)}. "
            "Materialize it with --recreate to drop what is stored."
        )


def refuse_other_columns(table: Table, stored: Mapping[str, pl.DataType]) -> None:
    """Checks that a table is stored with the columns of its schema.

    Args:
        table: The table.
        stored: Names and Polars types of the stored columns, without the partition column.

    Raises:
        ChangedColumnsError: Columns are missing, added or of another type.
    """
    changed = differences(polars_schema(table.schema), pl.Schema(stored))
    if changed:
        raise ChangedColumnsError(table, changed)


class DamagedPartitionError(UserError):
    """A stored partition cannot be read; the message has the command that generates it again."""

    def __init__(self, table: Table, key: str, where: str, reason: str) -> None:
        self.key, self.where, self.reason = key, where, reason
        super().__init__(
            f"slice {key} of {table.path} is damaged ({reason}) at {where}: make it again with "
            f"`synth materialize {table.path} --partitions {key}`"
        )

    def of(self, table: Table, key: str) -> DamagedPartitionError:
        """The same error of the table and partition that users know.

        Args:
            table: The table that the damaged one is a part of.
            key: The partition's key in it.
        """
        return DamagedPartitionError(table, key, self.where, self.reason)


def described(reader: Reader, table: Table) -> tuple[dict[str, PartitionStats], list[str]]:
    """The stored partitions of a table, and the keys of those that are damaged.

    Args:
        reader: The table's store, or the stores of all tables.
        table: The table.
    """
    damaged: list[str] = []
    while True:
        try:
            return reader.describe(table, without=damaged), damaged
        except DamagedPartitionError as error:
            damaged.append(error.key)


class MissingPartitionError(NotStoredError):
    """A requested partition is not stored."""

    def __init__(self, table: Table, keys: Sequence[str], where: str) -> None:
        self.keys, self.where = keys, where
        shown = ", ".join(keys[:5]) + (f", … ({len(keys)} in all)" if len(keys) > 5 else "")
        super().__init__(
            f"{table.path} has no stored slice {shown} at {where}: make it with "
            f"`synth materialize {table.path} --partitions {keys[0]}`"
        )


def refuse_missing(table: Table, keys: Sequence[str], stored: Container[str], where: str) -> None:
    """Checks that all requested partitions are stored.

    Args:
        table: The table that the partitions belong to.
        keys: The requested keys.
        stored: The keys that are stored.
        where: The table's URI, for the message.

    Raises:
        MissingPartitionError: A requested key is not stored.
    """
    missing = [key for key in keys if key not in stored]
    if missing:
        raise MissingPartitionError(table, missing, where)
