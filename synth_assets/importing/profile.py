"""Measures the rows of a source, in the source's own engine.

The statements are the SQL that DuckDB and PostgreSQL share. What leaves this module has passed
``disclosure``; columns whose names suggest personal data are not read for values or shapes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from synth_assets.core.schema import quoted
from synth_assets.importing import disclosure
from synth_assets.importing.fitting import QUARTILES
from synth_assets.importing.found import (
    NUMBERS,
    TIMES,
    FoundColumn,
    FoundReference,
    FoundTable,
    Kind,
    Query,
    UnreadableError,
)
from synth_assets.importing.names import is_personal
from synth_assets.importing.orders import earlier_column

Result = TypeVar("Result")
# Numbers with more decimals are measured as having any number of them.
MOST_DECIMALS = 6
# Doubles have sixteen digits, and floats of four bytes seven.
ERROR_OF_DOUBLES, ERROR_OF_SINGLES = 1e-15, 6e-8
A_DAY = 86_400
SINGLES = ("real", "float", "float4")
# Shapes of texts: digits, and then letters too, each replaced by a character for its kind.
DIGITS = "regexp_replace({text}, '[0-9]', '#', 'g')"
LETTERS = f"regexp_replace(regexp_replace({DIGITS}, '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g')"


@dataclass(frozen=True)
class ColumnProfile:
    """What is taken of a column's rows.

    Attributes:
        null_rate: Share of rows without a value.
        shares: Shares of its values, if they are few.
        frequent: The number that many rows share, and their share; the range is that of the others.
        bounds: Rounded ends of its range; of dates and times in seconds since 1970.
        quartiles: Rounded quartiles.
        beyond: Share of the rows that are beyond either end of the range, in hundredths.
        decimals: Decimals that nearly all numbers have at most.
        delays: Rounded quantiles of the seconds after the time that comes before it in its row.
        digits: Shape of its texts, with ``#`` for a digit.
        letters: Shape of its texts, with ``A``, ``a`` and ``#`` for letters and digits.
    """

    null_rate: float = 0.0
    shares: Mapping[str, float] | None = None
    frequent: tuple[float, float] | None = None
    bounds: tuple[float, float] | None = None
    quartiles: tuple[float, float, float] | None = None
    beyond: float = 0.0
    decimals: int | None = None
    delays: tuple[float, ...] | None = None
    digits: str | None = None
    letters: str | None = None


@dataclass(frozen=True)
class ReferenceProfile:
    """What is taken of a reference's rows.

    Attributes:
        used: Share of the parents with a row, in hundredths.
        top_tenth: Share of the rows of the tenth of parents with most, in hundredths.
    """

    used: float | None = None
    top_tenth: float | None = None


@dataclass(frozen=True)
class TableProfile:
    """What is taken of a table's rows.

    Attributes:
        rows: Rounded number of rows; None if there are fewer than ``k``.
        columns: Profiles of columns.
        references: Profiles of references by their columns.
        contradicted: Pairs of times that rows do not have in the order that their names suggest.
    """

    rows: int | None = None
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)
    references: Mapping[tuple[str, ...], ReferenceProfile] = field(default_factory=dict)
    contradicted: frozenset[tuple[str, str]] = frozenset()


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
        name = _sql(table.column(column))
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
        own = _sql(table.column(reference.columns[0]))
        key = _sql(parent.column((reference.parent_columns or parent.primary_key)[0]))
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
        counts = ", ".join(f"count({_sql(column)})" for column in table.columns)
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
        start, end = _sql(first), _sql(second)
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
        percentiles = _percentiles(delay, (ends[0], *QUARTILES, ends[1]))
        [found] = self._query(f"select {percentiles} {rows} and {delay} >= 0")
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
            lambda: self._of_values(table, column, present),
            nothing,
        )
        rate = disclosure.null_rate(rows, present, self._k)
        return ColumnProfile(rate, **found)  # type: ignore[arg-type]

    def _of_values(self, table: FoundTable, column: FoundColumn, present: int) -> dict[str, object]:
        found: dict[str, object] = {}
        keys = {name for reference in table.references for name in reference.columns}
        kind = column.type.kind
        if column.name in keys | set(table.primary_key) or present < self._k:
            if kind is Kind.TEXT and column.name in table.primary_key:
                found |= self._shapes(table, column, present)
            if kind in TIMES and column.name not in keys:  # which may be the day of a partition
                found |= self._range(table, column, present)
            return found
        if kind in TIMES:
            return self._range(table, column, present)
        if kind in NUMBERS:
            return self._numbers(table, column, present)
        if not is_personal(column.name) and kind in (Kind.TEXT, Kind.BOOLEAN):
            counts = self._frequent(table, column, f"cast({_sql(column)} as text)")
            found["shares"] = disclosure.shares(dict(counts), present, self._k)
            if kind is Kind.TEXT and not found["shares"]:
                found |= self._shapes(table, column, present)
        return found

    def _numbers(self, table: FoundTable, column: FoundColumn, present: int) -> dict[str, object]:
        """Shares of numbers if they are few, else one that is frequent, and the range of others."""
        name = _sql(column)
        counts: list[tuple[str, int]] = []
        if not is_personal(column.name):
            counts = self._frequent(table, column, f"cast({name} as text)")
            counts = [(text, n) for text, n in counts if _is_finite(text)]
        shares = disclosure.shares(dict(counts), present, self._k)
        frequent = None if shares else disclosure.frequent_value(counts, present, self._k)
        if frequent is not None:
            text, share = frequent
            value = int(text) if column.type.kind is Kind.INTEGER else float(text)
            others = f"cast({name} as text) <> '{text}'"
            rest = self._quantiles(table, column, present - counts[0][1], others)
            if rest:
                return {"frequent": (value, share), **rest}
        return {"shares": shares, **self._quantiles(table, column, present)}

    def _quantiles(
        self, table: FoundTable, column: FoundColumn, present: int, condition: str = "true"
    ) -> dict[str, object]:
        """The quantiles of numbers, and how many decimals they have."""
        ends = disclosure.range_quantiles(present, self._k)
        if ends is None:
            return {}
        value, whole = _sql(column), column.type.kind is Kind.INTEGER
        if not whole:  # which a double would round
            value = f"cast({value} as double precision)"
        rows = f"from {table.relation} where {_sql(column)} is not null and {condition}"
        quantiles = (ends[0], *QUARTILES, ends[1])
        [found] = self._query(f"select {_percentiles(value, quantiles)} {rows}")
        if not all(math.isfinite(number) for number in found):
            return {}
        low, *inner, high = disclosure.rounded_quantiles(
            list(map(int if whole else float, found)), whole=whole
        )
        measured: dict[str, object] = {
            "bounds": (low, high), "quartiles": tuple(inner), "beyond": round(ends[0], 2),
        }  # fmt: skip
        if not whole:
            digits = ", ".join(f"count(*) filter (where {test})" for test in _decimals(column))
            [counts] = self._query(f"select {digits} {rows}")
            measured["decimals"] = disclosure.common_decimals(counts, present, self._k)
        return measured

    def _shapes(self, table: FoundTable, column: FoundColumn, present: int) -> dict[str, object]:
        if is_personal(column.name):
            return {}
        found: dict[str, object] = {}
        for name, shape in (("digits", DIGITS), ("letters", LETTERS)):
            expression = shape.format(text=f"cast({_sql(column)} as text)")
            counts = self._frequent(table, column, expression)
            found[name] = disclosure.common_shape(counts, present, self._k)
        return found

    def _frequent(
        self, table: FoundTable, column: FoundColumn, expression: str
    ) -> list[tuple[str, int]]:
        """The most frequent values of an expression, of those that ``k`` rows share."""
        found = self._query(
            f"select v, n from (select {expression} as v, count(*) as n from {table.relation} "
            f"where {_sql(column)} is not null group by 1) as counted "
            f"where n >= {self._k} order by n desc, v limit {disclosure.MOST_VALUES + 1}"
        )
        return [(str(value), int(count)) for value, count in found]

    def _range(self, table: FoundTable, column: FoundColumn, present: int) -> dict[str, object]:
        ends = disclosure.range_quantiles(present, self._k)
        if ends is None:
            return {}
        value = f"cast(extract(epoch from {_sql(column)}) as double precision)"
        [found] = self._query(
            f"select {_percentiles(value, ends)} from {table.relation} "
            f"where {_sql(column)} is not null"
        )
        if not all(math.isfinite(number) for number in found):
            return {}
        low, high = map(float, found)
        return {"bounds": disclosure.rounded_range((low, high))}

    def _reference(
        self, table: FoundTable, reference: FoundReference, parent: FoundTable
    ) -> ReferenceProfile:
        own = _sql(table.column(reference.columns[0]))
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


def _sql(column: FoundColumn) -> str:
    return quoted(column.in_source)


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False  # an amount of money with its currency


def _percentiles(value: str, shares: Sequence[float]) -> str:
    return ", ".join(f"percentile_disc({q:.6f}) within group (order by {value})" for q in shares)


def _decimals(column: FoundColumn) -> Iterator[str]:
    """Conditions that a number has none, one, two … decimals at most."""
    relative = ERROR_OF_SINGLES if column.type.spelled in SINGLES else ERROR_OF_DOUBLES
    value = f"cast({_sql(column)} as double precision)"
    for decimals in range(MOST_DECIMALS + 1):
        scaled = f"{value} * 1e{decimals}"
        test = f"abs({scaled} - floor({scaled} + 0.5)) <= abs({scaled}) * {relative}"
        # Larger numbers have no decimals.
        yield f"case when abs({value}) > 1e15 then true else {test} end"
