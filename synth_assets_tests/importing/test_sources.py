"""Every kind of source says the same of the same tables."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import yaml

from synth_assets.contracts import odcs as written
from synth_assets.contracts.place import Place
from synth_assets.core.errors import UserError
from synth_assets.core.given import given
from synth_assets.core.schema import columns_of
from synth_assets.declarative.compiler import compile_domain
from synth_assets.domains import load_domains
from synth_assets.frames.readers import MemoryReader
from synth_assets.importing import (
    dbt_files,
    dbt_manifest,
    duckdb_file,
    files,
    odcs,
    postgres,
    texts,
    trial,
)
from synth_assets.importing.declaration import imported
from synth_assets.importing.found import FoundSchema, FoundTable, Kind, Query
from synth_assets.importing.identifiers import identified
from synth_assets.importing.profiling import Profiler
from synth_assets.importing.report import report
from synth_assets.importing.sources import Options, read
from synth_assets.importing.yaml_text import yaml_text
from synth_assets.orchestration.shipped import DBT_PROJECT, PROJECT
from synth_assets_tests.dbt.runner import run_dbt
from synth_assets_tests.declarative.conftest import rows_of
from synth_assets_tests.importing.conftest import SHOP, of_ddl

BILLING = PROJECT / "examples/billing/dbt_project"


def _plain(tables: tuple[FoundTable, ...]) -> dict[tuple[str, str], FoundTable]:
    """The tables without what differs between sources: spelling of types, schemas, order."""
    return {
        # Two schemas may have a table of the same name.
        (t.name, t.doc): replace(
            t,
            schema="",
            relation="",
            columns=tuple(replace(c, type=replace(c.type, spelled="")) for c in t.columns),
            references=tuple(replace(r, parent_schema="") for r in t.references),
        )
        for t in tables
    }


def test_ddl_postgres_and_duckdb_agree(shop_duckdb: Path, shop_postgres: Query) -> None:
    from_ddl = _plain(of_ddl(SHOP).tables)
    assert _plain(postgres.read(shop_postgres, "a test").tables) == from_ddl
    # DuckDB does not keep how long a text may be.
    unlimited = {
        name: replace(
            table,
            columns=tuple(replace(c, type=replace(c.type, length=None)) for c in table.columns),
        )
        for name, table in from_ddl.items()
    }
    assert _plain(duckdb_file.read(shop_duckdb).tables) == unlimited


def test_ddl_says_all_that_it_has() -> None:
    customers, orders, lines = of_ddl(SHOP).tables
    assert (customers.doc, customers.column("tier").doc) == (
        "Someone's record.",
        "What was bought.",
    )
    assert customers.column("tier").values == ("basic", "gold")
    assert customers.column("Zip Code").type.length == 5
    balance = customers.column("balance")
    assert (balance.low, balance.high, balance.high_open) == (0, 1000, True)
    assert (balance.type.kind, balance.type.precision, balance.type.scale) == (Kind.DECIMAL, 10, 2)
    assert customers.column("email").unique
    assert orders.column("status").values == ("open", "paid")
    assert orders.references[0].columns == ("customer_id",)
    assert orders.checks == ('"paid_at" >= "ordered_at"',)
    assert lines.primary_key == ("order_id", "line")


INDEXED = """
create schema s;
create table t (id integer primary key, a integer, b integer, c text, d integer unique, e text);
create table s.t (a integer, "C d" text);
create unique index u1 on t (a);
create unique index u2 on t (a, b);
create unique index u3 on t (lower(c));
create index u4 on t (e);
create unique index u5 on s.t ("C d");
"""
# What PostgreSQL alone has of indexes.
OF_POSTGRES = """
create unique index u6 on t (c text_pattern_ops) include (b);
create unique index u7 on t (b) where a > 3;
create unique index u8 on s.t (a) where a is not null;
alter table t add constraint x exclude using btree (b with =);
"""
UNREAD_INDEX = "table `t`: unique index `u3` left out: it is of expressions or of some rows"


def _uniques(schema: FoundSchema) -> dict[tuple[str, str], list[tuple[str, ...]]]:
    return {
        (t.schema.replace("public", "main") or "main", t.name): [
            *((column.name,) for column in t.columns if column.unique),
            *t.uniques,
        ]
        for t in schema.tables
    }


def test_unique_indexes_are_read_from_every_source(tmp_path: Path, postgres_url: str) -> None:
    expected = {("main", "t"): [("a",), ("d",), ("a", "b")], ("s", "t"): [("C d",)]}
    from_ddl = of_ddl(INDEXED)
    assert (_uniques(from_ddl), [*from_ddl.notes][:1]) == (expected, [UNREAD_INDEX])
    path = tmp_path / "indexed.duckdb"
    with duckdb.connect(str(path)) as file:
        file.execute(INDEXED)
    from_duckdb = duckdb_file.read(path)
    assert (_uniques(from_duckdb), from_duckdb.notes) == (expected, [UNREAD_INDEX])
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(INDEXED)

        def query(sql: str) -> list[tuple[Any, ...]]:
            return db.execute(sql.encode()).fetchall()

        assert _uniques(postgres.read(query, "a test")) == expected
        db.execute(OF_POSTGRES.encode())
        found = postgres.read(query, "a test")
        assert _uniques(found) == {
            ("main", "t"): [("a",), ("c",), ("d",), ("a", "b")],
            ("s", "t"): [("a",), ("C d",)],
        }
        assert sorted(found.notes) == [
            "table `t`: an exclusion constraint left out",
            UNREAD_INDEX,
            UNREAD_INDEX.replace("u3", "u7"),
        ]  # fmt: skip
        assert len(postgres.read(query, "a test", "s").notes) == 0


def test_later_statements_count() -> None:
    schema = of_ddl("""
        create table a (id int, b_id int, code text);
        create table b (id int, x int generated always as (id + 1) stored);
        alter table only b add constraint pk primary key (id);
        alter table a add constraint fk foreign key (b_id) references b (id);
        create unique index on a (code);
        create unique index on a (b_id) where code is not null;
        grant select on a to someone;
        create view v as select 1;
    """)
    a, b = schema.tables
    assert b.primary_key == ("id",)
    assert b.column("x").formula == '"id" + 1'
    assert a.references[0].parent == "b"
    assert (a.column("code").unique, a.column("b_id").unique) == (True, False)
    assert schema.notes == [
        "table `a`: unique index left out: it is of expressions or of some rows",
        "1 × `create view` left out",
        "1 × `grant` left out",
    ]


@pytest.mark.parametrize(
    ("dialect", "text", "kinds"),
    [
        ("mysql", "create table t (a tinyint, b enum('x','y'), c datetime, d json)", "IXSJ"),
        ("snowflake", "create table t (a number(38,0), b number(10,2), c variant)", "IDJ"),
        ("bigquery", "create table t (a int64, b array<string>, c timestamp, d bytes)", "IOTB"),
        ("tsql", "create table [t] (a bit, b nvarchar(max), c uniqueidentifier)", "?XU"),
        ("postgres", "create table t (a citext, b inet, c interval, d text[])", "XOOO"),
    ],
)
def test_types_of_dialects(dialect: str, text: str, kinds: str) -> None:
    letters = {
        "I": Kind.INTEGER, "D": Kind.DECIMAL, "X": Kind.TEXT, "J": Kind.JSON, "O": Kind.OTHER,
        "S": Kind.TIMESTAMP, "T": Kind.TIMESTAMP_TZ, "B": Kind.BINARY, "U": Kind.UUID,
        "?": Kind.BOOLEAN,
    }  # fmt: skip
    (table,) = of_ddl(text, dialect).tables
    assert [column.type.kind for column in table.columns] == [letters[k] for k in kinds]


def test_descriptions_domains_and_unread_tables() -> None:
    (orders,) = of_ddl(
        'create table `p.d.orders` (id int64 options(description="The id")) '
        'options(description="Orders")',
        "bigquery",
    ).tables
    assert (orders.doc, orders.column("id").doc) == ("Orders", "The id")

    schema = of_ddl("""
        create domain public.price as numeric(8, 2) check (value > 0);
        create table a (p public.price);
        create table b (check (1 > 0));
        comment on table public.a is 'A';
    """)
    (a,) = schema.tables
    assert (a.doc, a.column("p").type.kind, a.column("p").type.scale) == ("A", Kind.DECIMAL, 2)
    assert schema.notes == ["table `b` left out: it has no columns with types"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("create table a (b int", "here line 1: not SQL of the dialect postgres"),
        ("create table a (b int); create table A (c int)", "table a is created twice"),
    ],
)
def test_wrong_ddl_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        of_ddl(text)


def test_an_unknown_dialect_names_those_that_are_known() -> None:
    with pytest.raises(UserError, match=r"unknown dialect 'duckdbs'.*did you mean 'duckdb'"):
        of_ddl(SHOP, "duckdbs")


def test_types_that_sql_is_not_read_for_are_others(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("create table odd (a bit varying(5), b interval day to second, c bit(3))")
        [odd] = postgres.read(lambda sql: db.execute(sql.encode()).fetchall(), "here").tables
    assert [column.type.kind for column in odd.columns] == [Kind.OTHER] * 3


def test_the_conditions_of_a_domain_are_read_from_a_catalog(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("""
            create domain posint as int check (value > 0);
            create domain "Small One" as posint not null check (value < 10);
            create domain bits as bit varying(5);
            create table t (a posint, "from" "Small One", b bits);
        """)
        [table] = postgres.read(lambda sql: db.execute(sql.encode()).fetchall(), "here").tables
    a, small, bits = table.columns
    assert (a.low, a.high, a.nullable) == (0, None, True)
    assert (small.low, small.high, small.nullable) == (0, 10, False)
    assert (a.type.kind, bits.type.kind) == (Kind.INTEGER, Kind.OTHER)


def test_a_reference_is_to_the_schema_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "two.sql"
    path.write_text("""
        create table s1.a (id int primary key);
        create table s2.a (id int primary key);
        create table s2.b (id int primary key, x int references s1.a (id));
        create table s2.c (id int primary key, x int references s2.a (id));
        create table s2.d (id int primary key, x int references a (id));
    """)
    found = identified(read(str(path), Options(schema="s2"), lambda url: pytest.fail("no address")))
    parents = {table.name: [r.parent for r in table.references] for table in found.tables}
    assert parents == {"a": [], "b": [], "c": ["a"], "d": ["a"]}
    assert "reference of `b.x` to `a` left out: there is no such table" in found.notes


def test_duckdb_has_references_to_the_own_table_and_computed_columns(tmp_path: Path) -> None:
    path = tmp_path / "staff.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute('create schema "My Schema"')
        for name in ("staff", '"My Schema"."The Staff"'):
            db.execute(
                f"create table {name} (id int primary key, boss_id int references {name} (id),"
                '"double" int generated always as (id * 2))'
            )
    for table in duckdb_file.read(path).tables:
        [reference] = table.references
        assert (reference.columns, reference.parent) == (("boss_id",), table.name)
        assert table.column("double").formula == '("id" * 2)'


def test_files_are_tables_with_types(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,name,born\n1,A,2000-01-01\n")
    (tmp_path / "visits").mkdir()
    for part in (1, 2):
        target = tmp_path / f"visits/{part}.parquet"
        duckdb.sql(f"copy (select {part}::bigint as id, 1.5 as cost) to '{target}'")
    schema = files.read(tmp_path)
    people, visits = schema.tables
    assert [(c.name, c.type.kind) for c in people.columns] == [
        ("id", Kind.INTEGER), ("name", Kind.TEXT), ("born", Kind.DATE),
    ]  # fmt: skip
    assert schema.query is not None
    assert schema.query(f"select count(*) from {visits.relation}") == [(2,)]


@pytest.mark.parametrize("end", ["parquet", "csv"])
@pytest.mark.parametrize("below", ["", "events"])
def test_folders_that_are_partitions_are_one_table(tmp_path: Path, end: str, below: str) -> None:
    root = tmp_path / "shop"
    for person, year in (("alice_meier", 2024), ("bob_kunz", 2025)):
        folder = root / below / f"customer={person}" / f"year={year}"
        folder.mkdir(parents=True)
        rows = "select i as id, 'x' || i as label from range(30) as n(i)"
        duckdb.sql(f"copy ({rows}) to '{folder}/part.{end}'")
    schema = files.read(root)
    [table] = schema.tables
    assert table.name == (below or "shop")
    assert [(c.name, c.type.kind) for c in table.columns] == [
        ("id", Kind.INTEGER), ("label", Kind.TEXT), ("customer", Kind.TEXT), ("year", Kind.INTEGER),
    ]  # fmt: skip
    assert schema.query is not None
    counted = f"select customer, count(*) from {table.relation} group by all order by all"
    assert schema.query(counted) == [("alice_meier", 30), ("bob_kunz", 30)]
    for k, copied in ((20, True), (40, False)):
        done = imported(schema, "shop", Profiler(schema.query, k))
        text = yaml_text(done.spec) + report(done, k)
        assert ("alice_meier" in text) is copied


def test_a_folder_is_no_column_where_others_are_none(tmp_path: Path) -> None:
    (tmp_path / "country=CH").mkdir()
    (tmp_path / "events/country=DE").mkdir(parents=True)
    for place in ("country=CH/a", "events/country=DE/a", "events/b"):
        duckdb.sql(f"copy (select 1 as id) to '{tmp_path}/{place}.parquet'")
    events, whole = files.read(tmp_path).tables
    assert [c.name for c in events.columns] == ["id"]
    assert (whole.name, [c.name for c in whole.columns]) == (tmp_path.name, ["id", "country"])
    alone = files.read(tmp_path / "country=CH/a.parquet").tables[0]
    assert [c.name for c in alone.columns] == ["id"]


def test_a_row_of_a_partition_does_not_become_names(tmp_path: Path) -> None:
    folder = tmp_path / "year=2024"
    folder.mkdir()
    (folder / "a.csv").write_text("Alice Meier,Bern\nBob Kunz,Basel\n")
    with pytest.raises(UserError, match="the first line must have the names") as error:
        files.read(tmp_path)
    assert "Meier" not in str(error.value)


def test_a_csv_without_names_is_refused_and_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("17,jane.doe@example.com\n18,joe@example.com\n")
    with pytest.raises(UserError, match="its field 1 is no name") as refused:
        files.read(path)
    assert "jane" not in str(refused.value)


def _csv(path: Path, *lines: str) -> FoundSchema:
    path.write_text("".join(f"{line}\n" for line in lines))
    return files.read(path)


@pytest.mark.parametrize(
    "lines",
    [
        ["Person0Secret,Lastname0,Berlin"]
        + [f"Person{i}Secret,Lastname{i},Rome" for i in range(9)],
        ["jane,red", "joe,blue"],
        ["Jane,Red", "Joe,Blue"],
        ["email,Jane", "phone,Joe"],
        ["Jane,n/a", "Joe,17"],
        ["Jane,Berlin"],
        ["jane,bonn,likes"] + ["joe,bern,likes to ski"] * 9,
    ],
)
def test_a_row_does_not_become_names(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(UserError, match="first line must have the names of the columns") as refused:
        _csv(tmp_path / "people.csv", *lines)
    assert not any(word in str(refused.value) for word in ("Secret", "Berlin", "jane", "Jane"))


@pytest.mark.parametrize(
    "lines",
    [
        ["first_name,last_name,city", "jane,doe,bonn"],
        ["colour,shape", "Red,Round", "Dark Blue,Square"],
        ["COLOUR;SHAPE", "Red;Round"],
        ["Colour,Amount", "Red,1"],
        ["colour,shape"],
        ["id,name,created_at"],
    ],
)
def test_names_are_told_from_rows(tmp_path: Path, lines: list[str]) -> None:
    [table] = _csv(tmp_path / "things.csv", *lines).tables
    assert [c.name for c in table.columns] == lines[0].replace(";", ",").split(",")


def test_a_later_file_without_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people/1.csv").write_text("id,name\n1,Jane\n")
    (tmp_path / "people/2.csv").write_text("2,Joe\n")
    with pytest.raises(UserError, match=r"2\.csv: the first line"):
        files.read(tmp_path)


def test_a_file_with_ragged_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="do not have the same number of fields"):
        _csv(tmp_path / "a.csv", "a,b", "1,2", "1,2,3", "1")


def test_numbers_and_dates_of_a_csv_are_such(tmp_path: Path) -> None:
    rows = [f'{i};"1.{i}0,50";{i} Jan 2024;1/{i}/24;202401{i};0{i};{i},5{i}' for i in range(10, 28)]
    schema = _csv(tmp_path / "a.csv", "id;price;born;paid;since;zip;thousand", *rows)
    [table] = schema.tables
    assert [c.type.kind for c in table.columns] == [
        Kind.INTEGER, Kind.FLOAT, Kind.DATE, Kind.DATE, Kind.DATE, Kind.TEXT, Kind.TEXT,
    ]  # fmt: skip
    assert schema.query is not None
    [(price, *days)] = schema.query(
        f"select price, born, paid, since from {table.relation} where id = 12"
    )
    assert (price, days) == (1120.5, [date(2024, 1, 12)] * 3)
    assert "column `a.born` is a date here: the file has the form %d %b %Y" in schema.notes
    assert not any("zip" in note for note in schema.notes)


def test_columns_of_a_csv_with_one_name_are_reported(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id;id;ID;name;id_1\n1;2;3;a;5\n")
    (tmp_path / "plain.csv").write_text("id,name\n1,a\n")
    schema = files.read(tmp_path)
    names = [column.name for column in schema.tables[0].columns]
    assert names == ["id", "id_1", "ID_2", "name", "id_1_1"]
    assert schema.notes == [
        f"table `people`: column `{name}` is `{new}` here: another one has its name"
        for name, new in (("id", "id_1"), ("ID", "ID_2"))
    ]


def test_views_of_a_database_are_reported(tmp_path: Path, postgres_url: str) -> None:
    ddl = "create schema s; create table t (id int); create view v as select 1 as a;"
    ddl += "create view s.w as select 2 as b"
    said = ["2 views left out: they are made of tables: `v`, `w`"]
    with duckdb.connect(str(tmp_path / "views.duckdb")) as file:
        file.execute(ddl)
    assert duckdb_file.read(tmp_path / "views.duckdb").notes == said
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(ddl.replace("create view s.w", "create materialized view s.w").encode())

        def query(sql: str) -> list[tuple[Any, ...]]:
            return db.execute(sql.encode()).fetchall()

        assert postgres.read(query, "a test").notes == said
        only = postgres.read(query, "a test", "public").notes
        assert only == ["1 view left out: it is made of tables: `v`"]


def test_the_numbers_of_rows_are_read_from_a_catalog(tmp_path: Path, postgres_url: str) -> None:
    with duckdb.connect(str(tmp_path / "numbered.duckdb")) as file:
        file.execute("create sequence q start 1000 increment by 10")
        file.execute("create table t (id int default nextval('q'), plain int)")
    [table] = duckdb_file.read(tmp_path / "numbered.duckdb").tables
    assert [column.numbered for column in table.columns] == [(1000, 10), None]
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("""
            create table t (id int generated always as identity (start with 1000 increment by 10),
                plain serial, later int generated by default as identity);
            alter sequence t_plain_seq start with 7;
        """)
        [table] = postgres.read(lambda sql: db.execute(sql.encode()).fetchall(), "a test").tables
    assert [column.numbered for column in table.columns] == [(1000, 10), (7, 1), None]


@pytest.mark.parametrize("name", ["a*b", "sales[2024]", "q?", "back\\slash", "o'br\"ien", "s[12]"])
def test_the_name_of_a_file_is_no_pattern(tmp_path: Path, name: str) -> None:
    for other in ("axb", "sales2", "qq", "s1"):
        (tmp_path / f"{other}.csv").write_text("other,n\nx,2\n")
    [table] = _csv(tmp_path / f"{name}.csv", "colour,n", "red,1").tables
    assert [c.name for c in table.columns] == ["colour", "n"]


@pytest.mark.parametrize("name", ["people.csv", "people.parquet"])
def test_a_broken_file_is_refused_and_not_quoted(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b'id,name\n1,"jane doe\n\xff\xfe\n2,x,y,z\n')
    with pytest.raises(UserError, match=r"cannot be read|is not a text") as refused:
        files.read(path)
    assert "jane" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: the first line must have the names"),
        (b"\n\n", "is empty"),
        ("id,näme\n1,x\n".encode("latin-1"), "is not a text in UTF-8"),
        ("id,name\n1,x\n".encode("utf-16"), "is not a text in UTF-8"),
        (b"id,n\0me\n", "is not a text in UTF-8"),
    ],
)
def test_a_csv_that_is_no_text_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    for name, data in {"people.csv": content, "people.csv.gz": gzip.compress(content)}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match=said):
            files.read(tmp_path / name)


def test_a_csv_may_begin_with_a_mark_and_have_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('\ufeffid;name\n1;"a;b"\n', encoding="utf-8")
    assert [column.name for column in files.read(path).tables[0].columns] == ["id", "name"]


def test_dbt_files_say_what_their_tests_declare() -> None:
    schema = dbt_files.read(BILLING)
    tables = {table.name: table for table in schema.tables}
    assert schema.notes == ["2 models left out: dbt makes them"]
    assert tables["subscriptions"].column("status").values[0] == "trialing"
    assert tables["subscriptions"].column("seats").high == 500
    assert tables["subscriptions"].checks
    assert tables["invoice_lines"].uniques == (("invoice_id", "line_number"),)
    references = {r.columns: (r.parent_schema, r.parent) for r in tables["invoices"].references}
    assert references == {
        ("subscription_id",): ("billing", "subscriptions"), ("currency",): ("", "currencies"),
    }  # fmt: skip
    # No type is declared: the name tells.
    kinds = {column.name: column.type.kind for column in tables["usage_events"].columns}
    assert kinds["id"] is Kind.INTEGER
    assert kinds["occurred_at"] is Kind.TIMESTAMP


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("sources: [{name: s, tables: [a]}]", "sources.0.tables.0: must be a mapping"),
        ("sources: 5", "sources: must be a list"),
        ("models: [{columns: []}]", "models.0.name: is missing"),
        ("models: [{name: m, columns: {a: 1}}]", "models.0.columns: must be a list"),
        ("models: [{name: m, columns: [{name: [x]}]}]", "models.0.columns.0.name: must be a text"),
        ("models: [{name: m, tests: 5}]", "models.0.tests: must be a list"),
        ("[a]", "must be a mapping"),
        ("a: [", "line . is not YAML"),
        ("when: 2024-02-31", "is not YAML"),
        ("a: " + "[" * 20_000, "more than 100 levels"),
        ("a0: &a0 [x]\n" + "".join(
            f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
        ), "its aliases repeat more than"),
        ("a: &a [*a]", "its aliases repeat more than"),
    ],
)  # fmt: skip
def test_a_file_of_dbt_of_another_form_is_refused(tmp_path: Path, document: str, said: str) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: small\n")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/a.yml").write_text(document)
    with pytest.raises(UserError, match=said):
        dbt_files.read(tmp_path)


@pytest.mark.parametrize(
    "test",
    ["relationships", "accepted_values", "unique", "accepted_range", "expression_is_true",
     "unique_combination_of_columns"],
)  # fmt: skip
@pytest.mark.parametrize("argument", [5, None, "a", {"a": 1}, [1], [{"a": [1]}]])
def test_arguments_of_a_test_may_be_of_any_form(tmp_path: Path, test: str, argument: Any) -> None:
    names = ("to", "field", "fields", "values", "columns", "combination_of_columns", "expression",
             "min_value", "inclusive")  # fmt: skip
    tests = [7, None, {test: argument}, {test: dict.fromkeys(names, argument)}]
    constraint = {"type": "foreign_key", **dict.fromkeys(("to", "to_columns", "columns"), argument)}
    column = {"name": "a", "data_type": "int", "tests": tests, "constraints": [constraint]}
    table = {"name": "t", "columns": [column], "tests": tests, "constraints": [{"type": argument}]}
    (tmp_path / "dbt_project.yml").write_text("name: small\n")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/a.yml").write_text(yaml.safe_dump({"models": [table]}))
    assert [found.name for found in dbt_files.read(tmp_path).tables] == ["t"]


def test_tests_of_packages_are_applied_or_reported(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: small\n")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/a.yml").write_text("""
sources:
  - name: s
    tables:
      - name: t
        data_tests:
          - dbt_expectations.expect_compound_columns_to_be_unique: {column_list: [id, n]}
          - dbt_expectations.expect_table_row_count_to_be_between: {min_value: 1}
        columns:
          - name: id
            data_type: int
            data_tests: [dbt_expectations.expect_column_values_to_be_unique]
          - name: n
            data_type: int
            data_tests:
              - dbt_expectations.expect_column_values_to_be_between: {min_value: 1, max_value: 500}
              - dbt_utils.not_constant
          - name: Share
            data_type: float
            data_tests:
              - dbt_expectations.expect_column_values_to_be_between:
                  arguments: {min_value: 0, strictly: true}
              - not_null: {config: {where: n > 3}}
          - name: day
            data_type: date
            data_tests:
              - dbt_utils.accepted_range: {min_value: "'2024-01-01'"}
              - dbt_utils.accepted_range: {min_value: "{{ today }}"}
          - name: c
            data_type: text
            data_tests:
              - dbt_expectations.expect_column_values_to_be_in_set: {value_set: [a, b]}
              - dbt_expectations.expect_column_values_to_match_regex: {regex: x, where: y}
""")
    schema = dbt_files.read(tmp_path)
    [table] = schema.tables
    n, share, c = (table.column(name) for name in ("n", "Share", "c"))
    assert (n.low, n.high, n.low_open, c.values) == (1, 500, False, ("a", "b"))
    assert (share.low, share.low_open, share.nullable) == (0, True, True)
    assert table.column("id").unique
    assert table.uniques == (("id", "n"),)
    assert table.checks == ("\"day\" >= '2024-01-01'",)
    assert schema.notes == [
        f"test `{test}` of `{of}` left out: it is not read"
        for test, of in (
            ("expect_table_row_count_to_be_between", "t"), ("not_constant", "t.n"),
            ("not_null", "t.Share"), ("accepted_range", "t.day"),
            ("expect_column_values_to_match_regex", "t.c"),
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "is nested too deeply"),
        ("{}", "metadata: is missing"),
        ('{"metadata": {}, "sources": [], "nodes": {}}', "sources: must be a mapping"),
        ('{"metadata": {}, "sources": {}, "nodes": {"a": 5}}', "nodes.a: must be a mapping"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UserError, match=f"{said}.*no manifest of dbt"):
        dbt_manifest.read(tmp_path / "manifest.json")


def test_seeds_that_no_yaml_describes_are_read_from_their_files(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: small\nseed-paths: data\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/seeds.yml").write_text(
        "seeds: [{name: tiers, columns: [{name: tier, tests: [unique]}]}]"
    )
    (tmp_path / "data/countries.csv").write_text("iso,name,pop\nDE,Germany,84\n")
    (tmp_path / "data/tiers.csv").write_text("tier,rank\n1,2\n")
    tables = {table.name: table for table in dbt_files.read(tmp_path).tables}
    kinds = {n: [(c.name, c.type.kind) for c in t.columns] for n, t in tables.items()}
    assert kinds == {
        "tiers": [("tier", Kind.INTEGER), ("rank", Kind.INTEGER)],
        "countries": [("iso", Kind.TEXT), ("name", Kind.TEXT), ("pop", Kind.INTEGER)],
    }
    assert tables["tiers"].column("tier").unique


def test_a_manifest_says_what_the_files_say(tmp_path: Path) -> None:
    """The manifest's form is that of dbt 1.11; a slow test takes one that dbt has written."""
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(_manifest(yaml.safe_load(_SOURCES))))
    project = tmp_path / "project/models"
    project.mkdir(parents=True)
    (project / "sources.yml").write_text(_SOURCES)
    (tmp_path / "project/dbt_project.yml").write_text("name: small\n")
    assert dbt_manifest.read(path) == dbt_files.read(tmp_path / "project")


@pytest.mark.slow
def test_a_manifest_of_dbt_says_what_the_files_say(tmp_path: Path) -> None:
    run_dbt(tmp_path, ["parse"], {})
    manifest = dbt_manifest.read(tmp_path / "target/manifest.json")
    assert len(manifest.tables) > 60
    assert _plain(manifest.tables) == _plain(dbt_files.read(DBT_PROJECT).tables)


_SOURCES = """
sources:
  - name: s
    tables:
      - name: a
        columns:
          - {name: id, data_type: bigint, data_tests: [unique, not_null]}
      - name: b
        description: B.
        columns:
          - {name: id, data_type: bigint}
          - name: a_id
            data_tests:
              - relationships: {to: "source('s', 'a')", field: id}
              - accepted_values: {arguments: {values: [1, 2]}}
"""


def _manifest(document: dict[str, Any]) -> dict[str, Any]:
    sources, nodes = {}, {}
    for table in document["sources"][0]["tables"]:
        name = table["name"]
        columns = {c["name"]: {k: c[k] for k in c if k != "data_tests"} for c in table["columns"]}
        sources[f"source.small.s.{name}"] = {
            "name": name, "source_name": "s", "resource_type": "source", "package_name": "small",
            "description": table.get("description", ""), "columns": columns,
        }  # fmt: skip
        for column in table["columns"]:
            for test in column.get("data_tests", ()):
                kind, arguments = next(iter(test.items())) if isinstance(test, dict) else (test, {})
                model = f"{{{{ get_where_subquery(source('s', '{name}')) }}}}"
                kwargs = {"column_name": column["name"], "model": model, **arguments}
                nodes[f"test.{len(nodes)}"] = {
                    "resource_type": "test", "package_name": "small",
                    "test_metadata": {"name": kind, "kwargs": kwargs},
                }  # fmt: skip
    return {"metadata": {"project_name": "small"}, "sources": sources, "nodes": nodes}


def test_a_contract_says_what_its_table_declares(tmp_path: Path, nowhere: Place) -> None:
    """What ``synth contract`` writes is read again with types, keys and references."""
    domain = next(d for d in load_domains() if d.name == "jaffle")
    # Reading YAML takes most of the time, so that some tables have to do.
    tables = [table for table in domain.tables if table.parents][:2] + domain.tables[:2]
    for table in tables:
        text = written.contract(domain, table, nowhere).to_yaml()
        (tmp_path / written.file_name(table)).write_text(text)
    found = {table.name: table for table in odcs.read(tmp_path).tables}
    for table in tables:
        declared = columns_of(table.schema)
        read = found[table.name]
        assert [c.name for c in read.columns] == [c.name for c in declared]
        assert [c.nullable for c in read.columns] == [c.nullable for c in declared]
        assert read.primary_key == tuple(c.name for c in declared if c.primary_key)
        references = {r.columns[0]: (r.parent, r.parent_columns[0]) for r in read.references}
        assert references == {
            c.name: (table.parents[c.foreign_key[0]], c.foreign_key[1])
            for c in declared
            if c.foreign_key
        }


def test_what_checks_say_of_values_is_read_from_a_contract(tmp_path: Path, nowhere: Place) -> None:
    ddl = """
        create table t (id int primary key, kind text not null check (kind in ('a', 'it''s')),
            n int not null check (n between 2 and 9), low date not null, high date not null,
            code char(3) not null unique, since date check (since >= '2020-01-01'),
            check (high >= low), check (n <> 5));
    """
    declared = imported(of_ddl(ddl), "made").spec
    with given("made", {}):
        domain = compile_domain(declared)
    (tmp_path / "t.odcs.yaml").write_text(
        written.contract(domain, domain.tables[0], nowhere).to_yaml()
    )
    again = imported(odcs.read(tmp_path), "made").spec
    kinds = {check.name or check.kind for check in again.tables["t"].checks}
    assert kinds >= {"accepted", "range", "n_condition", "high_low_condition", "since_condition"}
    assert again.tables["t"].columns["kind"].values == ["a", "it's"]
    assert again.tables["t"].columns["code"].unique
    assert again.tables["t"].columns["high"].kind == "later"
    n = again.tables["t"].columns["n"]
    assert (n.kind, n.low, n.high) == ("integers", 2, 9)


def test_options_of_a_contract_that_are_not_read_are_reported(tmp_path: Path) -> None:
    head = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
    options = "logicalTypeOptions: {minimum: 5, maximum: 50, multipleOf: 5}"
    of_text = "logicalTypeOptions: {minLength: 2, maxLength: 9, pattern: '[a-z]{4}', format: email}"
    text = f"{head}schema: [{{name: t, properties: [{{name: n, logicalType: integer, {options}}},"
    (tmp_path / "t.odcs.yaml").write_text(text + f" {{name: c, {of_text}}}]}}]")
    assert odcs.read(tmp_path).notes == [
        f"option `{option}` of `t.{column}` left out: it is not read"
        for option, column in (("multipleOf", "n"), ("minLength", "c"), ("format", "c"))
    ]


def test_contracts_of_tables_with_one_name_are_told_apart_by_their_files(tmp_path: Path) -> None:
    head = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
    key = "{name: id, primaryKey: true}"
    to = "raw_orders.odcs.yaml#/schema/orders/properties/id"
    child = f"{{name: order_id, relationships: [{{type: foreignKey, to: {to}}}]}}"
    for file, name, properties in (
        ("orders", "orders", key), ("raw_orders", "orders", key), ("lines", "lines", child),
    ):  # fmt: skip
        text = f"{head}schema: [{{name: {name}, properties: [{properties}]}}]"
        (tmp_path / f"{file}.odcs.yaml").write_text(text)
    tables = {table.name: table for table in identified(odcs.read(tmp_path)).tables}
    assert sorted(tables) == ["lines", "orders_orders", "raw_orders_orders"]
    assert [r.parent for r in tables["lines"].references] == ["raw_orders_orders"]


def test_references_to_all_columns_of_a_key_are_one(tmp_path: Path) -> None:
    head = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
    parent = "schema: [{name: wards, properties: ["
    parent += "{name: dep, primaryKey: true, primaryKeyPosition: 1},"
    parent += " {name: ward, primaryKey: true, primaryKeyPosition: 2}]}]"
    child = "schema: [{name: stays, properties: [{name: id, primaryKey: true},"
    for own, key in (("ward", "ward"), ("department", "dep")):
        to = f"wards.odcs.yaml#/schema/wards/properties/{key}"
        child += f" {{name: {own}, relationships: [{{type: foreignKey, to: {to}}}]}},"
    for name, text in {"wards": parent, "stays": child + "]}]"}.items():
        (tmp_path / f"{name}.odcs.yaml").write_text(head + text)
    stays = next(table for table in odcs.read(tmp_path).tables if table.name == "stays")
    [reference] = stays.references
    assert (reference.columns, reference.parent_columns) == (
        ("department", "ward"),
        ("dep", "ward"),
    )


@pytest.fixture
def nowhere() -> Place:
    """A place that only names types."""
    from open_data_contract_standard.model import Server

    from synth_assets.core.schema import sql_type

    return Place(Server(server="s", type="custom"), sql_type, lambda table: table.path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not YAML"),
        ("kind: DataContract\nnonsense: 1", "nonsense"),
        ("just text", "not YAML"),
        ("[" * 20_000, "more than 100 levels, so no data contract"),
        ("schema: [{name: t, properties: [{name: x, " + "items: {" * 3000, "more than 100 levels"),
    ],
)
def test_what_is_no_contract_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.odcs.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=said):
        odcs.read(path)


def _contract(folder: Path, *properties: str, quality: str = "[]") -> FoundSchema:
    path = folder / "x.odcs.yaml"
    listed = "".join(f"      - {each}\n" for each in properties)
    path.write_text(
        "apiVersion: v3.0.2\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
        f"schema:\n  - name: t\n    quality: {quality}\n    properties:\n{listed}"
    )
    return odcs.read(path)


def test_a_contract_bounds_dates_and_numbers(tmp_path: Path, home: object) -> None:
    schema = _contract(
        tmp_path,
        "{name: id, logicalType: integer, primaryKey: true, required: true}",
        '{name: since, logicalType: date, logicalTypeOptions: {minimum: "2019-01-01"}}',
        "{name: at, logicalType: timestamp, logicalTypeOptions: {exclusiveMaximum: 2030-01-01}}",
        "{name: n, logicalType: integer, logicalTypeOptions: {minimum: 1, exclusiveMaximum: 7}}",
    )
    [table] = schema.tables
    assert table.checks == ("\"since\" >= '2019-01-01'", "\"at\" < '2030-01-01'")
    spec = imported(schema, "x").spec
    assert (spec.tables["t"].columns["n"].low, spec.tables["t"].columns["n"].high) == (1, 6)  # type: ignore[union-attr]
    assert trial.failures(spec, MemoryReader) == []


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("logicalType: integer, logicalTypeOptions: {minimum: abc}", "minimum must be a number"),
        ("logicalType: number, logicalTypeOptions: {maximum: [1]}", "maximum must be a number"),
        ("logicalType: date, logicalTypeOptions: {minimum: soon}", "minimum must be a date"),
        ("logicalType: string, logicalTypeOptions: {maxLength: x}", "maxLength must be a whole"),
    ],
)
def test_an_option_of_a_contract_of_another_form_is_named(
    tmp_path: Path, column: str, said: str
) -> None:
    with pytest.raises(UserError, match=rf"x.odcs.yaml is no data contract: t\.c: {said}"):
        _contract(tmp_path, f"{{name: c, {column}}}")


def test_rules_of_a_contract_are_applied_or_reported(tmp_path: Path) -> None:
    schema = _contract(
        tmp_path,
        "{name: a, logicalType: string, quality: [{type: library, rule: validValues, metric:"
        " invalidValues, mustBe: 0, arguments: {validValues: [x, on hold]}}]}",
        "{name: b, logicalType: string, quality: [{metric: nullValues, mustBe: 0},"
        " {metric: duplicateValues, mustBe: 0}]}",
        "{name: c, logicalType: string, quality: [{metric: nullValues, mustBeLessThan: 5},"
        " {type: sql, query: select 1, mustBe: 0, name: odd}]}",
        "{name: d, logicalType: array, items: {logicalType: string}}",
        quality="[{type: text, description: b before c}, {type: custom, engine: soda}]",
    )
    [table] = schema.tables
    assert table.column("a").values == ("x", "on hold")
    assert (table.column("b").nullable, table.column("b").unique) == (False, True)
    assert table.column("c").nullable
    assert schema.notes == [
        "library rule `nullValues` of `t.c` left out: it is not read",
        "sql rule `odd` of `t.c` left out: it is not read",
        "text rule `b before c` of `t` left out: it is not read",
        "custom rule `soda` of `t` left out: it is not read",
    ]
    assert imported(schema, "x").spec.tables["t"].columns["d"].value == "[]"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("expression", "pattern"),
    [
        ("^[A-Z]{2}[0-9]{6}$", "[A-Z]{2}[0-9]{6}"),
        (r"INV-\d{4,}", "INV-#{4}"),
        (r"\A[\d_]+\.x?\Z", "[0-9_].x"),
        ("a.c", "a[a-z]c"),
        ("[^a]", None), ("(a|b)", None), ("a{", None), ("a|b", None), ("", None), (r"\p{L}", None),
        ("#", r"\#"),
    ],
)  # fmt: skip
def test_a_regular_expression_is_a_pattern(expression: str, pattern: str | None) -> None:
    assert texts.from_expression(expression) == pattern


def test_the_pattern_of_a_contract_is_that_of_its_values(tmp_path: Path, home: object) -> None:
    options = "logicalTypeOptions: {pattern: '^[A-Z]{2}[0-9]{6}$'}"
    schema = _contract(
        tmp_path,
        f"{{name: id, logicalType: string, primaryKey: true, required: true, {options}}}",
        f"{{name: code, logicalType: string, required: true, {options}}}",
        f"{{name: email, logicalType: string, required: true, unique: true, {options}}}",
        "{name: other, logicalType: string, logicalTypeOptions: {pattern: '(a|b)'}}",
    )
    done = imported(schema, "x")
    domain = compile_domain(done.spec)
    rows = rows_of(domain, "t")
    for name in ("id", "code", "email"):
        assert rows[name].str.contains("^[A-Z]{2}[0-9]{6}$").all()
    assert rows["id"].is_unique().all()
    assert "regular expression" in done.tables["t"].decisions["other"].note
