"""Measures the rows of a source, in the source's own engine.

The statements are the SQL that DuckDB and PostgreSQL share. What leaves this module has passed
``disclosure``. The values of one column are measured by ``profiling_columns``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from synth_assets.importing import disclosure
from synth_assets.importing.fitting import QUARTILES
from synth_assets.importing.found import (
    FoundColumn,
    FoundReference,
    FoundTable,
    Kind,
    Query,
    UnreadableError,
)
from synth_assets.importing.orders import earlier_column
from synth_assets.importing.profile import ColumnProfile, ReferenceProfile, TableProfile
from synth_assets.importing.profiling_columns import ColumnProfiler, percentiles, sql_name

Result = TypeVar("Result")
A_DAY = 86_400


class Profiler:
    """Measures tables of one source.

    Args:
        query: Runs SQL in the source.
        k: A value is copied if so many rows share it.

    Attributes:
        notes: What could not be measured, in words.
    """

    def __init__(self, query: Query, k: int = disclosure.DEFAULT_K) -> None:
        self._query, self._k = query, k
        self._columns = ColumnProfiler(query, k)
        self.notes: list[str] = []

    def _attempt(self, what: str, measure: Callable[[], Result], otherwise: Result) -> Result:
        """What is measured; the other result and a note if the engine cannot measure it."""
        try:
            return measure()
        except UnreadableError as error:
            note = f"{what} is not measured: the source cannot ({error})"
            self.notes += [] if note in self.notes else [note]
            return otherwise

    def is_key(self, table: FoundTable, column: str) -> bool:
        """Whether a column has a value in every row, and none twice.

        Args:
            table: The table.
            column: The column.
        """
        name = sql_name(table.column(column))
        sql = f"select count(*), count({name}), count(distinct {name}) from {table.relation}"
        [counts] = self._attempt(
            f"column `{table.name}.{column}`", lambda: self._query(sql), [(0, 0, 1)]
        )
        return len(set(counts)) == 1

    def is_reference(
        self, table: FoundTable, reference: FoundReference, tables: Mapping[str, FoundTable]
    ) -> bool:
        """Whether every value of a reference is a key of the parent.

        Args:
            table: The table.
            reference: The reference, of one column.
            tables: The tables of the source by name.
        """
        parent = tables[reference.parent]
        own = sql_name(table.column(reference.columns[0]))
        key = sql_name(parent.column((reference.parent_columns or parent.primary_key)[0]))
        sql = (
            f"select count(*) from {table.relation} as child where child.{own} is not null and "
            f"not exists (select 1 from {parent.relation} as parent "
            f"where cast(parent.{key} as text) = cast(child.{own} as text))"
        )
        what = f"column `{table.name}.{reference.columns[0]}`"
        [(orphans,)] = self._attempt(what, lambda: self._query(sql), [(1,)])
        return bool(orphans == 0)

    def profile(self, table: FoundTable, tables: Mapping[str, FoundTable]) -> TableProfile | None:
        """The profile of a table; None if it cannot be read.

        Args:
            table: The table.
            tables: The tables of the source by name.
        """
        counts = ", ".join(f"count({sql_name(column)})" for column in table.columns)
        sql = f"select count(*), {counts} from {table.relation}"
        nothing: list[tuple[Any, ...]] = []
        measured = self._attempt(f"table `{table.name}`", lambda: self._query(sql), nothing)
        if not measured:
            return None
        [(rows, *present)] = measured
        if rows < self._k:
            return TableProfile()
        columns = {
            column.name: self._column(table, column, rows, having)
            for column, having in zip(table.columns, present, strict=True)
        }
        references: dict[tuple[str, ...], ReferenceProfile] = {
            reference.columns: self._attempt(
                f"reference `{table.name}.{reference.columns[0]}`",
                partial(self._reference, table, reference, tables[reference.parent]),
                ReferenceProfile(),
            )
            for reference in table.references
            if len(reference.columns) == 1
        }
        delays, contradicted = self._orders(table)
        columns |= {name: replace(columns[name], delays=found) for name, found in delays.items()}
        return TableProfile(disclosure.rounded_count(rows), columns, references, contradicted)

    def _orders(
        self, table: FoundTable
    ) -> tuple[dict[str, tuple[float, ...]], frozenset[tuple[str, str]]]:
        """How long after each other the times of a row are, and pairs that are in no such order."""
        delays: dict[str, tuple[float, ...]] = {}
        contradicted: set[tuple[str, str]] = set()
        for column in table.columns:
            while earlier := earlier_column(table, column, contradicted):
                than, declared = earlier
                unmeasured: tuple[bool, tuple[float, ...] | None] = (False, None)
                holds, found = self._attempt(
                    f"the time from `{table.name}.{than.name}` to `{column.name}`",
                    partial(self._delays, table, than, column),
                    unmeasured,
                )
                if holds or declared:
                    delays |= {column.name: found} if found else {}
                    break
                contradicted.add((than.name, column.name))
        return delays, frozenset(contradicted)

    def _delays(
        self, table: FoundTable, first: FoundColumn, second: FoundColumn
    ) -> tuple[bool, tuple[float, ...] | None]:
        """Whether nearly all rows have two times in order, and the quantiles of the delays."""
        start, end = sql_name(first), sql_name(second)
        if second.type.kind is Kind.DATE:
            start = f"cast({start} as date)"
        delay = f"(extract(epoch from {end}) - extract(epoch from {start}))"
        delay = f"cast({delay} as double precision)"
        rows = f"from {table.relation} where {start} is not null and {end} is not null"
        [(present, wrong)] = self._query(
            f"select count(*), count(*) filter (where {delay} < 0) {rows}"
        )
        holds = wrong <= disclosure.MOST_CONTRADICTING * present
        ends = disclosure.range_quantiles(present - wrong, self._k)
        if not holds or ends is None:
            return holds, None
        quantiles = percentiles(delay, (ends[0], *QUARTILES, ends[1]))
        [found] = self._query(f"select {quantiles} {rows} and {delay} >= 0")
        if not all(math.isfinite(number) for number in found):
            return True, None
        if second.type.kind is not Kind.DATE:
            return True, disclosure.rounded_quantiles(list(map(float, found)))
        days = disclosure.rounded_quantiles([int(s) // A_DAY for s in found], whole=True)
        return True, tuple(day * A_DAY for day in days)

    def _column(
        self, table: FoundTable, column: FoundColumn, rows: int, present: int
    ) -> ColumnProfile:
        nothing: dict[str, object] = {}
        found = self._attempt(
            f"column `{table.name}.{column.name}`",
            lambda: self._columns.of(table, column, present),
            nothing,
        )
        rate = disclosure.null_rate(rows, present, self._k)
        return ColumnProfile(rate, **found)  # type: ignore[arg-type]

    def _reference(
        self, table: FoundTable, reference: FoundReference, parent: FoundTable
    ) -> ReferenceProfile:
        own = sql_name(table.column(reference.columns[0]))
        [(present, used)] = self._query(
            f"select count({own}), count(distinct {own}) from {table.relation}"
        )
        [(parents,)] = self._query(f"select count(*) from {parent.relation}")
        tenth = parents // 10
        if tenth < self._k or present < self._k:
            return ReferenceProfile()
        [(top,)] = self._query(
            f"select sum(n) from (select count(*) as n from {table.relation} "
            f"where {own} is not null group by {own} order by n desc limit {tenth}) as counted"
        )
        return ReferenceProfile(round(used / parents, 2), round(float(top) / present, 2))
