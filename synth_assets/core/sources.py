"""Where a table's rows come from: made from row numbers, from stored tables, or by a query.

Each kind gives the partitions of a run, so that nobody else asks which kind it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from synth_assets.core.batches import batched
from synth_assets.core.model import Table, TableView
from synth_assets.core.partitioning import Partition, Partitioning
from synth_assets.core.schema import polars_schema

# Partitions that lie next to each other are generated together up to so many rows: planning a
# query costs more than computing a small partition.
ROWS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Generated:
    """Rows made from their row numbers, without looking at anything that is stored.

    Attributes:
        rows_before: ``(scenario, step)`` to the rows that lie before a step of the partitioning.
        generate: ``(scenario, partition)`` to the rows of a partition, of a batch of one, or of
            neighbouring ones: at least the schema's columns and ``row``, in order of ``row``.
        rows_at_once: Rows made together at most, ``ROWS_AT_ONCE`` by default; fewer where rows are
            wide.
    """

    rows_before: Callable[[Any, int], int]
    generate: Callable[[Any, Partition], pl.LazyFrame]
    rows_at_once: int | None = None

    @property
    def function(self) -> Callable[..., Any]:
        """What makes the rows."""
        return self.generate

    def partition(self, table: Table, scenario: Any, key: str) -> Partition:
        """The partition of a key in row numbers; ``UserError`` for a key there is not."""
        first, last = table.partitioning.index_range(key)
        start, stop = self.rows_before(scenario, first), self.rows_before(scenario, last)
        return Partition(key, start, stop, first, last)

    def partitions(self, view: TableView) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each partition with its rows."""
        return self.frames(view.table, view.scenario, view.keys)

    def frames(
        self, table: Table, scenario: Any, keys: Sequence[str]
    ) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each key's partition with its rows; small neighbours are generated in one go."""
        partitions = [self.partition(table, scenario, key) for key in keys]
        for group in _neighbours(partitions, self._most_rows):
            if len(group) == 1:
                yield group[0], self.frame(table, scenario, group[0])
                continue
            head, tail = group[0], group[-1]
            together = replace(head, key=f"{head.key}..{tail.key}", stop=tail.stop, last=tail.last)
            made = self.generate(scenario, together).select("row", *_columns(table)).collect()
            bounds = pl.Series([p.start for p in group] + [tail.stop])
            starts = made["row"].search_sorted(bounds)
            rows = made.drop("row")
            for partition, start, stop in zip(group, starts, starts[1:], strict=False):
                yield partition, rows[start:stop].lazy()

    def frame(self, table: Table, scenario: Any, partition: Partition) -> pl.LazyFrame:
        """The rows of a partition, with exactly the schema's columns and types.

        Large partitions come in batches, so that memory does not grow with them.
        """
        if partition.stop - partition.start <= self._most_rows:
            return self.generate(scenario, partition).select(_columns(table))

        def make(batch: Partition) -> pl.LazyFrame:
            return self.generate(scenario, batch).select(_columns(table))

        schema = polars_schema(table.schema)
        return batched(make, partition, schema, most_rows=self._most_rows)

    @property
    def _most_rows(self) -> int:
        return self.rows_at_once or ROWS_AT_ONCE


class _Uncounted:
    """A source whose rows are counted only when they are made."""

    def partition(self, table: Table, scenario: Any, key: str) -> Partition:
        """The partition of a key; how many rows it has is not known beforehand."""
        return Partition(key, 0, 0, *table.partitioning.index_range(key))


@dataclass(frozen=True)
class Derived(_Uncounted):
    """Rows made of what is stored: ``derive(view, key)`` gives those of a partition."""

    derive: Callable[[TableView, str], pl.LazyFrame]

    @property
    def function(self) -> Callable[..., Any]:
        """What makes the rows."""
        return self.derive

    def partitions(self, view: TableView) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each partition with its rows."""
        for key in view.keys:
            rows = self.derive(view, key).select(_columns(view.table))
            yield self.partition(view.table, view.scenario, key), rows


@dataclass(frozen=True)
class Queried(_Uncounted):
    """Rows that a query of BigQuery answers, copied once into the table's store.

    ``{key}`` in the query stands for the partition's key, ``{digits}`` for what of it are digits.
    Of several statements the last is the query.
    """

    query: str

    @property
    def function(self) -> None:
        """Nothing here makes the rows."""

    def partitions(self, view: TableView) -> Iterator[tuple[Partition, pl.LazyFrame]]:
        """Each partition with its rows, asked for one by one."""
        if view.run_query is None:
            raise TypeError(f"{view.table.path} is read from BigQuery, and nothing asks it here")
        for key in view.keys:
            partition = self.partition(view.table, view.scenario, key)
            rows = view.run_query(view.table, self.text(key))
            yield replace(partition, stop=len(rows)), rows.lazy().select(_columns(view.table))

    def text(self, key: str) -> str:
        """The query for a partition's key."""
        digits = "".join(filter(str.isdigit, key))
        return self.query.replace("{key}", key).replace("{digits}", digits)


def generated(table: Table) -> Generated:
    """The source of a table that is generated; ``TypeError`` for another's."""
    if not isinstance(table.source, Generated):
        raise TypeError(f"the rows of {table.path} are not generated from row numbers")
    return table.source


def derived(table: Table) -> Derived:
    """The source of a table that is derived; ``TypeError`` for another's."""
    if not isinstance(table.source, Derived):
        raise TypeError(f"the rows of {table.path} are not derived from stored tables")
    return table.source


def frame(table: Table, scenario: Any, partition: Partition) -> pl.LazyFrame:
    """The rows of a partition of a generated table, with exactly the schema's columns."""
    return generated(table).frame(table, scenario, partition)


def frames(
    table: Table, scenario: Any, keys: Sequence[str]
) -> Iterator[tuple[Partition, pl.LazyFrame]]:
    """Each key's partition of a generated table, with its rows."""
    return generated(table).frames(table, scenario, keys)


def _columns(table: Table) -> list[pl.Expr]:
    return [pl.col(n).cast(dtype) for n, dtype in polars_schema(table.schema).items()]


def _neighbours(partitions: Sequence[Partition], rows_at_once: int) -> Iterator[list[Partition]]:
    group: list[Partition] = []
    for partition in partitions:
        adjoins = group and partition.start == group[-1].stop and partition.first == group[-1].last
        if adjoins and partition.stop - group[0].start <= rows_at_once:
            group.append(partition)
        else:
            if group:
                yield group
            group = [partition]
    if group:
        yield group


def evenly(partitioning: Partitioning, rows: Callable[[Any], int]) -> Callable[[Any, int], int]:
    """``rows_before`` of a table that knows how many ``rows(scenario)`` it has in all."""
    return lambda scenario, step: partitioning.row_offset(step, rows(scenario))


def row_numbers(partition: Partition) -> pl.LazyFrame:
    """The frame every generator begins with: column ``row`` (Int64), the row numbers."""
    return pl.LazyFrame().select(row=pl.int_range(partition.start, partition.stop, dtype=pl.Int64))
