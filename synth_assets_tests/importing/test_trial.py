"""What is imported can be made: its rows fulfil every check that blocks, whatever is declared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.given import given
from synth_assets.declarative.compiler import compile_domain
from synth_assets.declarative.model import DomainSpec
from synth_assets.frames.readers import MemoryReader
from synth_assets.importing import trial
from synth_assets.importing.declaration import Imported, imported
from synth_assets.importing.partitioning import asked_partitions
from synth_assets.importing.trial import Failure, failures
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.declarative.conftest import rows_of
from synth_assets_tests.importing.conftest import of_ddl


def _tried(spec: DomainSpec) -> list[Failure]:
    return failures(spec, MemoryReader)


def _imported(
    ddl: str, rows: int | None = None, *asked: str, dialect: str = "postgres"
) -> Imported:
    done = imported(
        of_ddl(ddl, dialect), "made", rows=rows, asked=asked_partitions(asked), attempt=_tried
    )
    assert _tried(done.spec) == []
    return done


def _rows(done: Imported, table: str) -> pl.DataFrame:
    with given("made", {}):
        return rows_of(compile_domain(done.spec), table)


def _warned(done: Imported, table: str) -> set[str]:
    checks = done.spec.tables[table].checks
    return {c.name or f"{c.kind}_{c.column}" for c in checks if c.severity == "warn"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("column", "count"),
    [
        ("k date", 1000), ("k timestamp", 1000), ("k timestamptz", 1000), ("k time", 1000),
        ("k double precision", 1000), ("k numeric(12,2)", 1000), ("k numeric(3,2)", 9),
        ("k boolean", 2), ("k jsonb", 1000), ("k bytea", 1000), ("k uuid", 1000),
        ("k inet", 1000), ("k char(1)", 36), ("k char(2)", 1000), ("k varchar(4)", 1000),
        ("k smallint", 1000), ("k text check (k in ('a', 'b', 'it''s'))", 3),
        ("k int check (k in (3, 5))", 2), ("k int check (k between -5 and -1)", 5),
        ("k bigint check (k > 9223372036854775806)", 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["primary key", "not null unique"])
def test_keys_of_every_type_are_distinct(column: str, count: int, kind: str) -> None:
    done = _imported(f"create table t (other text, {column}, {kind.removeprefix('not null ')} (k))")
    values = _rows(done, "t")["k"]
    assert (len(values), values.drop_nulls().is_duplicated().sum()) == (count, 0)
    if "char" in column:
        assert values.str.len_chars().max() <= int(column.split("(")[1].rstrip(")"))  # type: ignore[operator]
    noted = any("has no more different values" in note for note in done.tables["t"].notes)
    assert noted is (count < 1000)


def test_listed_values_stay_those_of_a_unique_column() -> None:
    done = _imported("create table t (id int primary key, d text unique check (d in ('a', 'b')))")
    assert sorted(_rows(done, "t")["d"]) == ["a", "b"]
    assert [check.kind for check in done.spec.tables["t"].checks] == ["accepted"]


@pytest.mark.parametrize("kind", ["primary key", "unique"])
def test_a_small_type_limits_the_rows(kind: str) -> None:
    done = _imported(f"create table t (x int, k smallint not null {kind})", 100_000)
    assert done.spec.tables["t"].rows == 32_767


def test_rows_of_a_parent_with_too_few_unique_values_warn() -> None:
    done = _imported("""
        create table p (id int primary key);
        create table t (p_id int references p, no int, u char(1) unique, primary key (p_id, no));
    """)
    assert _warned(done, "t") == {"u_unique"}


def test_numbers_stay_in_the_range_of_their_type() -> None:
    done = _imported(
        """create table t (id int primary key, pct decimal(3,2) not null, flag tinyint(1) not null,
            small tinyint not null, duration tinyint unsigned not null, seconds tinyint not null,
            n smallint unsigned not null, f float unsigned not null)""",
        dialect="mysql",
    )
    rows = _rows(done, "t")
    assert rows.schema["flag"] == pl.Boolean
    assert rows["pct"].max() <= 9.99  # type: ignore[operator]
    for name, low, high in (
        ("small", -128, 127), ("duration", 0, 255), ("seconds", -128, 127), ("n", 0, 65_535),
    ):  # fmt: skip
        assert rows[name].is_between(low, high).all()
    assert (rows["f"] >= 0).all()


@pytest.mark.parametrize(
    ("column", "low", "high", "different"),
    [
        ("q double precision check (q between 0.001 and 0.002)", 0.001, 0.002, 500),
        ("ratio double precision check (ratio between 0.9990 and 0.9999)", 0.999, 0.9999, 500),
        ("b real check (b > 0.5 and b < 0.504)", 0.500001, 0.503999, 500),
        ("q numeric check (q > 0 and q < 0.005)", 0.000001, 0.004999, 500),
        ("q numeric check (q > 0 and q < 0.005 and q <> 9)", 0.000001, 0.004999, 500),
        ("q numeric(6,4) check (q > 0 and q < 0.005)", 0.0001, 0.0049, 40),
        ("q double precision check (q > 0 and q <= 0.00001)", 1e-9, 0.00001, 500),
        ("q double precision check (q between 3.14159 and 3.14159)", 3.14159, 3.14159, 1),
        ("q double precision check (q > 1e-12 and q < 2e-12)", 1.1e-12, 1.9e-12, 1),
        ("q double precision check (q > 1e20 and q < 2e20)", 1e20, 2e20, 900),
        ("q double precision check (q > 5)", 5.000001, 1e6, 500),
        ("lat double precision", -60, 70, 990),
        ("ratio double precision", 0, 1, 900),
        ("rate real check (rate between 0.01 and 0.011)", 0.01, 0.011, 500),
    ],
)
def test_numbers_fill_the_bounds_of_their_column(
    column: str, low: float, high: float, different: int
) -> None:
    done = _imported(f"create table t (id int primary key, {column} not null)")
    name = column.split()[0]
    values = _rows(done, "t")[name].cast(pl.Float64)
    assert values.is_between(low, high).all()
    assert values.n_unique() >= different
    assert _warned(done, "t") <= {f"{name}_condition"}


def test_bounds_that_are_not_allowed_are_as_strict_as_declared() -> None:
    done = _imported("""
        create table t (id int primary key, a double precision check (a > 0),
            b real check (b > 0.5 and b <= 0.504), c numeric check (c < 0.005),
            "Order" double precision check ("Order" > -1), d numeric(6,2) check (d > 0));
    """)
    checks: Any = {check.name or check.column: check for check in done.spec.tables["t"].checks}  # type: ignore[union-attr]
    assert {name: check.sql for name, check in checks.items() if check.kind == "expression"} == {
        "range_a": "a > 0", "range_b": "b > 0.5 AND b <= 0.504", "range_c": "c < 0.005",
        "range_Order": '"Order" > -1',
    }  # fmt: skip
    assert checks["d"].low == 0.01


def test_declared_bounds_come_before_those_of_a_name() -> None:
    done = _imported("""
        create table t (id int primary key,
            probability numeric(3,0) not null check (probability between 0 and 100),
            score float not null check (score between 0 and 100));
    """)
    rows = _rows(done, "t")
    assert rows["probability"].n_unique() > 50
    assert rows["score"].max() > 50  # type: ignore[operator]


@pytest.mark.parametrize(
    ("column", "warned"),
    [
        ("q bigint check (q > 9223372036854775806)", {"range_q"}),
        ("q numeric(30,0) check (q > 99999999999999999999999)", {"range_q"}),
        ("q int check (q > 10 and q < 5)", {"range_q_high"}),
        ("q numeric(5,2) check (q < 0 and q > 3)", {"range_q_high"}),
        ("q text check (q in ('a') and q in ('b'))", {"q_condition"}),
        ("q int check (q in (3)) check (q > 7)", {"range_q"}),
        ("q int check (q in (1, 'x'))", set()),
        ("q int check (q in ('x'))", set()),
    ],
)
def test_contradictory_conditions_warn(column: str, warned: set[str]) -> None:
    done = _imported(f"create table t (id int primary key, {column})")
    assert _warned(done, "t") == warned
    assert any("warns" in note for note in done.tables["t"].notes) is bool(warned)


def test_times_in_a_circle_warn() -> None:
    done = _imported("""
        create table t (id int primary key, a date, b date, c date,
            check (a < b), check (b < c), check (c < a));
    """)
    assert len(_warned(done, "t")) == 3


@pytest.mark.parametrize(
    "formulas",
    [
        "a int generated always as (b + 1) stored, b int generated always as (a + 1) stored",
        "a int generated always as (id || 'x') stored",
        "a date generated always as (id) stored",
        "a int generated always as (nowhere + 1) stored",
        "a smallint generated always as (e * e) stored, e int not null check (e > 300)",
        "a int generated always as (sum(id)) stored",
    ],
)
def test_a_formula_that_cannot_be_computed_is_left_out_and_noted(formulas: str) -> None:
    done = _imported(f"create table t (id int primary key, {formulas})")
    assert done.spec.tables["t"].columns["a"].kind != "expression"
    assert any("of `a` left out" in note for note in done.tables["t"].notes)


def test_a_parent_has_a_value_wherever_others_refer_to_it() -> None:
    done = _imported("""
        create table p (id int primary key, name text not null, code text unique);
        create table t (id int primary key, c text not null references p (code));
    """)
    assert _rows(done, "p")["code"].null_count() == 0
    assert "column `p.code` has a value in every row, since others refer to it" in done.schema.notes


@pytest.mark.parametrize(
    "ddl",
    [
        "create table a (id int primary key, p int not null unique references a (id))",
        """create table b (id int primary key);
           create table a (id int primary key references b (id));
           alter table b add foreign key (id) references a (id)""",
        """create table b (x int, y int, primary key (x, y));
           create table a (x int, y int, primary key (x, y),
               foreign key (x, y) references b (x, y));
           alter table b add foreign key (x, y) references a (x, y)""",
        """create table b (x int, y int, ax int, ay int, primary key (x, y));
           create table a (x int, y int, primary key (x, y),
               foreign key (x, y) references b (x, y));
           alter table b add foreign key (ax, ay) references a (x, y)""",
        """create table b (id uuid primary key, a_id uuid);
           create table a (id uuid primary key, b_id uuid not null references b (id));
           alter table b add foreign key (a_id) references a (id)""",
    ],
)
def test_references_in_a_circle_can_be_made(ddl: str) -> None:
    done = _imported(ddl)
    assert any("is no declared reference" in n for t in done.tables.values() for n in t.notes)


SALES = """
create table account (id varchar(18) primary key, ownerid varchar(18) references usr (id));
create table contact (id varchar(18) primary key, accountid varchar(18) references account (id),
    ownerid varchar(18) references usr (id));
create table usr (id varchar(18) primary key, contactid varchar(18) references contact (id));
"""


def test_a_cycle_is_cut_once_and_what_is_cut_joins() -> None:
    done = _imported(SALES)
    kinds = {
        f"{name}.{column}": spec.kind
        for name, table in done.spec.tables.items()
        for column, spec in table.columns.items()
        if column not in ("id", "contactid_no")
    }
    assert kinds == {
        "account.ownerid": "reference", "contact.accountid": "reference",
        "contact.ownerid": "reference", "usr.contactid": "expression",
    }  # fmt: skip
    users, contacts = _rows(done, "usr"), _rows(done, "contact")
    assert users.join(contacts, left_on="contactid", right_on="id", how="anti").is_empty()
    assert users["contactid"].n_unique() > 10


def test_no_reference_is_cut_that_is_in_no_cycle() -> None:
    """Cutting a.c alone is enough, although a → b → a is found first."""
    done = _imported("""
        create table a (id int primary key, b int references b (id), c int references c (id));
        create table b (id int primary key, a int references a (id));
        create table c (id int primary key, b int references b (id), a int not null references a);
    """)
    cut = [note for table in done.tables.values() for note in table.notes if "would close" in note]
    graph = {
        name: {c.to for c in table.columns.values() if c.kind == "reference"}
        for name, table in done.spec.tables.items()
    }
    assert len(cut) == 2
    assert sum(map(len, graph.values())) == 3


@pytest.mark.parametrize("how", ["t=daily", "t=shards:3"])
def test_partitioned_tables_are_tried_too(how: str) -> None:
    ddl = "create table t (id int primary key, at timestamp not null, u char(3) unique, q int)"
    assert _imported(ddl, 300, how).spec.tables["t"].partitioning.kind in ("daily", "sharded")


def test_a_daily_table_with_the_day_as_its_key_has_a_row_a_day() -> None:
    done = _imported("create table t (day date primary key, x int)", 300, "t=daily")
    assert done.spec.tables["t"].rows == 1


def test_a_table_without_any_rule_can_be_made() -> None:
    done = _imported("create table t (x text, y int)")
    assert len(_rows(done, "t")) == 1000


def test_a_reference_without_a_value_has_none_of_a_unique_column() -> None:
    """The row number of its parent is null, and the parent's column is a bijection of numbers."""
    done = _imported("""
        create table p (id int primary key, name text not null, code char(3) not null unique);
        create table t (id int primary key, at date not null, c char(3) references p (code));
    """)
    values = _rows(done, "t")["c"]
    assert 50 < values.null_count() < 150
    assert values.drop_nulls().is_in(_rows(done, "p")["code"].implode()).all()


def test_a_table_that_cannot_be_made_is_an_error_and_nothing_is_written(
    synth: Synth, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, folder = tmp_path / "s.sql", tmp_path / "to"
    source.write_text("create table t (id int primary key)")
    always = [Failure("t", "check", "primary_key")]
    monkeypatch.setattr("synth_assets.cli.import_.failures", lambda spec, reader: always)
    done = synth("import", source, "--to", folder)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "table t cannot be made: its rows do not fulfil primary_key (id)" in done.err
    assert not folder.exists()


def test_the_trial_finds_what_rows_do_not_fulfil() -> None:
    spec = _imported("create table t (id int primary key, n int)").spec
    table = spec.tables["t"]
    columns = {**table.columns, "id": table.columns["n"].model_copy(update={"primary_key": True})}
    broken = spec.model_copy(
        update={"tables": {"t": table.model_copy(update={"columns": columns})}}
    )
    assert trial.failures(broken, MemoryReader) == [Failure("t", "check", "primary_key")]
    unknown = {
        **table.columns,
        "n": table.columns["n"].model_copy(update={"type": "decimal(50,2)"}),
    }
    wrong = spec.model_copy(update={"tables": {"t": table.model_copy(update={"columns": unknown})}})
    assert trial.failures(wrong, MemoryReader) == [Failure("t", "column", "n")]


@pytest.mark.parametrize(
    ("dialect", "column", "fields"),
    [
        ("postgres", "id int generated always as identity (start with 1000 increment by 10)",
         (1000, 10)),
        ("postgres", "id int generated by default as identity (sequence name s start with 5)",
         (5, 1)),
        ("tsql", "id int identity(100,5)", (100, 5)),
        ("snowflake", "id int autoincrement start 100 increment 5", (100, 5)),
        ("oracle", "id number(9) generated always as identity start with 7", (7, 1)),
        ("mysql", "id int auto_increment", (500, 1)),
        ("postgres", "id int generated always as identity", (1, 1)),
        # No rows fit between the first number and the end of the type.
        ("postgres", "id smallint generated always as identity (start with 32760)", (1, 1)),
    ],
)  # fmt: skip
def test_rows_are_numbered_as_the_source_numbers_them(
    dialect: str, column: str, fields: tuple[int, int]
) -> None:
    option = "auto_increment = 500" if dialect == "mysql" else ""
    done = _imported(f"create table t ({column} primary key, n int) {option}", dialect=dialect)
    key = done.spec.tables["t"].columns["id"]
    assert (key.start, key.step) == fields  # type: ignore[union-attr]
    note = done.tables["t"].decisions["id"].note
    assert note == ("its numbers are not those of the source" if "32760" in column else "")


def test_a_column_is_given_an_identity_later() -> None:
    done = _imported("""
        create table t (id bigint not null, n int);
        alter table only t add constraint t_pkey primary key (id);
        alter table t alter column id add generated by default as identity (
            sequence name public.t_id_seq start with 42 increment by 2 no minvalue cache 1
        );
    """)
    assert _rows(done, "t")["id"].sort().to_list()[:3] == [42, 44, 46]


def test_mysql_changes_the_first_number_later() -> None:
    text = "create table t (id int, n int); alter table t add primary key (id); "
    text += "alter table t modify id int not null auto_increment, auto_increment=42"
    done = _imported(text, dialect="mysql")
    assert _rows(done, "t")["id"].min() == 42


def test_a_row_without_one_before_it_is_reported() -> None:
    done = _imported("create table t (id int primary key, parent_id int not null references t)")
    assert _rows(done, "t")["parent_id"].null_count() == 1
    assert done.tables["t"].notes == [
        "`parent_id` has no value in the first row, though it is never null in the source: no "
        "row is before it"
    ]


def test_the_trial_refuses_a_domain_that_cannot_be_opened() -> None:
    spec = _imported("create table t (id int primary key)").spec
    with pytest.raises(UserError, match=r"cannot be called 'temp'.*; nothing was written"):
        trial.failures(spec.model_copy(update={"domain": "temp"}), MemoryReader)


@pytest.mark.parametrize(
    ("column", "first", "last"),
    [
        ("d date not null check (d between '2020-01-01' and '2020-12-31')", "2020-01-01",
         "2020-12-31"),
        ("d date not null check (d > '2020-01-01' and d < date '2020-01-04')", "2020-01-02",
         "2020-01-03"),
        ("d date check (d is null or d between '2020-01-01' and '2020-12-31')", "2020-01-01",
         "2020-12-31"),
        ("d date not null check (d >= '2030-05-05')", "2030-05-05", "2031-05-05"),
        ("d date not null check (d <= '2019-01-01')", "2018-01-01", "2019-01-01"),
        ("d date not null check ('2025-06-01' < d)", "2025-06-02", "2026-01-01"),
        ("d date not null check (d = '2025-06-01')", "2025-06-01", "2025-06-01"),
        ("d timestamp not null check (d > '2020-03-01 12:00' and d <= '2020-03-05')",
         "2020-03-02", "2020-03-05"),
        ("d timestamptz not null check (d between '2020-03-01 00:00+02' and '2020-03-05')",
         "2020-03-01", "2020-03-05"),
    ],
)  # fmt: skip
def test_times_are_within_declared_bounds(column: str, first: str, last: str) -> None:
    done = _imported(f"create table t (id int primary key, {column})")
    assert _warned(done, "t") == set()
    assert not any("no generator" in note for note in done.tables["t"].notes)
    days = _rows(done, "t")["d"].drop_nulls().cast(pl.Date)
    assert days.is_between(date.fromisoformat(first), date.fromisoformat(last)).all()
    assert (days.max() - days.min()).days >= (days.n_unique() > 1)  # type: ignore[operator,union-attr]
    span = date.fromisoformat(last) - date.fromisoformat(first)
    assert (days.max() - days.min()) >= 0.5 * span  # type: ignore[operator]


def test_a_condition_on_a_value_or_null_is_one_on_the_value() -> None:
    done = _imported("""
        create table t (id int primary key,
            st text check (st in ('a', 'b') or st is null),
            n int check (n is null or n between 1 and 5),
            m int check ((m >= 1 and m <= 5) or m is null),
            o int check (o is null or coalesce(o, 0) > 3));
    """)
    columns: Any = done.spec.tables["t"].columns
    assert columns["st"].values == ["a", "b"]
    assert [(columns[c].low, columns[c].high) for c in "nm"] == [(1, 5)] * 2
    assert all(c.kind != "expression" or "COALESCE" in c.sql for c in done.spec.tables["t"].checks)


def test_what_happens_to_people_is_years_after_their_birth() -> None:
    done = _imported("""
        create table staff (id int primary key, birth_date date not null,
            hire_date date not null check (hire_date > birth_date),
            death_date date, retired_on date, child_birth_date date,
            check (death_date is null or death_date > birth_date),
            check (retired_on > hire_date), check (child_birth_date > birth_date));
    """)
    rows = _rows(done, "staff")
    years = {
        name: (rows[name] - rows["birth_date"]).drop_nulls().dt.total_days() / 365
        for name in ("hire_date", "death_date", "child_birth_date")
    }
    assert all(found.min() > 16 for found in years.values())  # type: ignore[operator]
    assert years["hire_date"].max() < 90  # type: ignore[operator]
    assert rows["hire_date"].max() < date(2027, 1, 1)  # type: ignore[operator]
    assert rows["death_date"].null_count() > 0.8 * len(rows)
    retired = (rows["retired_on"] - rows["hire_date"]).drop_nulls()
    assert retired.dt.total_days().min() > 365  # type: ignore[operator]
    assert _warned(done, "staff") == set()


def test_the_latest_time_is_after_the_first() -> None:
    done = _imported("""
        create table users (id int primary key, created_at timestamp not null,
            last_login timestamp, last_order_date date);
    """)
    columns: Any = done.spec.tables["users"].columns
    assert {columns[name].than for name in ("last_login", "last_order_date")} == {"created_at"}


def test_scores_and_arrays_that_are_whole_or_of_a_length() -> None:
    done = _imported(
        """create table t (id int primary key, score tinyint not null, rate int not null,
            a int[3] not null, b int[] not null, c union(n int, s varchar) not null)""",
        dialect="duckdb",
    )
    rows = _rows(done, "t")
    assert rows["score"].n_unique() > 50
    assert rows["rate"].max() == 100
    assert rows.select("a", "b", "c").unique().rows() == [("[NULL, NULL, NULL]", "[]", "{}")]


@pytest.mark.parametrize(
    ("dialect", "formula", "expected"),
    [
        ("postgres", "a / 60", lambda a: int(a / 60)),
        ("postgres", "(a * 77) / 1000 + 1", lambda a: int(a * 77 / 1000) + 1),
        ("postgres", "a / 7 / 3", lambda a: int(int(a / 7) / 3)),
        ("postgres", "7000 / (a / 2)", lambda a: int(7000 / int(a / 2))),
        ("postgres", "coalesce(a, 0) / 60", lambda a: int(a / 60)),
        ("postgres", "a / 8.0", lambda a: a / 8),
        ("postgres", "a::numeric / 8", lambda a: a / 8),
        ("postgres", "n / 8", lambda n: n / 8),
        ("tsql", "a / 60", lambda a: int(a / 60)),
        ("sqlite", "a / 60", lambda a: int(a / 60)),
        ("duckdb", "a // 60", lambda a: int(a / 60)),
        ("duckdb", "a / 8", lambda a: a / 8),
        ("mysql", "a div 60", lambda a: int(a / 60)),
        ("mysql", "a / 8", lambda a: a / 8),
        ("oracle", "a / 8", lambda a: a / 8),
    ],
)
def test_whole_numbers_are_divided_as_the_dialect_divides_them(
    dialect: str, formula: str, expected: Callable[[int], float]
) -> None:
    done = _imported(
        f"""create table t (id int primary key, a int not null check (a between -999 and -4),
            n numeric(9, 0) not null, f numeric(12, 4) generated always as ({formula}) stored)""",
        dialect=dialect,
    )
    rows = _rows(done, "t")
    operand = "n" if formula.startswith("n") else "a"
    assert list(map(float, rows["f"])) == [round(expected(each), 4) for each in rows[operand]]


def test_conditions_divide_whole_numbers_as_the_database_does() -> None:
    done = _imported(
        "create table t (id int primary key, a int not null, check (a / 60 * 60 <= a))"
    )
    [check] = done.spec.tables["t"].checks
    assert check.sql == "CAST((a - a % 60) / 60 AS BIGINT) * 60 <= a"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["primary_key", "PRIMARY_KEY", "row"])
def test_a_column_with_a_name_that_none_can_have_gets_another(name: str) -> None:
    done = _imported(f'create table o (id int primary key, "{name}" int not null)')
    assert list(done.spec.tables["o"].columns) == ["id", f"{name}_2"]
    assert f"column `o.{name}` is `{name}_2` here" in done.schema.notes


@pytest.mark.parametrize(
    ("dialect", "kind", "expected"),
    [
        ("postgres", "real", "real"), ("postgres", "float4", "real"),
        ("postgres", "float", "double"), ("postgres", "double precision", "double"),
        ("duckdb", "float", "real"), ("mysql", "float", "real"), ("mysql", "float(53)", "double"),
        ("clickhouse", "Float32", "real"), ("clickhouse", "Float64", "double"),
        ("sqlite", "real", "double"), ("tsql", "float", "double"),
        ("bigquery", "float64", "double"), ("snowflake", "float", "double"),
    ],
)  # fmt: skip
def test_floats_have_as_many_bytes_as_in_the_source(dialect: str, kind: str, expected: str) -> None:
    done = _imported(f"create table t (id int primary key, x {kind})", dialect=dialect)
    assert done.spec.tables["t"].columns["x"].type == expected


@pytest.mark.parametrize("check", ["between 0.1 and 0.3", "in (0.1, 0.7)", "= 0.3", ">= 1e9"])
def test_floats_of_four_bytes_are_within_their_bounds(check: str) -> None:
    done = _imported(f"create table t (id int primary key, x real not null check (x {check}))")
    assert _rows(done, "t")["x"].dtype == pl.Float32
    assert not _warned(done, "t")


def test_unique_floats_of_four_bytes_are_whole_numbers_that_they_have() -> None:
    done = _imported("create table t (x real primary key)", 2**24 + 1000)
    assert done.spec.tables["t"].rows == 2**24


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("datediff(day, [Began], [Ended])", "bigint"), ("getdate()", "timestamp"),
        ("eomonth([Began])", "date"), ("[Count] & 1", "bigint"),
        ("json_value([Name], '$.x')", "text"), ("[Count] * 2", None),
    ],
)  # fmt: skip
def test_a_formula_that_is_left_out_says_the_type_of_its_column(
    formula: str, expected: str | None
) -> None:
    done = _imported(
        f"""create table t (id int primary key, [Count] int not null, [Name] varchar(20) not null,
            [Began] date not null, [Ended] date not null, result as ({formula}))""",
        dialect="tsql",
    )
    column = done.spec.tables["t"].columns["result"]
    is_left_out = any("of `result` left out" in note for note in done.tables["t"].notes)
    assert is_left_out is (expected is not None)
    assert (column.kind == "expression") is not is_left_out
    if is_left_out:
        assert (column.type or "text") == expected


def test_bounds_of_a_column_whose_formula_is_left_out_are_its_own() -> None:
    done = _imported(
        """create table t (id int primary key, began date not null, ended date not null,
            days as (datediff(day, began, ended)), check (days between 0 and 40))""",
        dialect="tsql",
    )
    assert _rows(done, "t")["days"].drop_nulls().is_between(0, 40).all()


def test_a_formula_or_condition_that_no_other_dialect_reads_is_left_out() -> None:
    done = _imported(
        """create table t (id int primary key, a int, c int, b as (@@spid),
            check (a > @@spid and a < c))""",
        dialect="tsql",
    )
    assert len([note for note in done.schema.notes if "it cannot be read" in note]) == 2
    assert [check.kind for check in done.spec.tables["t"].checks] == ["expression"]
