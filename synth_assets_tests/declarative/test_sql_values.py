"""Expressions have the values that DuckDB gives them, and those of PostgreSQL where both agree."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest

from synth_assets.declarative.overflow import checked
from synth_assets.declarative.sql import FUNCTIONS, parsed
from synth_assets_tests.declarative.conftest import Declare, rows_of

ROWS = pl.DataFrame(
    {
        "i": [7, -7, 0, None, 5],
        "k": [3, 3, 3, 3, None],
        "f": [0.5, -0.5, 2.5, None, 233.78],
        "g": [1.5, -2.5, -0.4, None, 3.5],
        "s": ["abc", "Äb c", "", None, " hi "],
        "t": ["b", "c", "x", "b", None],
        "b": [True, False, None, True, False],
        "d": [date(2026, 1, 31), date(2025, 12, 28), date(1969, 12, 31), None, date(2024, 2, 29)],
        "ts": [
            datetime(2026, 1, 31, 10, 30, 15, 500_000),
            datetime(1969, 12, 31, 23),
            None,
            None,
            None,
        ],
    }
)
EXPRESSIONS = """
abs(f); ceil(g); floor(g); coalesce(i, k); concat(s, t); s || t; s || i; 'it''s \\' || s; f || ''
round(f); round(g); round(i); round(f, 1); round(f * 10.05, 1); round(-0.5); round(2.5)
round(1.005, 2); round(round(f, 1)); round(f) + round(g); round(cast(f as decimal(10,2)))
cast(f as integer); cast(g as bigint); cast(g as smallint); f::integer * 2; cast(-0.5 as integer)
cast(cast(f as decimal(10,1)) as integer); cast(cast(f as decimal(10,2)) as decimal(10,0))
cast(g as decimal(10,0)); cast(f as decimal(10,1)); cast(b as integer); cast('12' as integer)
cast(i as boolean); cast(i as text); cast(f as text); cast(b as text); cast(d as text)
cast(ts as date); cast(ts as text); cast(d as timestamp); cast(i as double); cast(i / k as integer)
strpos(s, t); strpos(t, s); position(t in s); strpos(s, ''); strpos(upper(s), 'B') + 1
strpos(cast(round(f) as text), '3'); case when strpos(s, 'b') > 1 then round(f) else i end
length(s); length(s) - 5; length(s) - length(t); length('ä')
year(d); month(d) * 100; day(d); hour(ts) * 60 + minute(ts); second(ts); date_part('year', d)
extract(dow from d); extract(isodow from d); extract(doy from d) * 1000; extract(quarter from d)
extract(hour from ts) * 3600; extract(epoch from ts); strftime(d, '%Y-%m')
mod(i, k); i % k; mod(-i, k); -i % k; mod(f, 2); i / k; i / 2; floor(i / k); i * 1.5; i + f
pow(i, 2); power(f, 2); exp(i); atan2(i, k); sign(i); sign(f); degrees(f); radians(i); pi(); sin(f)
cos(f); tan(f); acos(f / 300); asin(f / 300); atan(f); sqrt(k); abs(-i); strftime(ts, '%H:%M')
log10(k); log2(k); log(2, k); log(k); log(2, 8); ln(k)
greatest(i, k); least(i, k); greatest(f, g); ifnull(i, k); nullif(i, 7); if(i > 0, 1, 2)
left(s, 2); left(s, -1); right(s, 2); right(s, -1); substr(s, 2); substr(s, 0, 2); substr(s, 2, 1)
lower(s); upper(s); lpad(s, 5, '*'); lpad(s, 2, '*'); rpad(s, 5, '*'); reverse(s); trim(s)
ltrim(s, 'a'); rtrim(s); replace(s, 'b', 'zz'); starts_with(s, 'a'); ends_with(s, 'c')
i between 0 and k; i in (7, null); not (i in (7, null)); s like '_b%'; b and i > 0; b or i > 0
i is null; i = k or b; case when i > 0 then f end; case i when 7 then 'x' else 'y' end
ts - interval '1 hour'; i
"""
SQL = [sql.strip() for line in EXPRESSIONS.strip().splitlines() for sql in line.split(";")]


@pytest.mark.parametrize("sql", SQL)
def test_values_are_those_of_a_database(sql: str) -> None:
    with duckdb.connect() as database:
        database.register("rows", ROWS.to_arrow())
        expected = [
            _plain(row[0]) for row in database.execute(f"select {sql} from rows").fetchall()
        ]
    for made in (
        checked(sql, lambda name: f"r>{name}"),
        parsed(sql).over(lambda name: f"r>{name}"),
    ):
        lazy = ROWS.rename(lambda name: f"r>{name}").lazy().with_columns(made.alias("x"))
        found = lazy.collect()["x"]
        assert lazy.collect_schema()["x"] == found.dtype
        assert [_plain(value) for value in found] == expected


def test_every_function_is_compared() -> None:
    # DuckDB has no other two.
    known = set(FUNCTIONS) - {"initcap", "regexp_like"}
    assert {name for name in known if f"{name}(" not in EXPRESSIONS} == set()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | float):
        return pytest.approx(float(value), abs=1e-9)
    return value


def test_computed_numbers_are_rounded_to_the_type_of_their_column(declare: Declare) -> None:
    domain = declare(
        "  p:\n    rows: 4\n    columns:\n      id: {kind: sequence, primary_key: true}\n"
        "      half: {kind: expression, sql: id - 1.5}\n"
        "  t:\n    rows: {kind: children, of: p, count: 1}\n    columns:\n"
        "      p: {kind: reference, to: p, primary_key: true}\n"
        "      x: {kind: copy, through: p, column: half, type: double, hidden: true}\n"
        "      copied: {kind: copy, through: p, column: half, type: integer}\n"
        "      whole: {kind: expression, sql: p * 0.7, type: integer}\n"
        "      money: {kind: expression, sql: p * 0.125, type: 'decimal(9,2)'}\n"
        "      even: {kind: expression, sql: x + 0, type: bigint}\n"
        "      constant: {kind: expression, sql: '1.5 + 1', type: smallint}\n"
        "      chosen:\n        kind: switch\n        on: p\n        type: integer\n"
        "        cases: {1: {kind: expression, sql: p * 1.7}}\n"
        "        otherwise: {kind: expression, sql: p * 0.9}\n"
    )
    rows = rows_of(domain, "t")
    assert rows["whole"].to_list() == [1, 1, 2, 3]
    assert [float(value) for value in rows["money"]] == [0.13, 0.25, 0.38, 0.5]
    assert rows["even"].to_list() == [0, 0, 2, 2]
    assert set(rows["constant"]) == {3}
    assert rows["chosen"].to_list() == [2, 2, 3, 4]
    assert rows["copied"].to_list() == [-1, 1, 2, 3]
