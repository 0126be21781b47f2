"""A profile takes aggregates that hide people, and nothing else."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.declarative.compiler import compile_domain
from synth_assets.frames.readers import MemoryReader
from synth_assets.importing import disclosure, duckdb_file, files, postgres, trial
from synth_assets.importing.declaration import Imported, imported
from synth_assets.importing.found import FoundSchema
from synth_assets.importing.profile import Profiler
from synth_assets.importing.report import report
from synth_assets.importing.yaml_text import yaml_text
from synth_assets_tests.declarative.conftest import rows_of

ROWS = 2000
# Of every text column one value that nobody shares, and one that too few share.
TABLES = f"""
create table customers as
select i as id, 'Name' || i as first_name, 'Free text ' || i as remarks,
    case when i % 10 < 7 then 'basic' when i % 10 < 9 then 'plus' else 'gold' end as tier,
    'C-' || right('0000' || cast(i as varchar(9)), 5) as code,
    timestamp '2024-01-01 00:00:00' + i * interval '1 hour' as created_at,
    cast(10 + (i * 7919) % 97 as double precision) as balance,
    200 + 100 * (i % 3) as answer, i % 4 <> 0 as is_active
from generate_series(1, {ROWS}) as g(i);
insert into customers
select {ROWS} + i, 'Planted' || i, 'planted-' || i, 'planted-rare', 'planted/' || i,
    timestamp '2093-07-13 12:34:56', 87654321.5, 418, null
from generate_series(1, 19) as g(i);
create table orders as
select i as id, 1 + cast(floor({ROWS} * power(((i * 7919) % 6000) / 6000.0, 4)) as integer)
    as customer_id from generate_series(1, 6000) as g(i);
create table small as select i as id, 'planted-small-' || i as label
from generate_series(1, 19) as g(i);
"""
PLANTED = ("planted", "87654321", "2093", "418")


def _schema(kind: str, folder: Path, url: str) -> FoundSchema:
    if kind == "postgres":
        db = psycopg.connect(url, autocommit=True)
        db.execute(TABLES)
        return postgres.read(lambda sql: db.execute(sql.encode()).fetchall(), "a test")
    path = folder / "shop.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute(TABLES)
        for table in ("customers", "orders", "small"):
            (folder / "files").mkdir(exist_ok=True)
            db.execute(
                f"copy {table} to '{folder}/files/{table}.{kind}'"
            ) if kind != "duckdb" else 0
    return duckdb_file.read(path) if kind == "duckdb" else files.read(folder / "files")


def _profiled(schema: FoundSchema, k: int = disclosure.DEFAULT_K) -> Imported:
    assert schema.query is not None
    return imported(schema, "shop", Profiler(schema.query, k))


@pytest.mark.parametrize("kind", ["duckdb", "postgres", "csv", "parquet"])
def test_no_value_that_few_rows_share_is_copied(
    kind: str, tmp_path: Path, postgres_url: str
) -> None:
    done = _profiled(_schema(kind, tmp_path, postgres_url))
    written = (yaml_text(done.spec) + report(done, disclosure.DEFAULT_K)).lower()
    for value in PLANTED:
        assert value not in written
    assert "name1" not in written
    assert "free text" not in written

    customers, orders = done.spec.tables["customers"], done.spec.tables["orders"]
    assert (customers.rows, orders.rows) == (2000, 6000)
    columns = dict(customers.columns)
    assert columns["id"].primary_key
    assert columns["tier"].values == {"basic": 0.7, "plus": 0.2, "gold": 0.1}
    assert columns["answer"].values == {200: 0.33, 300: 0.34, 400: 0.33}
    assert columns["code"].pattern == "C-#####"
    assert columns["is_active"].probability == 0.75
    assert columns["remarks"].kind == "vocabulary"
    assert (columns["balance"].low, columns["balance"].high) == (10, 110)
    reference = orders.columns["customer_id"]
    assert (reference.to, reference.distribution) == ("customers", "zipf")
    assert "Fewer than 20 rows, of which nothing was taken: `small`" in report(done, 20)


def test_what_is_planted_would_be_found(tmp_path: Path) -> None:
    """The test above can fail: with a smaller k the rare value is taken, and only that."""
    done = _profiled(_schema("duckdb", tmp_path, ""), k=disclosure.LEAST_K)
    written = yaml_text(done.spec)
    assert "planted-rare" in written
    assert "planted-1" not in written


def test_rows_disprove_what_names_suggest(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create table people as select i % 50 as id from range(100) t(i)")
        db.execute("create table visits as select i as id, i as person_id from range(100) t(i)")
    done = _profiled(duckdb_file.read(path))
    assert not done.spec.tables["people"].columns["id"].primary_key
    assert done.spec.tables["visits"].columns["person_id"].kind == "integers"


def test_rows_are_scaled_to_the_largest_table(tmp_path: Path) -> None:
    schema = _schema("duckdb", tmp_path, "")
    assert schema.query is not None
    done = imported(schema, "shop", Profiler(schema.query), rows=600)
    assert [done.spec.tables[name].rows for name in ("customers", "orders")] == [200, 600]


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_times_beyond_those_of_a_calendar_end_with_it(
    kind: str, tmp_path: Path, postgres_url: str
) -> None:
    rows = """create table prices as select i as id, date '9999-12-31' as valid_to,
    timestamp '9999-12-31 23:59:59' as closed_at, {bc} as found_on,
    case when i % 2 = 0 then date '2020-01-01' else date '9999-12-31' end as ended_on,
    i * 100 as cents from generate_series(1, 200) as g(i)"""
    if kind == "postgres":
        db = psycopg.connect(postgres_url, autocommit=True)
        db.execute(rows.format(bc="date '0044-03-15 BC' - i").encode())
        schema = postgres.read(lambda sql: db.execute(sql.encode()).fetchall(), "a test")
    else:
        path = tmp_path / "a.duckdb"
        with duckdb.connect(str(path)) as file:
            file.execute(rows.format(bc="date '0044-03-15 (BC)' - cast(i as integer)"))
        schema = duckdb_file.read(path)
    done = _profiled(schema)
    assert trial.failures(done.spec, MemoryReader) == []
    columns = done.spec.tables["prices"].columns
    assert columns["valid_to"].start == columns["valid_to"].end == date(9999, 12, 31)  # type: ignore[union-attr]
    assert columns["closed_at"].end == datetime(9999, 12, 31)  # type: ignore[union-attr]
    assert columns["found_on"].start == date(1, 1, 1)  # type: ignore[union-attr]
    assert columns["ended_on"].end == date(9999, 12, 31)  # type: ignore[union-attr]
    assert columns["ended_on"].start <= date(2020, 1, 1)  # type: ignore[union-attr]
    assert columns["cents"].high >= 18_000  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "step"),
    [(2**53 + 1, 1), (9_100_000_000_000_000_000, 1000), (-(2**63) + 7, 2**54), (-(2**60), 3)],
)
def test_large_whole_numbers_are_measured_without_doubles(
    first: int, step: int, tmp_path: Path
) -> None:
    last = first + 999 * step
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute(
            f"create table t as select i as id, cast({first}::hugeint + i * {step}::hugeint as "
            "bigint) as big from range(1000) as n(i)"
        )
    done = _profiled(duckdb_file.read(path))
    assert trial.failures(done.spec, MemoryReader) == []
    made = rows_of(compile_domain(done.spec), "t")["big"]
    assert made.n_unique() > 500
    margin = (last - first) // 10
    assert first - margin <= made.min() <= first + margin  # type: ignore[operator]
    assert last - margin <= made.max() <= last + margin  # type: ignore[operator]


@settings(max_examples=30)
@given(
    st.dictionaries(st.text(min_size=1, max_size=80), st.integers(1, 3000), max_size=60),
    st.integers(5, 50),
)
def test_shares_are_of_values_that_enough_rows_share(counts: dict[str, int], k: int) -> None:
    present = sum(counts.values())
    shares = disclosure.shares(counts, present, k)
    if shares is None:
        return
    assert all(counts[value] >= k and len(value) <= disclosure.LONGEST_VALUE for value in shares)
    assert round(sum(shares.values()), 9) == 1
    assert sum(counts[v] for v in counts if counts[v] >= k) >= 0.9 * present


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ranges_are_rounded_outwards(low: float, width: float) -> None:
    high = low + width
    least, most = disclosure.rounded_range((low, high))
    tolerance = 1e-6 * max(abs(low), abs(high), 1)
    assert least <= low + tolerance
    assert most >= high - tolerance


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(5, 100))
def test_few_missing_values_are_none(rows: int, present: int, k: int) -> None:
    present = min(rows, present)
    rate = disclosure.null_rate(rows, present, k)
    if rows - present < k:
        assert rate == 0
    assert rate == round(rate, 2)


def test_counts_have_two_digits() -> None:
    assert [disclosure.rounded_count(n) for n in (7, 99, 1234, 98765)] == [7, 99, 1200, 99000]


def test_ends_of_a_range_have_k_rows_beyond_them() -> None:
    assert disclosure.range_quantiles(79, 20) is None
    low, high = disclosure.range_quantiles(100, 20) or (0, 0)
    assert (low * 100, round((1 - high) * 100)) == (20, 20)
