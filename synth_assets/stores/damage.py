"""Damaged partitions: refused before their rows are read, or named once reading them has failed.

A store finds those whose bytes are not the ones that it wrote. Of others it has no digest: those
are found by reading each partition by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Reader, Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.stores.storage_errors import is_of_storage
from synth_assets.stores.store import DamagedPartitionError, described

# All that reading rows raises; a panic of Polars is no ``Exception``.
ANY_ERROR = (Exception, pl.exceptions.PanicException)


class Verifiable(Reader, Protocol):
    """A store, or the stores of all tables."""

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        """See ``Store``."""


def refuse_damaged(stores: Verifiable, table: Table, keys: Sequence[str]) -> None:
    """Checks that the stored bytes of partitions are those that were written.

    Args:
        stores: The table's store, or the stores of all tables.
        table: The table.
        keys: The partitions.

    Raises:
        DamagedPartitionError: A partition is damaged.
    """
    for error in stores.damaged(table, keys).values():
        raise error


def may_be_damage(error: BaseException) -> bool:
    """Whether an error may be one of stored bytes, not of the disk, the network or a server.

    Args:
        error: What reading rows raised.
    """
    if isinstance(error, UserError):
        return False
    if isinstance(error, FileNotFoundError):
        return True
    return not (isinstance(error, OSError) or is_of_storage(str(error)))


@contextmanager
def naming_damaged(stores: Verifiable, table: Table, keys: Sequence[str]) -> Iterator[None]:
    """Names the partition that is damaged, where reading rows fails because one is.

    Args:
        stores: The table's store, or the stores of all tables.
        table: The table.
        keys: The partitions that are read.

    Raises:
        DamagedPartitionError: A partition is damaged.
    """
    try:
        yield
    except ANY_ERROR as error:
        if not may_be_damage(error):
            raise
        for found in (*stores.damaged(table, keys).values(), *unreadable(stores, table, keys)):
            raise found from None
        raise


def unreadable(
    stores: Verifiable, table: Table, keys: Sequence[str]
) -> Iterator[DamagedPartitionError]:
    """Reads all rows of partitions, and yields an error for each that cannot be read.

    Args:
        stores: The table's store, or the stores of all tables.
        table: The table.
        keys: The partitions.
    """
    for key in keys:
        try:
            for _ in stores.scan(table, [key]).collect_batches():
                pass
        except DamagedPartitionError as error:
            yield error
        except ANY_ERROR as error:
            if may_be_damage(error):
                uri = stores.uri(table)
                yield DamagedPartitionError(table, key, uri, "its rows cannot be read")


class Damage:
    """The damaged partitions of tables, each of which is looked at once.

    Args:
        stores: The stores of all tables.
    """

    def __init__(self, stores: Verifiable) -> None:
        self._stores = stores
        # The error of each partition that was looked at, or None if it is sound, by table and key.
        self._known: dict[str, dict[str, DamagedPartitionError | None]] = {}

    def stored_keys(self, table: Table) -> list[str]:
        """The keys of all stored partitions, damaged ones included, in order.

        Args:
            table: The table.
        """
        stats, damaged = described(self._stores, table)
        return sorted([*stats, *damaged])

    def of(self, table: Table, keys: Sequence[str] | None = None) -> dict[str, str]:
        """What is wrong with each damaged partition, for users, by key.

        Args:
            table: The table.
            keys: The partitions; all stored ones without them.
        """
        keys = self.stored_keys(table) if keys is None else keys
        known = self._known.setdefault(table.path, {})
        unknown = [key for key in keys if key not in known]
        if unknown:
            known |= {**dict.fromkeys(unknown), **self._stores.damaged(table, unknown)}
        return {key: str(error) for key in keys if (error := known[key]) is not None}

    def found_in(self, table: Table, keys: Sequence[str]) -> bool:
        """Reads all rows of partitions; whether one that was taken for sound cannot be read.

        Args:
            table: The table.
            keys: The partitions.
        """
        damaged = self.of(table, keys)
        sound = [key for key in keys if key not in damaged]
        found = {error.key: error for error in unreadable(self._stores, table, sound)}
        self._known[table.path] |= found
        return bool(found)


class VerifyingReader:
    """A reader that refuses damaged partitions: no rows are derived from theirs.

    Args:
        stores: The stores of all tables.
    """

    def __init__(self, stores: Verifiable) -> None:
        self._stores, self._damage = stores, Damage(stores)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        """See ``Reader``."""
        return self._stores.describe(table, without)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        """See ``Reader``."""
        for message in self._damage.of(table, keys).values():
            raise UserError(message)
        return self._stores.scan(table, keys)

    def uri(self, table: Table) -> str:
        """See ``Reader``."""
        return self._stores.uri(table)


@dataclass(frozen=True)
class SoundReader:
    """A reader that leaves damaged partitions of a table out of what is stored of it.

    Attributes:
        reader: Another reader.
        table: The table.
        damaged: Keys of its damaged partitions.
    """

    reader: Reader
    table: Table
    damaged: Collection[str]

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        """See ``Reader``."""
        left_out = self.damaged if table.path == self.table.path else ()
        return self.reader.describe(table, {*without, *left_out})

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        """See ``Reader``."""
        return self.reader.scan(table, keys)

    def uri(self, table: Table) -> str:
        """See ``Reader``."""
        return self.reader.uri(table)
