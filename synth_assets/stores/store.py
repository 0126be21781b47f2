"""The protocol that every store keeps.

``replace`` is atomic: whoever reads sees the old partition or the new one, whole, also when the
writer is killed; and replacing a partition twice is the same as once.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import PartitionStats, Reader, Table
from synth_assets.core.schema import differences, polars_schema


class Store(Reader, Protocol):
    """A place for partitions."""

    @property
    def kind(self) -> str:
        """Name of the kind, as settings and the UI show it."""

    @property
    def location(self) -> str:
        """Where the store lies, for people: a path, a URL without its password, a project."""

    def opened(self) -> AbstractContextManager[None]:
        """Keeps whatever connection the store needs open while several partitions are written."""

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        """Replaces the partition by the rows of ``frame``, under a scenario's fingerprint."""

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        """Removes partitions; those that are not there are passed over."""

    def uri(self, table: Table) -> str:
        """Where the table lies, for people and for links."""


class ChangedColumnsError(UserError):
    """The table is stored with other columns than it has now; the error lists them."""

    def __init__(self, table: Table, changed: Sequence[str]) -> None:
        self.changed = changed
        super().__init__(
            f"{table.path} is stored with other columns: {'; '.join(changed)}. "
            "Materialize it with --recreate to drop what is stored."
        )


def refuse_other_columns(table: Table, stored: Mapping[str, pl.DataType]) -> None:
    """``ChangedColumnsError`` unless the table is stored with the columns it has now."""
    changed = differences(polars_schema(table.schema), pl.Schema(stored))
    if changed:
        raise ChangedColumnsError(table, changed)


class DamagedPartitionError(UserError):
    """A stored partition that cannot be read, with the command that makes it again."""

    def __init__(self, table: Table, key: str, where: str, reason: str) -> None:
        self.key, self.where, self.reason = key, where, reason
        super().__init__(
            f"slice {key} of {table.path} is damaged ({reason}) at {where}: make it again with "
            f"`synth materialize {table.path} --partitions {key}`"
        )


class MissingPartitionError(UserError):
    """A partition that was asked for and is not there."""

    def __init__(self, table: Table, keys: Sequence[str], where: str) -> None:
        self.keys, self.where = keys, where
        shown = ", ".join(keys[:5]) + (f", … ({len(keys)} in all)" if len(keys) > 5 else "")
        super().__init__(
            f"{table.path} has no stored slice {shown} at {where}: make it with "
            f"`synth materialize {table.path} --partitions {keys[0]}`"
        )


def refuse_missing(table: Table, keys: Sequence[str], stored: Container[str], where: str) -> None:
    """``MissingPartitionError`` unless all the partitions are stored."""
    missing = [key for key in keys if key not in stored]
    if missing:
        raise MissingPartitionError(table, missing, where)
