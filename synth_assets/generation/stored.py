"""What rules get to see: the table as it stands in its store, never the frame in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import polars as pl

from synth_assets.generation.errors import UserError

if TYPE_CHECKING:
    from synth_assets.generation.domain import Domain
    from synth_assets.generation.scenario import Scenario
    from synth_assets.generation.table import Table

T = TypeVar("T")


@dataclass(frozen=True)
class Receipt:
    """A slice as its store holds it.

    ``bytes`` is its compressed size, ``uri`` where it lies, ``fingerprint`` the scenario that
    made it, ``code_version`` the generator's, ``schema`` its columns as stored. ``details`` is
    what else the store tells of the write (a job, a version), for the asset's metadata.
    """

    key: str
    rows: int
    bytes: int
    uri: str
    fingerprint: str
    code_version: str
    schema: pl.Schema
    details: Mapping[str, str | int] = field(default_factory=dict)


class Reader(Protocol):
    """The reading half of a store."""

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        """The table's columns and its axis column (String), of some slices or all."""

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, Receipt]:
        """Every slice that is stored, by key, in order; those of ``without`` are not looked at."""

    def uri(self, table: Table) -> str:
        """Where the table lies, or would, for people."""


# Tables of up to so many rows are read once for all the rules that look at them.
ROWS_IN_MEMORY = 1_000_000


class Snapshot:
    """A reader that asks the store once, so that many rules may look at one state of it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._receipts: dict[str, dict[str, Receipt]] = {}
        self._frames: dict[str, pl.DataFrame | None] = {}

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, Receipt]:
        if table.path not in self._receipts:
            self._receipts[table.path] = self._reader.describe(table)
        return {k: r for k, r in self._receipts[table.path].items() if k not in without}

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        if keys is not None and set(keys) - set(self.describe(table)):
            return self._reader.scan(table, keys)  # the store says which slices are missing
        if table.path not in self._frames:
            self._frames[table.path] = self._read(table)
        frame = self._frames[table.path]
        if frame is None:
            return self._reader.scan(table, keys)
        axis = pl.col(table.slicing.axis)
        return frame.lazy() if keys is None else frame.lazy().filter(axis.is_in(list(keys)))

    def uri(self, table: Table) -> str:
        return self._reader.uri(table)

    def _read(self, table: Table) -> pl.DataFrame | None:
        if sum(receipt.rows for receipt in self.describe(table).values()) > ROWS_IN_MEMORY:
            return None
        try:
            return self._reader.scan(table).collect()
        except pl.exceptions.PolarsError:
            return None  # slices that differ in their columns can still be read one by one


@dataclass(frozen=True)
class Stored:
    """One table in its store, with the partitions that are under judgement."""

    domain: Domain
    table: Table
    keys: Sequence[str]
    reader: Reader
    scenario: Scenario
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What ``make`` gives, which is kept under the name for the other slices of the run."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]  # type: ignore[no-any-return]

    @property
    def frame(self) -> pl.LazyFrame:
        """The rows of the partitions under judgement."""
        return self.reader.scan(self.table, self.keys)

    @property
    def whole(self) -> pl.LazyFrame:
        """The rows of every stored partition; ``UserError`` where there is none."""
        if not self.receipts:
            path = self.table.path
            raise UserError(
                f"nothing of {path} is stored at {self.reader.uri(self.table)}: "
                f"run `synth materialize {path}` first"
            )
        return self.reader.scan(self.table)

    @property
    def receipts(self) -> dict[str, Receipt]:
        """What the store says of every stored partition."""
        return self.reader.describe(self.table)

    @property
    def absent(self) -> list[str]:
        """Keys of slices that are not stored yet, where some are."""
        keys, stored = self.table.slicing.keys(), set(self.receipts)
        return [key for key in keys if key not in stored] if stored else []

    def other(self, name: str) -> Stored:
        """Another table of the same domain, all of it."""
        table = self.domain.table(name)
        keys = list(self.reader.describe(table))
        return Stored(self.domain, table, keys, self.reader, self.scenario)
