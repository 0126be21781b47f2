"""Values of every kind of column: types, ranges, shares, keys."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.core.schema import columns_of
from synth_assets.declarative.generators.identifiers import parse_pattern
from synth_assets.declarative.overflow import checked
from synth_assets_tests.declarative.conftest import Declare, rows_of

KINDS = """\
  all:
    rows: 4000
    columns:
      id: {kind: sequence, start: 10, step: 5, primary_key: true}
      code: {kind: sequence, prefix: C-, digits: 6, unique: true}
      key: {kind: uuid, unique: true}
      three: {kind: constant, value: 3, type: smallint}
      status: {kind: choice, values: {open: 70, closed: 30}}
      level: {kind: choice, values: [1, 2.5]}
      flag: {kind: boolean, probability: 0.2, null_rate: 0.25}
      die: {kind: integers, low: 1, high: 6}
      lot: {kind: integers, low: 1, high: 4000, unique: true}
      share: {kind: uniform, decimals: 3}
      height: {kind: normal, mean: 170, sd: 10, low: 150, high: 190, decimals: 1}
      price: {kind: lognormal, median: 20, sigma: 0.5, type: "decimal(8,2)"}
      wait: {kind: exponential, mean: 4}
      size: {kind: pareto, low: 2, alpha: 2, high: 1000}
      rank: {kind: zipf, high: 50}
      calls: {kind: poisson, mean: 2.5}
      born: {kind: date, start: 1950-01-01, end: 1950-12-31, calendar: {months: [12, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}
      seen: {kind: timestamp, start: 2026-01-01, end: 2026-01-08, hours: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}
      left: {kind: later, than: seen, least: 1h, most: 2d, distribution: exponential}
      name: {kind: vocabulary, provider: first_name, frequencies: real}
      town: {kind: vocabulary, provider: city, locale: de_DE, size: 40, frequencies: zipf}
      number: {kind: pattern, pattern: "[A-C]{2}-##", null_rate: 0.1}
      plate: {kind: pattern, pattern: "####", unique: true}
      total: {kind: expression, sql: "round(price * die, 2)", type: "decimal(12,2)"}
      remark: {kind: expression, sql: "case when die > 3 then upper(status) end"}
      due: {kind: constant, value: 1, only_when: status = 'open'}
      word: {kind: switch, on: status, cases: {open: {kind: constant, value: o}}, otherwise: {kind: pattern, pattern: "x#"}}
      secret: {kind: uniform, hidden: true}
"""  # noqa: E501


@pytest.fixture
def domain(declare: Declare) -> Domain:
    return declare(KINDS)


def test_values_of_every_kind(domain: Domain) -> None:
    rows = rows_of(domain, "all")
    dtypes = {c.name: (c.dtype, c.nullable) for c in columns_of(domain.table("all").schema)}
    assert dict(rows.drop("partition").schema) == {n: dtype for n, (dtype, _) in dtypes.items()}
    assert "secret" not in rows.columns
    nullable = {name for name, (_, null) in dtypes.items() if null}
    assert nullable == {"flag", "number", "remark", "due"}
    assert {n for n in rows.columns if rows[n].null_count()} == nullable
    assert rows["id"].to_list()[:2] == [10, 15]
    assert rows["code"].to_list()[0] == "C-000001"
    for name in ("id", "code", "key", "lot", "plate"):
        assert rows[name].is_unique().all(), name
    assert rows["lot"].sort().to_list() == list(range(1, 4001))
    uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(uuid.fullmatch(key) for key in rows["key"])
    assert all(re.fullmatch(r"[A-C]{2}-\d\d", n) for n in rows["number"].drop_nulls())
    assert rows["level"].unique().sort().to_list() == [1.0, 2.5]
    assert rows["town"].n_unique() == 40
    expected = rows.select((pl.col("price").cast(float) * pl.col("die")).round(2)).to_series()
    assert rows["total"].cast(float).to_list() == expected.to_list()
    is_open = rows["status"] == "open"
    assert (rows["due"].is_not_null() == is_open).all()
    assert ((rows["word"] == "o") == is_open).all()


def test_numbers_have_their_distributions(domain: Domain) -> None:
    rows = rows_of(domain, "all")
    near = {
        "share": 0.5, "height": 170, "wait": 4, "calls": 2.5, "die": 3.5, "three": 3,
    }  # fmt: skip
    for name, mean in near.items():
        assert rows[name].mean() == pytest.approx(mean, rel=0.05), name
    assert float(rows["price"].median()) == pytest.approx(20, rel=0.05)
    assert rows["flag"].mean() == pytest.approx(0.2, abs=0.03)
    assert (rows["status"] == "open").mean() == pytest.approx(0.7, abs=0.03)
    assert rows["height"].is_between(150, 190).all()
    assert rows["size"].is_between(2, 1000).all()
    counted = rows["rank"].value_counts().sort("rank")["count"]
    assert counted[0] == pytest.approx(2 * counted[1], rel=0.25)
    assert rows["flag"].null_count() == pytest.approx(1000, rel=0.15)
    # Of a year in which January counts twelve times.
    assert (rows["born"].dt.month() == 1).mean() > 0.3
    assert rows["born"].is_between(date(1950, 1, 1), date(1950, 12, 31)).all()
    assert rows["seen"].dt.hour().unique().to_list() == [12]
    assert rows["seen"].max() < datetime(2026, 1, 8)
    delays = rows["left"] - rows["seen"]
    assert delays.min() >= timedelta(hours=1)
    assert delays.max() <= timedelta(days=2)
    assert delays.median() < timedelta(hours=12)


def test_another_column_or_table_changes_no_other(declare: Declare) -> None:
    before = rows_of(declare(KINDS), "all")
    more = KINDS.replace("      code:", "      extra: {kind: uuid}\n      code:")
    more = "  other:\n    rows: 3\n    columns: {id: {kind: sequence}}\n" + more
    after = rows_of(declare(more), "all")
    assert after.drop("extra").equals(before)


def test_another_seed_changes_the_values(domain: Domain, declare: Declare, monkeypatch) -> None:
    before = rows_of(domain, "all")
    monkeypatch.setenv("SYNTH_SEED", "7")
    after = rows_of(declare(KINDS), "all")
    assert after["id"].equals(before["id"])
    assert not after["share"].equals(before["share"])


@pytest.mark.parametrize(
    ("pattern", "size"), [("INV-##", 100), (r"\#[ab]{3}", 8), ("[A-Z0-9]-x{2}", 36), ("abc", 1)]
)
def test_patterns_have_as_many_texts_as_they_say(pattern: str, size: int) -> None:
    assert parse_pattern(pattern).size == size


@pytest.mark.parametrize("kind", ["uniform", "normal", "lognormal", "exponential", "pareto"])
@pytest.mark.parametrize(
    ("bounds", "least", "most"),
    [
        ("low: 0.14, high: 1.96, decimals: 1", 0.2, 1.9),
        ("low: 0.145, high: 1.996, decimals: 3, type: 'decimal(4,2)'", 0.15, 1.99),
        ("low: 0.2, high: 2.9, type: integer", 1, 2),
    ],
)
def test_rounded_numbers_are_within_their_bounds(
    declare: Declare, kind: str, bounds: str, least: float, most: float
) -> None:
    column = f"{{kind: {kind}, {bounds}}}"
    domain = declare(f"  t:\n    rows: 20000\n    columns:\n      x: {column}\n")
    found = rows_of(domain, "t")["x"].cast(pl.Float64)
    assert (found.min(), found.max()) == (least, most)


TAILS = {
    "{kind: normal, mean: 100, sd: 10, low: 180, high: 200}": (180, 181.215),
    "{kind: normal, mean: 100, sd: 10, low: 190, high: 250}": (190, 191.086),
    "{kind: normal, low: 50, high: 60, decimals: 6}": (50, 50.019984),
    "{kind: normal, low: -60, high: -50, decimals: 6}": (-50, -50.019984),
    "{kind: normal, low: -1, high: 0.5, decimals: 6}": (0.5, -0.206631),
    "{kind: lognormal, median: 1, sigma: 0.1, low: 3, high: 4, decimals: 6}": (3, 3.027113),
    "{kind: exponential, low: 40}": (40, 41),
    "{kind: exponential, low: 45, high: 60, decimals: 6}": (45, 46),
    "{kind: exponential, low: 45, high: 46, decimals: 6}": (45, 45.418023),
}


@pytest.mark.parametrize(("column", "end", "mean"), [(c, *v) for c, v in TAILS.items()], ids=TAILS)
def test_far_tails_have_their_distribution(
    declare: Declare, column: str, end: float, mean: float
) -> None:
    domain = declare(f"  t:\n    rows: 40000\n    columns:\n      x: {column}\n")
    found = rows_of(domain, "t")["x"]
    assert found.n_unique() > 500
    assert found.is_finite().all()
    # The mean of a truncated distribution, in terms of how far it is from the near end.
    assert found.mean() - end == pytest.approx(mean - end, rel=0.03)


def test_the_far_tail_of_counts_is_not_empty(declare: Declare) -> None:
    domain = declare(
        "  t:\n    rows: 4000\n    columns:\n      x: {kind: poisson, mean: 900, high: 3}\n"
    )
    assert (rows_of(domain, "t")["x"] == 3).mean() > 0.98


@pytest.mark.parametrize("kind", ["uniform", "normal", "exponential", "lognormal"])
def test_numbers_are_rounded_to_whole_numbers(declare: Declare, kind: str) -> None:
    column = f"{{kind: {kind}, low: 0.5, high: 3.5"
    domain = declare(
        f"  t:\n    rows: 20000\n    columns:\n      x: {column}, type: integer}}\n"
        f"      y: {column}, decimals: 6}}\n"
    )
    rows = rows_of(domain, "t")
    assert rows["x"].mean() == pytest.approx(rows["y"].mean(), abs=0.15)


@pytest.mark.parametrize(
    "column",
    ["{kind: pareto, alpha: 0.0105}", "{kind: lognormal, median: 1.0e+34, sigma: 3, type: real}"],
)
def test_a_number_that_is_infinite_stops_the_run(declare: Declare, column: str) -> None:
    domain = declare(f"  t:\n    rows: 100000\n    columns:\n      x: {column}\n")
    with pytest.raises(Exception, match="a number is infinite: too large"):
        rows_of(domain, "t")


# Expressions of whole numbers that are near the ends of their type, or only pass by them.
NEAR = {
    "id + 9223372036854775806": 9223372036854775807,
    "-9223372036854775807 - id": -9223372036854775808,
    "case when id > 1 then id * 9223372036854775807 else id * 2 end": 2,
    "coalesce(nullif(id, 1), id * 3)": 3,
    "pow(id + 1, 62)": 2**62,
    "case id when 1 then id + 1 else 0 end": 2,
    "id * length('abc') + strpos('abc', 'c')": 6,
    "case when upper('a') = 'A' and id in (1, 2) then id + 5 end": 6,
    "cast('2026-01-03' as date) - cast('2026-01-01' as date)": timedelta(days=2),
    "'a' || (id + 1)": "a2",
    "pow(2, 3)": 8,
    "mod(case when id > 1 then id * 9223372036854775807 else id * 9 end, 7)": 2,
    "case when id > 1 then mod(id * 9223372036854775807, 7) else 2 end": 2,
    "mod(id * 9, -7)": 2,
    "-7": -7,
    "id / 2": 0.5,
}


# Those that pass the ends of their type, some within a function.
BEYOND = [
    "id + 9223372036854775807",
    "mod(id * 9223372036854775807, 7)",
    "mod((id + 1) * 9223372036854775807, 7) * 2",
    "abs(id * 9223372036854775807) > 5",
    "cast(id * 9223372036854775807 as text)",
    "mod(coalesce(nullif(id, 2), id * 9223372036854775807), 7)",
    "(id * 9223372036854775807) / 2",
]


@pytest.mark.parametrize("sql", BEYOND)
def test_numbers_that_do_not_fit_stop_the_run(sql: str) -> None:
    rows = pl.LazyFrame({"id": [1, 2]})
    with pytest.raises(pl.exceptions.ComputeError, match="a number is not from -9223372036854775"):
        rows.with_columns(checked(sql, lambda name: name).alias("x")).collect()


@pytest.mark.parametrize(("sql", "expected"), NEAR.items(), ids=NEAR)
def test_numbers_that_fit_are_made(sql: str, expected: object) -> None:
    rows = pl.LazyFrame({"other": [1, 1, 1]})
    made = rows.with_columns(checked(sql, lambda name: "other").alias("x"))
    assert made.collect_schema()["x"] == made.collect()["x"].dtype
    assert made.collect()["x"].to_list() == [expected] * 3


@pytest.mark.parametrize(
    "column",
    [
        "{kind: uniform, low: -1, high: 1, decimals: 1}",
        "{kind: uniform, low: -1, high: 1, decimals: 0, type: real}",
        "{kind: uniform, low: -0.04, high: 0.04, decimals: 2}",
        "{kind: uniform, low: -0.04, high: 0.5, decimals: 1}",
        "{kind: normal, decimals: 1}",
        "{kind: normal, low: -9, high: 0.04, decimals: 1}",
    ],
)
def test_zeros_have_no_sign(declare: Declare, column: str) -> None:
    found = rows_of(declare(f"  t:\n    rows: 2000\n    columns:\n      x: {column}\n"), "t")["x"]
    assert len(zeros := found.filter(found == 0)) > 20
    assert (1 / zeros > 0).all()
