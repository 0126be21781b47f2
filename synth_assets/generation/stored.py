"""What rules get to see: the table as it stands in its store, never the frame in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import polars as pl

if TYPE_CHECKING:
    from synth_assets.generation.domain import Domain
    from synth_assets.generation.scenario import Scenario
    from synth_assets.generation.table import Table


@dataclass(frozen=True)
class Receipt:
    """A slice as its store holds it.

    ``bytes`` is its compressed size, ``uri`` where it lies, ``fingerprint`` the scenario that
    made it, ``code_version`` the generator's, ``schema`` its columns as stored.
    """

    key: str
    rows: int
    bytes: int
    uri: str
    fingerprint: str
    code_version: str
    schema: pl.Schema


class Reader(Protocol):
    """The reading half of a store."""

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        """The table's columns and its axis column (String), of some slices or all."""

    def describe(self, table: Table) -> dict[str, Receipt]:
        """Every slice that is stored, by key, in the order of keys."""


@dataclass(frozen=True)
class Stored:
    """One table in its store, with the partitions that are under judgement."""

    domain: Domain
    table: Table
    keys: Sequence[str]
    reader: Reader
    scenario: Scenario

    @property
    def frame(self) -> pl.LazyFrame:
        """The rows of the partitions under judgement."""
        return self.reader.scan(self.table, self.keys)

    @property
    def whole(self) -> pl.LazyFrame:
        """The rows of every stored partition."""
        return self.reader.scan(self.table)

    @property
    def receipts(self) -> dict[str, Receipt]:
        """What the store says of every stored partition."""
        return self.reader.describe(self.table)

    def other(self, name: str) -> Stored:
        """Another table of the same domain, all of it."""
        table = self.domain.table(name)
        keys = list(self.reader.describe(table))
        return Stored(self.domain, table, keys, self.reader, self.scenario)
