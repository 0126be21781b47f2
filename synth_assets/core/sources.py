"""Where a table's rows come from: from row numbers, from stored tables, or from a query.

Each kind yields the partitions of a run, so that no caller needs to know the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import polars as pl

from synth_assets.core.batches import batched, in_order
from synth_assets.core.model import Table, TableView
from synth_assets.core.partitioning import Partition, Partitioning
from synth_assets.core.schema import polars_schema

# Most rows generated together: planning a query costs more than computing a small partition.
ROWS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Generated:
    """Rows generated from their row numbers, without reading anything that is stored.

    Attributes:
        rows_before: ``(scenario, index)`` to the number of rows before a partition index.
        generate: ``(scenario, partition)`` to the rows of a partition, of a batch of one, or of
            adjacent ones: at least the schema's columns and ``row``, in order of ``row``.
        rows_at_once: Rows generated together at most; ``ROWS_AT_ONCE`` by default.
        explain: ``(scenario, partition, error)`` to an error that names the column that cannot be
            computed, called after Polars has raised one.
    """

    rows_before: Callable[[Any, int], int]
    generate: Callable[[Any, Partition], pl.LazyFrame]
    rows_at_once: int | None = None
    explain: Callable[[Any, Partition, Exception], Exception] = lambda scenario, part, error: error

    @property
    def function(self) -> Callable[..., Any]:
        """The function that generates the rows."""
        return self.generate

    def partition(self, table: Table, scenario: Any, key: str) -> Partition:
        """The partition of a key in row numbers."""
        first, last = table.partitioning.index_range(key)
        start, stop = self.rows_before(scenario, first), self.rows_before(scenario, last)
        return Partition(key, start, stop, first, last)

    def partitions(self, view: TableView) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each partition with its rows."""
        return self.frames(view.table, view.scenario, view.keys)

    def frames(
        self, table: Table, scenario: Any, keys: Sequence[str]
    ) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each key's partition with its rows; small adjacent partitions are generated together.

        A thread generates the next partitions while the caller stores those before.

        Args:
            table: The table that has this source.
            scenario: The scenario of the table's domain.
            keys: Partition keys.
        """

        def divided(group: list[Partition]) -> list[pl.LazyFrame]:
            span = joined(group)
            if span.stop - span.start > self._most_rows:
                return [self.frame(table, scenario, span)]
            with self.explained(scenario, span):
                generated = self.generate(scenario, span).select("row", *_columns(table))
                # The streaming engine, which Polars prefers, divides even a thousand rows.
                rows = generated.collect(engine="in-memory")
            bounds = pl.Series([p.start for p in group] + [span.stop])
            starts = rows["row"].search_sorted(bounds)
            frame = rows.drop("row")
            return [frame[a:b].lazy() for a, b in pairwise(starts)]

        partitions = [self.partition(table, scenario, key) for key in keys]
        groups = list(adjacent(partitions, self._most_rows))
        for group, frames in zip(groups, in_order(divided, groups, workers=1), strict=True):
            yield from zip(group, frames, strict=True)

    def frame(self, table: Table, scenario: Any, partition: Partition) -> pl.LazyFrame:
        """The rows of a partition, with exactly the schema's columns and types.

        Large partitions are generated in batches, so that memory does not grow with them.

        Args:
            table: The table that has this source.
            scenario: The scenario of the table's domain.
            partition: The partition.
        """
        if partition.stop - partition.start <= self._most_rows:
            return self.generate(scenario, partition).select(_columns(table))

        def generate(batch: Partition) -> pl.LazyFrame:
            return self.generate(scenario, batch).select(_columns(table))

        return batched(
            generate,
            partition,
            polars_schema(table.schema),
            most_rows=self._most_rows,
            explained=partial(self.explained, scenario),
        )

    @contextmanager
    def explained(self, scenario: Any, *partitions: Partition) -> Iterator[None]:
        """The block in which rows are computed, with errors that name the column.

        Args:
            scenario: The scenario of the table's domain.
            *partitions: The partitions of the rows.
        """
        try:
            yield
        except pl.exceptions.PolarsError as error:
            found = (self.explain(scenario, part, error) for part in partitions)
            raise next((other for other in found if other is not error), error) from None

    @property
    def _most_rows(self) -> int:
        return self.rows_at_once or ROWS_AT_ONCE


class _Uncounted:
    """A source with a number of rows that is known only after they are computed."""

    def partition(self, table: Table, scenario: Any, key: str) -> Partition:
        """The partition of a key, without row numbers."""
        return Partition(key, 0, 0, *table.partitioning.index_range(key))


@dataclass(frozen=True)
class Derived(_Uncounted):
    """Rows derived from stored tables.

    Attributes:
        derive: ``(view, key)`` to the rows of a partition.
    """

    derive: Callable[[TableView, str], pl.LazyFrame]

    @property
    def function(self) -> Callable[..., Any]:
        """The function that derives the rows."""
        return self.derive

    def partitions(self, view: TableView) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each partition with its rows."""
        for key in view.keys:
            rows = self.derive(view, key).select(_columns(view.table))
            yield self.partition(view.table, view.scenario, key), rows


@dataclass(frozen=True)
class Queried(_Uncounted):
    """Rows of a BigQuery query, copied once into the table's store.

    Attributes:
        query: SQL, in which ``{key}`` is replaced by the partition key and ``{digits}`` by the
            digits of the key. The last of several statements returns the rows.
    """

    query: str

    @property
    def function(self) -> None:
        """None: the rows are computed by a query."""

    def partitions(self, view: TableView) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each partition with its rows, one query per partition."""
        if view.run_query is None:
            raise TypeError(f"{view.table.path} is read from BigQuery, and nothing asks it here")
        for key in view.keys:
            partition = self.partition(view.table, view.scenario, key)
            rows = view.run_query(view.table, self.text(key))
            yield replace(partition, stop=len(rows)), rows.lazy().select(_columns(view.table))

    def text(self, key: str) -> str:
        """The query for a partition.

        Args:
            key: Partition key.
        """
        digits = "".join(filter(str.isdigit, key))
        return self.query.replace("{key}", key).replace("{digits}", digits)


def generated(table: Table) -> Generated:
    """The source of a generated table.

    Args:
        table: The table.

    Raises:
        TypeError: The table has another kind of source.
    """
    if not isinstance(table.source, Generated):
        raise TypeError(f"the rows of {table.path} are not generated from row numbers")
    return table.source


def derived(table: Table) -> Derived:
    """The source of a derived table.

    Args:
        table: The table.

    Raises:
        TypeError: The table has another kind of source.
    """
    if not isinstance(table.source, Derived):
        raise TypeError(f"the rows of {table.path} are not derived from stored tables")
    return table.source


def frame(table: Table, scenario: Any, partition: Partition) -> pl.LazyFrame:
    """The rows of a partition of a generated table, with exactly the schema's columns.

    Args:
        table: A generated table.
        scenario: The scenario of the table's domain.
        partition: The partition.
    """
    return generated(table).frame(table, scenario, partition)


def frames(
    table: Table, scenario: Any, keys: Sequence[str]
) -> Iterator[tuple[Partition, pl.LazyFrame]]:
    """Each key's partition of a generated table, with its rows.

    Args:
        table: A generated table.
        scenario: The scenario of the table's domain.
        keys: Partition keys.
    """
    return generated(table).frames(table, scenario, keys)


def _columns(table: Table) -> list[pl.Expr]:
    return [pl.col(n).cast(dtype) for n, dtype in polars_schema(table.schema).items()]


def adjacent(
    partitions: Sequence[Partition], rows_at_once: int | None = None
) -> Iterator[list[Partition]]:
    """Groups of partitions that follow each other.

    Args:
        partitions: The partitions.
        rows_at_once: The most rows of a group of several; without it any number.
    """
    group: list[Partition] = []
    for partition in partitions:
        follows = group and partition.start == group[-1].stop and partition.first == group[-1].last
        if follows and (rows_at_once is None or partition.stop - group[0].start <= rows_at_once):
            group.append(partition)
        else:
            if group:
                yield group
            group = [partition]
    if group:
        yield group


def joined(group: Sequence[Partition]) -> Partition:
    """One partition with the rows of partitions that follow each other.

    Args:
        group: The partitions, one at least.
    """
    head, tail = group[0], group[-1]
    if head is tail:
        return head
    return replace(head, key=f"{head.key}..{tail.key}", stop=tail.stop, last=tail.last)


def evenly(partitioning: Partitioning, rows: Callable[[Any], int]) -> Callable[[Any, int], int]:
    """``rows_before`` of a table with its rows in equal partitions.

    Args:
        partitioning: The table's partitioning.
        rows: The scenario to the number of rows of the whole table.
    """
    return lambda scenario, index: partitioning.row_offset(index, rows(scenario))


def row_numbers(partition: Partition) -> pl.LazyFrame:
    """The frame that every generator begins with: the row numbers, column ``row`` (Int64).

    Args:
        partition: The range of row numbers.
    """
    return pl.LazyFrame().select(row=pl.int_range(partition.start, partition.stop, dtype=pl.Int64))
