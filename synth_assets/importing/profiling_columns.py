"""Measures the values of one column, in the source's own engine.

Columns whose names suggest personal data are not read for values or shapes. Tables, keys and
references are in ``profiling``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from synth_assets.core.schema import quoted
from synth_assets.importing import disclosure
from synth_assets.importing.fitting import QUARTILES
from synth_assets.importing.found import NUMBERS, TIMES, FoundColumn, FoundTable, Kind, Query
from synth_assets.importing.names import is_personal

# Numbers with more decimals are measured as having any number of them.
MOST_DECIMALS = 6
# Doubles have sixteen digits, and floats of four bytes seven.
ERROR_OF_DOUBLES, ERROR_OF_SINGLES = 1e-15, 6e-8
# Kinds of parts of keys whose values may be copied, if rows share them.
PARTS = (Kind.TEXT, Kind.BOOLEAN, Kind.INTEGER)
# Shapes of texts: digits, and then letters too, each replaced by a character for its kind.
DIGITS = "regexp_replace({text}, '[0-9]', '#', 'g')"
LETTERS = f"regexp_replace(regexp_replace({DIGITS}, '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g')"


class ColumnProfiler:
    """Measures columns of one source.

    Args:
        query: Runs SQL in the source.
        k: A value is copied if so many rows share it.
    """

    def __init__(self, query: Query, k: int) -> None:
        self._query, self._k = query, k

    def of(self, table: FoundTable, column: FoundColumn, present: int) -> dict[str, object]:
        """What is taken of a column's values, as fields of a ``ColumnProfile``.

        Args:
            table: The table.
            column: The column.
            present: Number of rows that have a value.
        """
        found: dict[str, object] = {}
        keys = {name for reference in table.references for name in reference.columns}
        kind = column.type.kind
        if column.name in keys | set(table.primary_key) or present < self._k:
            if kind is Kind.TEXT and column.name in table.primary_key:
                found |= self._shapes(table, column, present)
            if kind in TIMES and column.name not in keys:  # which may be the day of a partition
                found |= self._range(table, column, present)
            if len(table.primary_key) > 1 and column.name not in keys:
                found |= self._part(table, column, present)
            return found
        if kind in TIMES:
            return self._range(table, column, present)
        if kind in NUMBERS:
            return self._numbers(table, column, present)
        if not is_personal(column.name) and kind in (Kind.TEXT, Kind.BOOLEAN):
            counts = self._frequent(table, column, f"cast({sql_name(column)} as text)")
            found["shares"] = disclosure.shares(dict(counts), present, self._k)
            if kind is Kind.TEXT and not found["shares"]:
                found |= self._shapes(table, column, present)
        return found

    def _part(self, table: FoundTable, column: FoundColumn, present: int) -> dict[str, object]:
        """How many values a part of a key has, and their shares if they are few."""
        name = sql_name(column)
        [(values,)] = self._query(f"select count(distinct {name}) from {table.relation}")
        found: dict[str, object] = {"distinct": disclosure.rounded_count(values)}
        if column.type.kind in PARTS and not is_personal(column.name):
            counts = self._frequent(table, column, f"cast({name} as text)")
            found["shares"] = disclosure.shares(dict(counts), present, self._k)
        return found

    def _numbers(self, table: FoundTable, column: FoundColumn, present: int) -> dict[str, object]:
        """Shares of numbers if they are few, else one that is frequent, and the range of others."""
        name = sql_name(column)
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
        value, whole = sql_name(column), column.type.kind is Kind.INTEGER
        if not whole:  # which a double would round
            value = f"cast({value} as double precision)"
        rows = f"from {table.relation} where {sql_name(column)} is not null and {condition}"
        quantiles = (ends[0], *QUARTILES, ends[1])
        [found] = self._query(f"select {percentiles(value, quantiles)} {rows}")
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
            expression = shape.format(text=f"cast({sql_name(column)} as text)")
            counts = self._frequent(table, column, expression)
            found[name] = disclosure.common_shape(counts, present, self._k)
        return found

    def _frequent(
        self, table: FoundTable, column: FoundColumn, expression: str
    ) -> list[tuple[str, int]]:
        """The most frequent values of an expression, of those that ``k`` rows share."""
        found = self._query(
            f"select v, n from (select {expression} as v, count(*) as n from {table.relation} "
            f"where {sql_name(column)} is not null group by 1) as counted "
            f"where n >= {self._k} order by n desc, v limit {disclosure.MOST_VALUES + 1}"
        )
        return [(str(value), int(count)) for value, count in found]

    def _range(self, table: FoundTable, column: FoundColumn, present: int) -> dict[str, object]:
        ends = disclosure.range_quantiles(present, self._k)
        if ends is None:
            return {}
        value = f"cast(extract(epoch from {sql_name(column)}) as double precision)"
        [found] = self._query(
            f"select {percentiles(value, ends)} from {table.relation} "
            f"where {sql_name(column)} is not null"
        )
        if not all(math.isfinite(number) for number in found):
            return {}
        low, high = map(float, found)
        return {"bounds": disclosure.rounded_range((low, high))}


def sql_name(column: FoundColumn) -> str:
    """A column's name in the source, quoted.

    Args:
        column: The column.
    """
    return quoted(column.in_source)


def percentiles(value: str, shares: Sequence[float]) -> str:
    """Expressions of the quantiles of a value.

    Args:
        value: The value, an SQL expression.
        shares: Shares of the rows below each quantile.
    """
    return ", ".join(f"percentile_disc({q:.6f}) within group (order by {value})" for q in shares)


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False  # an amount of money with its currency


def _decimals(column: FoundColumn) -> Iterator[str]:
    """Conditions that a number has none, one, two … decimals at most."""
    relative = ERROR_OF_SINGLES if column.type.is_single else ERROR_OF_DOUBLES
    value = f"cast({sql_name(column)} as double precision)"
    for decimals in range(MOST_DECIMALS + 1):
        scaled = f"{value} * 1e{decimals}"
        test = f"abs({scaled} - floor({scaled} + 0.5)) <= abs({scaled}) * {relative}"
        # Larger numbers have no decimals.
        yield f"case when abs({value}) > 1e15 then true else {test} end"
