"""What a table, a check and a domain are: data that refer to each other, and so live together.

What is done with them is elsewhere: where rows come from in ``sources``, which checks there are in
``quality``, what Dagster makes of it in ``orchestration``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import dataframely as dy
import polars as pl

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.partitioning import Partition, Partitioning, Unpartitioned
from synth_assets.core.scenario import Extent, Scenario
from synth_assets.core.schema import columns_of

T = TypeVar("T")

# The fingerprint and code version of a partition that does not say who has made it.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class PartitionStats:
    """A partition as its store holds it.

    ``bytes`` is its compressed size, ``uri`` its address, ``fingerprint`` that of the scenario that
    made it, ``code_version`` the generator's, ``schema`` its columns as stored. ``details`` is
    what else the store reports of the write (a job, a version), for the asset's metadata.
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
        """The table's columns and its partition column (String), of some partitions or all."""

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        """Every stored partition, by key, in order; those of ``without`` are not looked at."""

    def uri(self, table: Table) -> str:
        """Where the table is stored, or would be, for people."""


@dataclass(frozen=True)
class TableView:
    """One table in its store, with the partitions that are made or judged.

    Checks see the table as it is stored, never the frame in memory. ``ask`` runs a query of
    BigQuery, for tables that are copied from there.
    """

    domain: Domain
    table: Table
    keys: Sequence[str]
    reader: Reader
    scenario: Scenario
    ask: Callable[[Table, str], pl.DataFrame] | None = None
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def cached(self, name: str, compute: Callable[[], T]) -> T:
        """What ``make`` gives, which is kept under the name for the run's other partitions."""
        if name not in self._kept:
            self._kept[name] = compute()
        return self._kept[name]  # type: ignore[no-any-return]

    def current(self) -> pl.LazyFrame:
        """The rows of the partitions under judgement."""
        return self.reader.scan(self.table, self.keys)

    def all(self) -> pl.LazyFrame:
        """The rows of every stored partition; ``UserError`` where there is none."""
        if not self.partition_stats:
            path = self.table.path
            raise UserError(
                f"nothing of {path} is stored at {self.reader.uri(self.table)}: "
                f"run `synth materialize {path}` first"
            )
        return self.reader.scan(self.table)

    @property
    def partition_stats(self) -> dict[str, PartitionStats]:
        """What the store reports of every stored partition."""
        return self.reader.describe(self.table)

    @property
    def missing_keys(self) -> list[str]:
        """Keys of partitions that are not stored yet, where some are."""
        keys, stored = self.table.partitioning.keys(), set(self.partition_stats)
        return [key for key in keys if key not in stored] if stored else []

    def other(self, name: str) -> TableView:
        """Another table of the same domain, all of it."""
        table = self.domain.table(name)
        keys = list(self.reader.describe(table))
        return TableView(self.domain, table, keys, self.reader, self.scenario)


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check on one partition (``key``) or, with None, on the whole table.

    ``measured`` is the figure held against ``bound``; ``numbers`` are further figures worth a
    plot; ``failing_rows`` a few of the rows that broke the check; ``note`` what to do about it,
    where that is known.
    """

    key: str | None
    passed: bool
    measured: float
    threshold: str
    numbers: dict[str, float] = field(default_factory=dict)
    failing_rows: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Check:
    """A named property of the stored data.

    ``blocking``: a failure stops what is downstream; otherwise it warns. ``per_partition``: one
    result for each key under judgement, else one for the table. ``reads`` names other tables
    of the domain that it looks at. ``failing_rows`` gives every row that breaks the check, where
    the check is about rows; ``detects`` names the planted anomalies that the check must find.
    """

    name: str
    doc: str
    measure: Callable[[TableView], list[CheckResult]]
    blocking: bool = True
    per_partition: bool = True
    reads: tuple[str, ...] = ()
    failing_rows: Callable[[TableView], pl.LazyFrame] | None = None
    detects: tuple[str, ...] = ()

    def as_warning(self) -> Check:
        """The same check, but a failure warns and stops nothing."""
        return replace(self, blocking=False)

    def detecting(self, *kinds: str) -> Check:
        """The same check, answerable for anomalies of these kinds."""
        return replace(self, detects=kinds)


@dataclass(frozen=True)
class TableLocation:
    """A schema that is not the domain's.

    With ``suffixes`` partitions are tables by themselves, each called what the table is and the
    suffix of its key; without, they share one table as they do everywhere. ``prefix`` is what the
    names of tables begin with in the domain, and not there.
    """

    schema: str
    suffixes: Mapping[str, str] | None = None
    prefix: str = ""


class Source(Protocol):
    """Where a table's rows come from; the kinds of it are in ``sources``."""

    def partitions(self, view: TableView) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each partition under the view's keys with its rows, in exactly the schema's columns."""

    def partition(self, table: Table, scenario: Any, key: str) -> Partition:
        """The partition of a key in row numbers; ``UserError`` for a key there is not."""

    @property
    def function(self) -> Callable[..., Any] | None:
        """What makes the rows, where it is a function."""


@dataclass(frozen=True)
class Table:
    """A table of synthetic data, declared once.

    Attributes:
        domain: The domain's name.
        name: Its name in the domain.
        doc: What a row is.
        schema: Columns, types, keys and constraints.
        partitioning: How it is partitioned.
        source: Where its rows come from.
        checks: Its own checks, besides those that every table has (``quality.checks_of``).
        parents: Tables of the domain by the roles that the schema's foreign keys name.
        deps: Further tables upstream in the graph.
        tags: Tags of the asset.
        blocking: Whether a failed check stops what is downstream; else all of them warn.
        code_version: Changes whenever the rows do.
        cluster_by: Columns by which rows are looked up, most selective first; by default the keys.
        location: The schema of the partitions, where it is not the domain's or they do not share a
            table; parents are then in the same place.
        colocated: Columns whose values are each in one partition alone, the same as in parents. The
            primary key, and references by these columns, are then judged partition by partition.
        plots: Makes Markdown, by name, of a partition's first rows, which is shown with it.
        extra_metadata: What else is shown with a partition, by its key.
        on_stored: Called with the home of the data and what was stored of each partition.
        store: The kind of store that holds the table, whatever holds the others.
        grows_with: Extents of the scenario with which its rows grow, so that an append makes it.
    """

    domain: str
    name: str
    doc: str
    schema: type[dy.Schema]
    partitioning: Partitioning
    source: Source
    checks: Sequence[Check] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    deps: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    blocking: bool = True
    code_version: str = "1"
    cluster_by: Sequence[str] = ()
    location: TableLocation | None = None
    colocated: Sequence[str] = ()
    plots: Callable[[pl.DataFrame], Mapping[str, str]] | None = None
    extra_metadata: Callable[[str], Mapping[str, str]] | None = None
    on_stored: Callable[[Path, PartitionStats], None] | None = None
    store: str | None = None
    grows_with: Sequence[str] = ()

    @property
    def path(self) -> str:
        """``domain/table``: asset key, schema.table and folder alike."""
        return f"{self.domain}/{self.name}"

    @property
    def parent_names(self) -> list[str]:
        """Tables upstream of this one, without repeats."""
        return list(dict.fromkeys([*self.parents.values(), *self.deps]))

    @property
    def clustering(self) -> list[str]:
        """What a store may sort, cluster or index by: as declared, else the keys, primary first."""
        columns = columns_of(self.schema)
        keys = [c.name for c in columns if c.primary_key]
        keys += [c.name for c in columns if c.foreign_key and not c.primary_key]
        return list(self.cluster_by or keys)

    def partition(self, scenario: Any, key: str) -> Partition:
        """The partition of a key in row numbers; ``UserError`` for a key there is not."""
        return self.source.partition(self, scenario, key)

    @property
    def one_table_per_partition(self) -> bool:
        """Whether partitions are tables by themselves."""
        return self.location is not None and self.location.suffixes is not None

    def relocated(self) -> Table:
        """The one table that all partitions share, as it is stored at its ``location``."""
        assert self.location is not None
        prefix = self.location.prefix
        return replace(
            self,
            domain=self.location.schema,
            name=self.name.removeprefix(prefix),
            parents={role: parent.removeprefix(prefix) for role, parent in self.parents.items()},
            deps=(),
            location=None,
        )

    def partition_table(self, key: str) -> Table:
        """The table that a partition is by itself, by the ``location``."""
        assert self.location is not None
        assert self.location.suffixes is not None
        suffix = self.location.suffixes[key]
        return replace(
            self,
            domain=self.location.schema,
            name=self.name + suffix,
            partitioning=Unpartitioned(),
            parents={role: parent + suffix for role, parent in self.parents.items()},
            deps=(),
            location=None,
        )

    def stored_tables(self) -> list[Table]:
        """The tables that a store has for this one: itself, or one for each partition."""
        if self.location is None:
            return [self]
        if self.location.suffixes is None:
            return [self.relocated()]
        return [self.partition_table(key) for key in self.location.suffixes]


@dataclass(frozen=True)
class ScheduleSpec:
    """A schedule: a name, a cron line (UTC), and the tables of which the last days are made.

    The dbt models and the gate report that follow from them run along.
    """

    name: str
    cron: str
    tables: Sequence[str]
    days: int = 1


@dataclass(frozen=True)
class Domain:
    """Connected tables with one scenario.

    ``scenario`` is the scenario as the environment has it when definitions load; a run may
    replace its launchpad fields. ``demo_keys`` limits how many first partitions the demo makes.
    ``stored_extents`` reads what is stored of each extent of the scenario, for appends.
    """

    name: str
    doc: str
    owners: Sequence[str]
    scenario: Scenario
    tables: Sequence[Table]
    schedules: Sequence[ScheduleSpec] = ()
    demo_keys: int | None = None
    stored_extents: Callable[[Domain, Reader], Mapping[str, Extent]] | None = None

    def table(self, name: str) -> Table:
        """A table by name; an error that lists those there are."""
        for table in self.tables:
            if table.name == name:
                return table
        raise UnknownNameError(f"table of domain {self.name}", name, [t.name for t in self.tables])
