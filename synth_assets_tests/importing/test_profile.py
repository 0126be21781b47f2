"""A profile takes aggregates that hide people, and nothing else."""

from __future__ import annotations

import math
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import psycopg
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.declarative.compiler import compile_domain
from synth_assets.declarative.model import DomainSpec
from synth_assets.frames.readers import MemoryReader
from synth_assets.importing import disclosure, duckdb_file, files, postgres, trial
from synth_assets.importing.declaration import Imported, imported
from synth_assets.importing.fitting import FITTED, NOT_FITTED
from synth_assets.importing.found import FoundColumn, FoundSchema, FoundTable
from synth_assets.importing.partitioning import Partitions
from synth_assets.importing.profiling import Profiler
from synth_assets.importing.report import report
from synth_assets.importing.types import type_of
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


@pytest.mark.parametrize("kind", ["ubigint", "uhugeint", "hugeint", "decimal(38, 0)"])
@pytest.mark.parametrize("values", ["hash(i)", "18446744073709551615 - i"])
def test_numbers_of_more_than_64_bits_are_those_of_64_bits(
    kind: str, values: str, tmp_path: Path
) -> None:
    table = f"select i as id, cast({values} as {kind}) as big from range(1000) as n(i)"
    done = _profiled(_read("duckdb", f"create table t as {table}", tmp_path, ""))
    assert trial.failures(done.spec, MemoryReader) == []
    made = rows_of(compile_domain(done.spec), "t")["big"]
    assert made.dtype == pl.Int64
    assert 0 <= made.min() <= made.max() <= 2**63 - 1  # type: ignore[operator]
    assert made.max() >= 9 * 10**18  # type: ignore[operator]


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


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_declared_values_have_the_shares_of_rows(
    kind: str, tmp_path: Path, postgres_url: str
) -> None:
    schema = _read(
        kind,
        """create type mood as enum ('good', 'bad', 'never');
        create table t (id integer primary key, mood mood not null,
            status text not null check (status in ('open', 'done', 'legacy')),
            pri integer not null check (pri in (1, 2, 3)),
            rate decimal(4, 2) not null check (rate in (0.5, 1, 2)));
        insert into t select i, cast(case when i % 4 = 0 then 'bad' else 'good' end as mood),
            case when i % 100 < 97 then 'open' else 'done' end,
            case when i <= 5 then 3 when i % 50 = 0 then 2 else 1 end,
            case when i % 5 = 0 then 0.5 else 1 end
        from generate_series(1, 5000) as g(i);""",
        tmp_path,
        postgres_url,
    )
    done = _profiled(schema)
    columns: Any = done.spec.tables["t"].columns
    assert columns["mood"].values == {"good": 0.75, "bad": 0.25}
    assert columns["status"].values == {"open": 0.97, "done": 0.03}
    assert columns["pri"].values == {1: 0.98, 2: 0.02}
    assert columns["rate"].values == {0.5: 0.2, 1.0: 0.8}
    decisions = done.tables["t"].decisions
    assert decisions["status"].note.startswith("1 of 3 declared values left out")
    assert trial.failures(done.spec, MemoryReader) == []


# Times until May 2025: minutes after each other, days of a skewed distribution, dates, no order.
TIMES_OF_ROWS = """create table t (id integer primary key, created_at timestamp not null,
    closed_at timestamp not null, updated_at timestamp not null, paid_at timestamp,
    shipped_on date not null, due_on date not null, deleted_at timestamp);
insert into t select i, began, began + interval '9 minutes', began + interval '5 minutes',
    case when i % 2 = 0 then began + floor(-864000 * ln((i * 7919 % 4000 + 1) / 4001.0))
        * interval '1 second' end,
    cast(began as date) + cast(1 + i % 3 as integer), cast(began as date) + cast(14 as integer),
    case when i % 2 = 0 then began - interval '40 days' end
from (select i, timestamp '2024-05-01 00:00:00' + i * interval '2 hours' as began
    from generate_series(1, 4000) as g(i)) as times"""


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_times_are_after_each_other_as_long_as_in_rows(
    kind: str, tmp_path: Path, postgres_url: str
) -> None:
    done = _profiled(_read(kind, TIMES_OF_ROWS, tmp_path, postgres_url))
    assert trial.failures(done.spec, MemoryReader) == []
    columns: Any = done.spec.tables["t"].columns
    found = {name: (c.than, c.least, c.most) for name, c in columns.items() if c.kind == "later"}
    assert found["updated_at"] == ("created_at", "5m", "5m")
    assert found["closed_at"] == ("created_at", "9m", "9m")
    assert found["shipped_on"] == ("created_at", "1d", "3d")
    assert found["due_on"] == ("shipped_on", "11d", "13d")
    assert "deleted_at" not in found
    made = rows_of(compile_domain(done.spec), "t")
    assert made["updated_at"].max() < datetime(2025, 5, 1)  # type: ignore[operator]
    delays = (made["paid_at"] - made["created_at"]).drop_nulls().dt.total_seconds() / 86_400
    assert delays.median() == pytest.approx(10 * math.log(2), rel=0.25)
    assert columns["deleted_at"].kind == "timestamp"
    assert columns["deleted_at"].null_rate == 0.5


@pytest.mark.parametrize("first", ["2020-01-01", "1950-01-01", "2024-06-01"])
def test_times_in_no_order_are_those_of_rows(first: str, tmp_path: Path) -> None:
    """An end that is never, and changes in a month that is shorter than the time before it."""
    rows = f"""create table t as select i as id, date '{first}' + i::int as valid_from,
        date '9999-12-31' as valid_to, timestamp '2025-01-01' + to_hours(i) as updated_at
        from range(1000) as n(i)"""
    done = _profiled(_read("duckdb", rows, tmp_path, ""))
    assert trial.failures(done.spec, MemoryReader) == []
    made = rows_of(compile_domain(done.spec), "t")
    assert made["updated_at"].max() < datetime(2025, 3, 1)  # type: ignore[operator]
    assert made["updated_at"].min() > datetime(2024, 12, 1)  # type: ignore[operator]
    assert made["valid_to"].unique().to_list() == [date(9999, 12, 31)]


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_numbers_of_any_size_are_measured(kind: str, tmp_path: Path, postgres_url: str) -> None:
    rows = """create table t as select i as id,
        cast(case when i % 100 = 0 then 'NaN' when i % 100 = 1 then '-Infinity' else '1e280' end
            as double precision) as odd,
        cast(i * 1e-7 as numeric(18, 9)) as small, cast(i / 8.0 as real) as single,
        cast(case when i % 2 = 0 then 0 else i end as numeric(12, 2)) as half,
        case when i % 3 = 0 then 1e15 * i else i / 1024.0 end * cast(1 as double precision) as wide
        from generate_series(1, 3000) as g(i)"""
    done = _profiled(_read(kind, rows, tmp_path, postgres_url))
    assert not any("not measured" in note for note in done.schema.notes)
    assert trial.failures(done.spec, MemoryReader) == []
    columns: Any = done.spec.tables["t"].columns
    assert columns["odd"].values == {1e280: 1.0}
    assert (columns["small"].decimals, columns["single"].decimals) == (9, 3)
    assert columns["half"].otherwise.decimals == 0
    assert columns["wide"].high > 2e18


def test_parents_without_rows_have_none(tmp_path: Path) -> None:
    rows = """create table orders (id integer primary key);
        create table lines (order_id integer references orders (id), line integer,
            primary key (order_id, line));
        create table notes (order_id integer primary key references orders (id), x integer);
        create table visits (id integer primary key, order_id integer references orders (id));
        insert into orders select i from range(1000) as n(i);
        insert into lines select i * 5, j from range(200) as n(i), range(1, 4) as m(j);
        insert into notes select i * 2, 1 from range(500) as n(i);
        insert into visits select i, i % 50 from range(3000) as n(i)"""
    done = _profiled(_read("duckdb", rows, tmp_path, ""))
    assert trial.failures(done.spec, MemoryReader) == []
    domain = compile_domain(done.spec)
    lines, notes = rows_of(domain, "lines"), rows_of(domain, "notes")
    assert lines["order_id"].n_unique() == pytest.approx(200, rel=0.2)
    assert len(lines) == pytest.approx(600, rel=0.2)
    assert len(notes) == pytest.approx(500, rel=0.1)
    assert done.tables["visits"].decisions["order_id"].note == (
        "refers to `orders`, of which more have rows here"
    )


# A key of two columns each: of a parent and a text, without a parent, of a day, of a text that no
# rows share, and of a column that is a key by itself.
KEYS_OF_ROWS = """create table cust (id integer primary key);
    create table tag (cust_id integer references cust (id), tag text, primary key (cust_id, tag));
    create table note (cust_id integer references cust (id), code text,
        primary key (cust_id, code));
    create table price (product_id integer, valid_from date, primary key (product_id, valid_from));
    create table daily_stat (day date, country text, n integer, primary key (day, country));
    create table grid (x text, y text, primary key (x, y));
    create table task (id integer, created_at timestamp, primary key (id, created_at));
    insert into cust select i from generate_series(0, 499) as g(i);
    insert into tag select i % 500, 'tag' || (i / 500) from generate_series(0, 1999) as g(i);
    insert into note select i % 500, 'C-' || (10000 + i) from generate_series(0, 1999) as g(i);
    insert into price select i / 10, date '2025-01-01' + i % 10 * 7
        from generate_series(0, 999) as g(i);
    insert into daily_stat select date '2025-01-01' + i / 3,
        case i % 3 when 0 then 'CH' when 1 then 'DE' else 'FR' end, i
        from generate_series(0, 299) as g(i);
    insert into grid select 'x' || i / 30, 'y' || i % 30 from generate_series(0, 899) as g(i);
    insert into task select i, timestamp '2025-01-01 00:00:00' + i * interval '1 minute'
        from generate_series(0, 999) as g(i)"""


def test_keys_of_several_columns_have_as_many_rows_as_are_there(
    tmp_path: Path, postgres_url: str
) -> None:
    done = _profiled(_read("postgres", KEYS_OF_ROWS, tmp_path, postgres_url))
    assert trial.failures(done.spec, MemoryReader) == []
    domain = compile_domain(done.spec)
    rows = {name: rows_of(domain, name) for name in done.spec.tables}
    assert len(rows["tag"]) == 2000
    assert set(rows["tag"]["tag"].value_counts()["count"]) == {500}
    assert len(rows["note"]) == pytest.approx(2000, rel=0.1)
    assert rows["note"]["code"].str.contains(r"^C-\d{5}$").all()
    assert (rows["price"]["product_id"].n_unique(), len(rows["price"])) == (100, 1000)
    assert set(rows["daily_stat"].group_by("country").len()["len"]) == {100}
    assert set(rows["daily_stat"]["country"]) == {"CH", "DE", "FR"}
    assert rows["daily_stat"]["day"].n_unique() == 100
    assert set(rows["grid"]["x"].value_counts()["count"]) == {30}
    assert done.spec.tables["task"].columns["id"].kind == "sequence"


def test_a_day_has_the_rows_that_differ_on_it(tmp_path: Path, postgres_url: str) -> None:
    schema = _read("postgres", KEYS_OF_ROWS, tmp_path, postgres_url)
    asked = {"daily_stat": Partitions(daily=True)}
    done = imported(schema, "here", Profiler(schema.query), asked=asked)  # type: ignore[arg-type]
    assert trial.failures(done.spec, MemoryReader) == []
    assert done.spec.tables["daily_stat"].rows == 3


def test_a_key_that_allows_one_row_of_a_parent_says_how_many_there_are(tmp_path: Path) -> None:
    ddl = """create table cust (id integer primary key);
        create table part (cust_id integer references cust (id), uid uuid, weight double,
            primary key (cust_id, weight));
        insert into cust select i from range(500) as n(i);
        insert into part select i % 500, uuid(), i + 0.5 from range(2000) as n(i)"""
    done = _profiled(_read("duckdb", ddl, tmp_path, ""))
    assert done.spec.tables["part"].rows.count == 1  # type: ignore[union-attr]
    assert done.tables["part"].notes == [
        "one row for each `cust_id`, so that the key `cust_id, weight` is unique; the source has "
        "about 2,000 rows"
    ]


def _read(kind: str, ddl: str, folder: Path, url: str) -> FoundSchema:
    """The schema of a database in which DDL was executed."""
    if kind == "postgres":
        db = psycopg.connect(url, autocommit=True)
        db.execute(ddl.encode())
        return postgres.read(lambda sql: db.execute(sql.encode()).fetchall(), "a test")
    path = folder / "a.duckdb"
    with duckdb.connect(str(path)) as file:
        file.execute(ddl)
    return duckdb_file.read(path)


def _made(numbers: dict[str, object]) -> tuple[Imported, pl.DataFrame]:
    """The import of a table with columns of numbers, and the rows that it makes."""
    with duckdb.connect() as db:
        db.register("numbers", pl.DataFrame(numbers))
        db.execute("create table t as select * from numbers")
        table = FoundTable(
            "t",
            tuple(FoundColumn(row[0], type_of(row[1], "duckdb")) for row in
                  db.execute("describe t").fetchall()),
            relation="t",
        )  # fmt: skip
        schema = FoundSchema((table,), "a test", query=lambda sql: db.execute(sql).fetchall())
        done = _profiled(schema)
    assert DomainSpec.model_validate(yaml.safe_load(yaml_text(done.spec))) == done.spec
    assert trial.failures(done.spec, MemoryReader) == []
    return done, rows_of(compile_domain(done.spec), "t")


RANDOM = np.random.default_rng(7)
MANY = 10_000


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (RANDOM.lognormal(3, 2, MANY), "lognormal"),
        (RANDOM.lognormal(9, 2.5, MANY).astype(int), "lognormal"),
        (RANDOM.lognormal(3, 1.5, MANY).round(2), "lognormal"),
        ((RANDOM.pareto(1.33, MANY) + 1) * 20, "pareto"),
        (RANDOM.exponential(5, MANY), "exponential"),
        (RANDOM.geometric(0.01, MANY), "exponential"),
        (RANDOM.normal(40, 10, MANY), "normal"),
        (RANDOM.normal(-40, 10, MANY), "normal"),
        (RANDOM.uniform(10, 60, MANY).round(2), "uniform"),
        (RANDOM.uniform(10, 60, MANY).astype(int), "choice"),
    ],
)
def test_the_shape_of_numbers_is_that_of_rows(values: np.ndarray[Any, Any], kind: str) -> None:
    done, made = _made({"x": values})
    assert done.spec.tables["t"].columns["x"].kind == kind
    assert done.tables["t"].decisions["x"].note == ("" if kind == "choice" else FITTED)
    for share in (0.25, 0.5, 0.75):
        measured, again = np.quantile(values, share), np.quantile(made["x"], share)
        assert again == pytest.approx(measured, rel=0.2)
    if kind != "pareto":
        assert made["x"].mean() == pytest.approx(values.mean(), rel=0.3)


def test_a_number_that_many_rows_share_is_made_apart() -> None:
    values = np.where(RANDOM.random(MANY) < 0.8, 0, RANDOM.exponential(50, MANY)).round(2)
    done, made = _made({"x": values})
    column: Any = done.spec.tables["t"].columns["x"]
    assert (column.kind, column.otherwise.kind) == ("switch", "exponential")
    assert (made["x"] == 0).mean() == pytest.approx(0.8, abs=0.02)
    assert made["x"].mean() == pytest.approx(values.mean(), rel=0.2)
    assert "80% of its rows have one value" in done.tables["t"].decisions["x"].note


@pytest.mark.parametrize(
    "values",
    [
        np.where(RANDOM.random(MANY) < 0.02, 1_000_000, RANDOM.integers(0, 100, MANY)),
        np.where(RANDOM.random(MANY) < 0.5, RANDOM.normal(10, 1, MANY), RANDOM.normal(99, 1, MANY)),
        RANDOM.standard_cauchy(MANY) * 10,
    ],
)
def test_a_shape_that_no_distribution_has_is_noted(values: np.ndarray[Any, Any]) -> None:
    done, made = _made({"x": values})
    assert done.tables["t"].decisions["x"].note == NOT_FITTED
    margin = (values.max() - values.min()) / 20
    assert made["x"].is_between(values.min() - margin, values.max() + margin).all()


@pytest.mark.parametrize(
    ("values", "decimals", "different"),
    [
        (RANDOM.uniform(0, 0.0003, MANY), 9, 9000),
        (RANDOM.uniform(0, 0.03, MANY), 8, 9000),
        (RANDOM.uniform(52.4, 52.55, MANY), 7, 9000),
        (RANDOM.uniform(52.4, 52.55, MANY).round(4), 4, 1400),
        (RANDOM.uniform(0.001, 0.999, MANY).round(3), 3, 900),
        (RANDOM.uniform(0, 1e20, MANY), 0, 9000),
        (RANDOM.normal(100, 10, MANY).astype("float32").round(1), 1, 400),
    ],
)
def test_numbers_have_the_decimals_of_rows(
    values: np.ndarray[Any, Any], decimals: int, different: int
) -> None:
    done, made = _made({"x": values})
    column: Any = done.spec.tables["t"].columns["x"]
    assert column.decimals == decimals
    assert made["x"].n_unique() > different


def test_a_number_of_all_rows_is_made_with_all_of_its_decimals() -> None:
    _, made = _made({"pi": [math.pi] * MANY, "few": [0.1 + 0.2] * MANY, "zero": [0.0] * MANY})
    assert made.select("pi", "few", "zero").unique().rows() == [(math.pi, 0.1 + 0.2, 0.0)]


def test_numbers_below_those_of_the_language_are_one_number() -> None:
    done, made = _made({"x": RANDOM.uniform(1e-13, 1e-12, MANY)})
    assert made["x"].n_unique() == 1
    assert made["x"].is_between(1e-13, 1e-12).all()
    assert "more than 9 decimals" in done.tables["t"].decisions["x"].note


@given(st.lists(st.floats(0.001, 1e9), min_size=5, max_size=5), st.booleans())
def test_quantiles_are_rounded_in_their_order(found: list[float], whole: bool) -> None:
    quantiles = sorted(map(int, found) if whole else found)
    rounded = disclosure.rounded_quantiles(quantiles, whole=whole)
    assert list(rounded) == sorted(rounded)
    assert all(isinstance(number, int) for number in rounded) is whole
