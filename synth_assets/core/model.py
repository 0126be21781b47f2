"""What a table, a check and a domain are: data that refer to each other, and so share a module.

What is done with them is elsewhere: where rows come from in ``sources``, the tables that a store
has in ``stored_tables``, the checks in ``quality``, Dagster's definitions in ``orchestration``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import NotStoredError, UnknownNameError
from synth_assets.core.history import History
from synth_assets.core.location import TableLocation
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.partitioning import Partition, Partitioning
from synth_assets.core.scenario import Extent, Scenario
from synth_assets.core.schedule import ScheduleSpec
from synth_assets.core.schema import columns_of

T = TypeVar("T")
# Rows of a batch of partitions.
ROWS_AT_ONCE = 1_000_000


class Reader(Protocol):
    """The reading half of a store."""

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        """The table's columns and its partition column (String).

        Args:
            table: The table.
            keys: Partition keys; all stored partitions without them.

        Raises:
            NotStoredError: One of the partitions is not stored.
        """

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        """Every stored partition, by key, in order of the keys.

        Args:
            table: The table.
            without: Keys of partitions to leave out, which are not read.
        """

    def uri(self, table: Table) -> str:
        """Where the table is stored, or would be, as text for users.

        Args:
            table: The table.
        """


@dataclass(frozen=True)
class TableView:
    """One table in its store, with the partitions that a run generates or checks.

    Checks read the table as it is stored, never the frame in memory.

    Attributes:
        domain: The table's domain.
        table: The table.
        keys: Keys of the partitions that the run generates or checks.
        reader: The stores of the domain's tables.
        scenario: The scenario of the run.
        run_query: ``(table, SQL)`` to the rows of a BigQuery query, for tables copied from there.
    """

    domain: Domain
    table: Table
    keys: Sequence[str]
    reader: Reader
    scenario: Scenario
    run_query: Callable[[Table, str], pl.DataFrame] | None = None
    _cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def cached(self, name: str, compute: Callable[[], T]) -> T:
        """The result of ``compute``, which runs once for all partitions of the run.

        Args:
            name: Key of the result in the cache.
            compute: Returns the result.
        """
        if name not in self._cache:
            self._cache[name] = compute()
        return self._cache[name]  # type: ignore[no-any-return]

    def current(self) -> pl.LazyFrame:
        """The rows of the partitions under the view's keys."""
        return self.reader.scan(self.table, self.keys)

    def all(self) -> pl.LazyFrame:
        """The rows of every stored partition.

        Raises:
            NotStoredError: No partition is stored.
        """
        if not self.partition_stats:
            path = self.table.path
            raise NotStoredError(
                f"nothing of {path} is stored at {self.reader.uri(self.table)}: "
                f"run `synth materialize {path}` first"
            )
        return self.reader.scan(self.table)

    def batches(self) -> Iterator[pl.LazyFrame]:
        """The rows of the partitions under the view's keys, of about ``ROWS_AT_ONCE`` at a time.

        For a query over a large table that must not need memory for all of it.
        """
        stats, keys, rows = self.partition_stats, list[str](), 0
        for key in self.keys:
            if keys and rows + stats[key].rows > ROWS_AT_ONCE:
                yield self.reader.scan(self.table, keys)
                keys, rows = [], 0
            keys.append(key)
            rows += stats[key].rows
        yield self.reader.scan(self.table, keys)

    @property
    def partition_stats(self) -> dict[str, PartitionStats]:
        """What the store reports of every stored partition."""
        return self.reader.describe(self.table)

    @property
    def missing_keys(self) -> list[str]:
        """Keys of partitions that are not stored; empty where none is stored."""
        keys, stored = self.table.partitioning.keys(), set(self.partition_stats)
        return [key for key in keys if key not in stored] if stored else []

    def other(self, name: str) -> TableView:
        """A view of another table of the domain, with every stored partition.

        Args:
            name: The table's name in the domain.
        """
        table = self.domain.table(name)
        keys = list(self.reader.describe(table))
        return TableView(self.domain, table, keys, self.reader, self.scenario)


@dataclass(frozen=True)
class Mergeable:
    """How a check of a whole table is evaluated by shard: summaries of shards that merge.

    Merging does not depend on how partitions are grouped, nor on the order of the summaries. A
    summary is small, whatever the number of rows.

    Attributes:
        summarize: Rows of some partitions to their summary.
        merge: Several summaries, one below the other, to the summary of all their partitions.
        judge: The view and the summary of the whole table to the check's results.
    """

    summarize: Callable[[pl.LazyFrame], pl.LazyFrame]
    merge: Callable[[pl.LazyFrame], pl.LazyFrame]
    judge: Callable[[TableView, pl.DataFrame], list[CheckResult]]


@dataclass(frozen=True)
class Check:
    """A named property of the stored data.

    Attributes:
        name: Its name, unique among the table's checks.
        doc: What holds, in a sentence.
        measure: Evaluates the check on a view.
        blocking: Whether a failure stops what is downstream; otherwise it warns.
        per_partition: Whether there is one result per key of the view, or one for the table.
        reads: Other tables of the domain that it reads.
        failing_rows: Every row that fails, where the check is about rows.
        detects: Kinds of planted anomalies that the check must find.
        distinct: Columns that no two rows share the values of, where the check is that.
        violated: Boolean over the table's columns, true for a row that fails, where a row alone
            decides; all such conditions of a table are evaluated in one scan.
        mergeable: Its form that is evaluated by shard, where it is one of the whole table and has
            one; ``measure`` gives the same results.
    """

    name: str
    doc: str
    measure: Callable[[TableView], list[CheckResult]]
    blocking: bool = True
    per_partition: bool = True
    reads: tuple[str, ...] = ()
    failing_rows: Callable[[TableView], pl.LazyFrame] | None = None
    detects: tuple[str, ...] = ()
    distinct: tuple[str, ...] = ()
    violated: pl.Expr | None = None
    mergeable: Mergeable | None = None

    def as_warning(self) -> Check:
        """The same check, but a failure warns and stops nothing."""
        return replace(self, blocking=False)

    def detecting(self, *kinds: str) -> Check:
        """The same check, which must find planted anomalies of some kinds.

        Args:
            *kinds: The kinds of anomalies.
        """
        return replace(self, detects=kinds)


class Source(Protocol):
    """Where a table's rows come from; its kinds are in ``sources``."""

    def partitions(self, view: TableView) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each partition under the view's keys with its rows, in exactly the schema's columns.

        Args:
            view: The table with the keys of the run.
        """

    def partition(self, table: Table, scenario: Any, key: str) -> Partition:
        """The partition of a key in row numbers.

        Args:
            table: The table that has this source.
            scenario: The scenario of the table's domain.
            key: Partition key.

        Raises:
            UserError: The key does not exist.
        """

    @property
    def function(self) -> Callable[..., Any] | None:
        """The function that computes the rows, if there is one."""


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
        deps: Further upstream tables.
        tags: Tags of the asset.
        blocking: Whether failed checks stop what is downstream; otherwise they warn.
        code_version: Changes whenever the rows do.
        cluster_by: Columns by which rows are looked up, most selective first; by default the keys.
        location: The schema of the partitions, where it is not the domain's or each partition is a
            table of its own; parents have the same location.
        colocated: Columns with values that each occur in one partition, the same as in the parents.
            The primary key and references by these columns are checked partition by partition.
        plots: A partition's first rows to Markdown by name, for the partition's metadata.
        extra_metadata: A partition key to further metadata of the partition.
        on_stored: Called with the home of the data and the statistics of each stored partition.
        store: The kind of store that holds the table, regardless of the other tables' store.
        grows_with: Extents of the scenario that add rows, so that an append includes the table.
        event_time: The column with the moment of a row's event, where that is not the first
            timestamp of the schema; a number is microseconds since 1970.
        history: What rows were before they became what is stored.
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
    event_time: str | None = None
    history: History | None = None

    @property
    def path(self) -> str:
        """``domain/table``, as in the asset key, the folder and schema.table."""
        return f"{self.domain}/{self.name}"

    @property
    def parent_names(self) -> list[str]:
        """Tables upstream of this one, without repeats."""
        return list(dict.fromkeys([*self.parents.values(), *self.deps]))

    @property
    def clustering(self) -> list[str]:
        """Columns to sort, cluster or index by: ``cluster_by``, or the keys, primary key first."""
        columns = columns_of(self.schema)
        keys = [c.name for c in columns if c.primary_key]
        keys += [c.name for c in columns if c.foreign_key and not c.primary_key]
        return list(self.cluster_by or keys)

    def partition(self, scenario: Any, key: str) -> Partition:
        """The partition of a key in row numbers.

        Args:
            scenario: The scenario of the table's domain.
            key: Partition key.

        Raises:
            UserError: The key does not exist.
        """
        return self.source.partition(self, scenario, key)

    @property
    def one_table_per_partition(self) -> bool:
        """Whether each partition is a table of its own."""
        return self.location is not None and self.location.suffixes is not None


@dataclass(frozen=True)
class Domain:
    """Connected tables with one scenario.

    Attributes:
        name: The domain's name.
        doc: What the tables are about.
        owners: Owners of the assets, as Dagster has them.
        scenario: The scenario that the environment gives when definitions load; a run may replace
            its launchpad fields.
        tables: The tables.
        schedules: Schedules that materialize tables.
        demo_keys: How many days of daily tables, from the first, the demo materializes; all
            without it.
        sample: Values of launchpad fields that make a small sample; the scenario's without.
        stored_extents: ``(domain, reader)`` to the stored extents of the scenario, for appends.
        folder: The folder of a domain outside the package, with its dbt models in ``dbt/models``.
    """

    name: str
    doc: str
    owners: Sequence[str]
    scenario: Scenario
    tables: Sequence[Table]
    schedules: Sequence[ScheduleSpec] = ()
    demo_keys: int | None = None
    sample: Mapping[str, Any] = field(default_factory=dict)
    stored_extents: Callable[[Domain, Reader], Mapping[str, Extent]] | None = None
    folder: Path | None = None

    def table(self, name: str) -> Table:
        """A table by its name.

        Args:
            name: The table's name in the domain.

        Raises:
            UnknownNameError: The domain has no such table.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise UnknownNameError(f"table of domain {self.name}", name, [t.name for t in self.tables])
