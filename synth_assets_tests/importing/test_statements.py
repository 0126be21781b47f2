"""Statements of dumps and scripts: where they end, what is left out, and that no row is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.frames.readers import MemoryReader
from synth_assets.importing import ddl, trial
from synth_assets.importing.declaration import imported
from synth_assets.importing.found import Kind
from synth_assets.importing.identifiers import identified
from synth_assets.importing.statements import Statement, parts, statements
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.importing.conftest import of_ddl

# Dumps whose rows have quotes, semicolons and parentheses where no parser expects them.
DUMPS = {
    "escaped quote": (
        "CREATE TABLE t (id int, n text);\n"
        "INSERT INTO t VALUES (1,'it\\'s', 'PLANTED Aurelia 1931-02-03', 'PLANT4711');\n"
    ),
    "quotes over statements": (
        "INSERT INTO t VALUES (1,'it\\'s', 'PLANTED');\nINSERT INTO t VALUES (2,'PLANTED');\n"
        "CREATE TABLE t (id int, n text);\nINSERT INTO t VALUES (1,'it''s PLANTED');\n"
    ),
    "copied rows": (
        "COPY public.t (id, n) FROM stdin;\n1\tit's (PLANTED; create table x\n\\.\n\n"
        "CREATE TABLE t (id int, n text);\n"
    ),
    "rows alone": "CREATE TABLE t (id int, n text);\nPLANTED Aurelia; 'PLANTED' 1; (PLANTED, 2);\n",
    "rows in statements": (
        "CREATE TABLE t (id int, n text);\nDO 'PLANTED'; call PLANTED('PLANTED'); SET PLANTED = 1;"
        "CREATE VIEW PLANTED AS SELECT 'PLANTED'; ALTER TABLE t ADD 'PLANTED'; execute PLANTED;"
    ),
}  # fmt: skip


@pytest.mark.parametrize("dump", DUMPS)
def test_rows_of_a_dump_are_never_shown(synth: Synth, tmp_path: Path, dump: str) -> None:
    source, folder = tmp_path / "dump.sql", tmp_path / "to"
    source.write_text(DUMPS[dump])
    done = synth("import", source, "--name", "made", "--to", folder)
    assert done.code == 0, done.err
    shown = done.out + done.err + "".join(path.read_text() for path in folder.iterdir())
    assert "PLANT" not in shown
    assert "Aurelia" not in shown


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "tsql", "oracle", "sqlite", "bigquery"])
def test_an_error_shows_a_line_and_no_text(dialect: str) -> None:
    text = "\n-- first\ncreate table t (id int, 'PLANTED', name PLANTED PLANTED('PLANTED"
    with pytest.raises(UserError, match=rf"here line 3: not SQL of the dialect {dialect}") as said:
        of_ddl(text, dialect)
    assert "PLANTED" not in str(said.value)
    assert said.value.__cause__ is None


def test_statements_have_the_lines_on_which_they_begin() -> None:
    text = "-- a\n\ncreate table t (a int); /* b\n */ select ';' ;\n\n\\restrict x\n"
    text += "copy t from stdin;\n1;\n\\.\nx"
    assert [(each.line, each.text.split()[0]) for each in statements(text, "postgres")] == [
        (3, "create"), (4, "select"), (7, "copy"), (10, "x"),
    ]  # fmt: skip


def test_the_parts_of_a_table_are_split_at_commas_of_its_own() -> None:
    found = parts(
        Statement("create table t (\n a decimal(3, 2),\n b text check (b <> ',)'))\n x", 4), ""
    )
    assert found is not None
    assert (found.head, found.tail) == ("create table t", "x")
    assert [(each.line, each.text) for each in found.elements] == [
        (5, "a decimal(3, 2)"), (6, "b text check (b <> ',)')"),
    ]  # fmt: skip


def test_texts_with_escapes_are_comments() -> None:
    [table] = of_ddl("create table t (a int); comment on table t is E'it\\'s\\na';").tables
    assert table.doc == "it's\na"


SSMS = """USE [Shop]
GO
SET ANSI_NULLS ON
GO
CREATE TABLE [dbo].[A](
\t[A] [int] IDENTITY(1,1) NOT NULL,
\t[C] [int] NOT NULL,
 CONSTRAINT [PK_A] PRIMARY KEY CLUSTERED
(
\t[A] ASC,
\t[C] DESC
)WITH (PAD_INDEX = OFF, IGNORE_DUP_KEY = OFF) ON [PRIMARY]
) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
GO
CREATE TABLE [dbo].[B] ([id] int NOT NULL PRIMARY KEY CLUSTERED, UNIQUE NONCLUSTERED ([id] ASC))
CREATE TABLE [dbo].[D] ([b] int)
ALTER TABLE [dbo].[D]  WITH CHECK ADD  CONSTRAINT [FK] FOREIGN KEY([b])
REFERENCES [dbo].[B] ([id])
ON DELETE CASCADE
GO
ALTER TABLE [dbo].[D] CHECK CONSTRAINT [FK]
GO
"""


def test_scripts_of_sql_server_are_read(tmp_path: Path) -> None:
    path = tmp_path / "script.sql"
    path.write_text(SSMS, encoding="utf-16")  # as its tools write it
    a, b, d = ddl.read(path, "tsql").tables
    assert [table.name for table in (a, b, d)] == ["A", "B", "D"]
    assert (a.primary_key, b.primary_key) == (("A", "C"), ("id",))
    assert [(r.columns, r.parent) for r in d.references] == [(("b",), "B")]
    with pytest.raises(UserError, match="line 5: not SQL of the dialect postgres"):
        ddl.read(path)


@pytest.mark.parametrize(
    ("dialect", "columns", "kinds"),
    [
        ("postgres", "a bit varying(5), b int array, c text", "OOX"),
        ("postgres", "a int, b int generated always as (a + 1) virtual, c nothing known", "IIX"),
        ("sqlite", "a any, b unsigned big int, c int generated always as (b * 2) virtual", "XII"),
        ("sqlite", "a int primary key on conflict replace, b text unique on conflict ignore", "IX"),
        ("mysql", "a float unsigned, b double(8,2) unsigned zerofill, c point srid 4326", "FFX"),
        ("oracle", "a number(9) generated always as identity primary key using index", "I"),
        ("oracle", "a varchar2(9 char) not null enable", "X"),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_read_costs_no_table(
    dialect: str, columns: str, kinds: str
) -> None:
    letters = {
        "I": Kind.INTEGER, "X": Kind.TEXT, "O": Kind.OTHER, "F": Kind.FLOAT,
    }  # fmt: skip
    [table] = of_ddl(f"create table t ({columns})", dialect).tables
    assert [column.type.kind for column in table.columns] == [letters[kind] for kind in kinds]
    assert any(column.formula for column in table.columns) is ("always as (" in columns)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("mysql", "key k (a), primary key (a)) partition by hash(a) partitions 4"),
        ("mysql", "constraint primary key (a), constraint foreign key (a) references u (id))"),
        ("postgres", "primary key (a) include (b)) with (fillfactor=70) tablespace x"),
        ("oracle", "constraint pk primary key (a) using index tablespace x) pctfree 5"),
        ("sqlite", "primary key (a)) without rowid, strict"),
    ],
)
def test_options_of_storage_cost_no_table(dialect: str, text: str) -> None:
    [table] = of_ddl(f"create table t (a int, {text}", dialect).tables
    assert table.primary_key == ("a",)
    assert len(table.references) == text.count("references")


def test_what_cannot_be_read_is_noted_with_line_and_table() -> None:
    schema = of_ddl("""create table a (id int);
        create table b (
            id int primary key,
            x something odd(1) not null,
            constraint y nothing like it (id)
        );
        create table c (constraint x nothing like it);
        create table d as select 1;
        alter table a add constraint k primary key using index k;
    """)
    assert [table.name for table in schema.tables] == ["a", "b"]
    assert not schema.tables[1].column("x").nullable
    assert schema.notes == [
        "line 4: column `x` of table `b` is text here: its type cannot be read",
        "line 5: a constraint of table `b` left out: it cannot be read",
        "line 7: a constraint of table `c` left out: it cannot be read",
        "line 7: table `c` left out: it cannot be read",
        "line 8: table `d` left out: its statement lists no columns",
        "table `a`: its key left out: it is of unknown columns",
    ]


def test_columns_of_other_tables_are_taken_over() -> None:
    schema = of_ddl("""
        create table a (id int primary key, n int not null check (n > 0), x text unique);
        create table b (like a including all, y text);
        create table c (like a);
        create table d (z int) inherits (a);
        create table e (like nowhere);
    """)
    b, c, d = schema.tables[1:4]
    assert [column.name for column in b.columns] == ["id", "n", "x", "y"]
    assert (b.primary_key, b.column("n").low, b.column("x").unique) == (("id",), 0, True)
    assert (c.primary_key, c.column("n").low, c.column("x").unique) == ((), None, False)
    assert (d.primary_key, d.column("n").low) == ((), 0)
    assert not d.column("n").nullable
    assert "table `e`: columns of `nowhere` left out: there is no such table" in schema.notes


def test_the_conditions_of_a_domain_are_those_of_its_columns() -> None:
    schema = of_ddl("""
        create domain positive as int not null check (value > 0);
        create domain small as positive check (value < 10 and value <> 5);
        create domain "My Code" as char(2) check (value in ('ab', 'cd'));
        create table t ("from" small, c "My Code");
    """)
    column, code = schema.tables[0].columns
    assert (column.low, column.high, column.nullable) == (0, 10, False)
    assert schema.tables[0].checks == ('"from" <> 5',)
    assert (code.type.length, code.values) == (2, ("ab", "cd"))


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "tsql"])
def test_rows_between_tables_keep_the_lines(dialect: str) -> None:
    text = "insert into t values (1, ';\n'),\n (2, 'b');\ninsert into t values (3);\n"
    text += "create table u (a)"
    found = [(each.line, each.text.split()[0]) for each in statements(text, dialect)]
    assert found == [(1, "insert"), (4, "insert"), (5, "create")]


def _columns(text: str, dialect: str = "postgres") -> dict[str, list[str]]:
    return {t.name: [c.name for c in t.columns] for t in of_ddl(text, dialect).tables}


def test_columns_and_tables_are_altered() -> None:
    schema = of_ddl(
        """
        create table a (id int primary key, x int check (x > 0), y text not null, w int);
        create table b (id int primary key, a_id int references a (id), n int);
        alter table a drop column y;
        alter table a rename column x to z;
        alter table a rename to customers;
        alter table b drop column n, add column m int, alter column id type bigint;
        alter table b alter column m set not null;
        create table gone (id int);
        drop table if exists gone;
        alter table customers drop constraint some_check;
        alter table b drop column id, frobnicate the type of z;
        """
    )
    customers, b = schema.tables
    assert [c.name for c in customers.columns] == ["id", "z", "w"]
    assert customers.column("z").low == 0
    assert (customers.name, b.name) == ("customers", "b")
    assert [(r.columns, r.parent) for r in b.references] == [(("a_id",), "customers")]
    assert [(c.name, c.nullable) for c in b.columns] == [("a_id", True), ("m", False)]
    assert b.primary_key == ()
    assert schema.notes == [
        "line 12: an action on table `b` left out: it cannot be read",
        "table `customers`: `some_check` is not dropped: it is known by no name",
    ]


@pytest.mark.parametrize(
    ("dialect", "action"),
    [
        ("postgres", "add column e int not null, add check (e > 3)"),
        ("postgres", "add e int default 5 not null, add constraint n check ((e > 3)) not valid"),
        ("duckdb", "add column e int not null, add check (e > 3)"),
        ("redshift", "add column e int not null, add check (e > 3)"),
        ("snowflake", "add column e int not null, check (e > 3)"),
        ("mysql", "add check (e > 3), add e int not null after b, add index i (b), algorithm=copy"),
        ("mysql", "add column (e int not null, constraint check (e > 3))"),
        ("tsql", "with nocheck add e int not null, check (([e]>(3))), default 3 for b"),
        ("oracle", "add (e number(9) not null, constraint n check (e > 3))"),
        ("oracle", "add (e number(9)); alter table t modify (e not null);"
                   "alter table t add check (e > 3)"),
        ("sqlite", "add column e int not null check (e > 3)"),
    ],
)  # fmt: skip
def test_what_is_added_to_a_table_is_read_element_by_element(dialect: str, action: str) -> None:
    text = "create table t (a int primary key, b int);\n"
    schema = of_ddl(f"{text}alter table t\n {action};", dialect)
    [table] = schema.tables
    assert [column.name for column in table.columns] == ["a", "b", "e"]
    e = table.column("e")
    assert (e.nullable, e.type.kind, e.low, e.low_open) == (False, "integer", 3, True)
    left_out = ["1 × `alter table` left out"]
    assert schema.notes == (left_out if "default 3" in action or "copy" in action else [])


@pytest.mark.parametrize(
    ("dialect", "column"),
    [
        (dialect, f"f boolean{null} generated always as ({formula}){stored}")
        for dialect, stored, null in (
            ("postgres", " stored", ""), ("postgres", "", " not null"), ("duckdb", "", ""),
            ("mysql", " stored not null", ""), ("sqlite", " virtual", ""), ("snowflake", "", ""),
            ("oracle", " virtual", ""),
        )
        for formula in ("n > 50", "n > 5 and b is not null and b <> ')('", "(n >= 50)", "n is null")
    ] + [("tsql", "f as (cast(case when n > 50 then 1 else 0 end as bit)) persisted not null")],
)  # fmt: skip
def test_a_condition_is_the_formula_of_a_column(dialect: str, column: str) -> None:
    ddl = f"create table t (id int primary key, n int, b varchar(9), c int not null, {column})"
    schema = of_ddl(ddl, dialect)
    assert schema.notes == []
    done = imported(schema, "x", attempt=lambda spec: trial.failures(spec, MemoryReader))
    assert done.tables["t"].notes == []
    computed = done.spec.tables["t"].columns["f"]
    assert (computed.kind, computed.type) == (
        "expression", None if dialect == "tsql" else "boolean",
    )  # fmt: skip


def test_constraints_are_dropped_by_their_names() -> None:
    schema = of_ddl("""
        create table p (id int primary key, code int unique);
        create table t (
            id int constraint k primary key, a int check (a > 0), b int references p, c int unique,
            d int constraint small check (d < 9), e int, f int not null,
            constraint pair unique (a, b), foreign key (c) references p (code), check (e > f)
        );
        create unique index u on t (e);
        create table w (a int, b int);
        create unique index i on w (a, b);
        alter table w add constraint j primary key using index i;
        create unique index v on t (f);
        alter table t drop constraint k, drop constraint t_a_check;
        alter table t drop constraint t_b_fkey cascade, drop constraint t_c_key;
        alter table t drop constraint if exists small, drop constraint pair;
        alter table t drop constraint t_c_fkey, drop constraint t_check;
        alter table t drop constraint if exists gone;
        drop index if exists u;
        drop index w;
    """)
    table = schema.tables[1]
    assert schema.tables[2].primary_key == ("a", "b")
    assert schema.tables[2].uniques == ()
    assert (table.primary_key, table.references, table.uniques, table.checks) == ((), (), (), ())
    assert [column.name for column in table.columns if column.unique] == ["f"]
    assert all(column.low is None and column.high is None for column in table.columns)
    assert schema.notes == ["1 × `drop index` left out"]


def test_names_of_constraints_are_the_same_in_any_case() -> None:
    text = """create table t (a int, b int, constraint [CK] check (a > 0), constraint U unique (b));
    alter table t drop constraint ck, constraint [u];"""
    schema = of_ddl(text, "tsql")
    a, b = schema.tables[0].columns
    assert (a.low, b.unique, schema.notes) == (None, False, [])


def test_mysql_drops_keys_and_renames_tables() -> None:
    text = """create table p (id int primary key);
    create table t (id int primary key, a int, b int unique key, c int,
        unique key u (a), key plain (b), constraint f foreign key (a) references p (id),
        foreign key g (c) references p (id), constraint d check (c > 0));
    alter table t drop index u, drop key plain, drop foreign key f, drop check d;
    create unique index w using btree on t (c(10) desc);
    drop index b on t;
    rename table p to q, t to `New T`;
    alter table t drop foreign key g;
    """
    schema = of_ddl(text, "mysql")
    assert [table.name for table in schema.tables] == ["q", "New T"]
    table = schema.tables[1]
    assert [(r.columns, r.parent) for r in table.references] == [(("c",), "q")]
    assert [column.name for column in table.columns if column.unique] == ["c"]
    assert table.column("c").low is None
    assert schema.notes == []


def test_names_in_lower_case_are_reported_where_the_source_keeps_their_letters() -> None:
    text = 'create table CamelUser (Id int primary key, LatPos int, "Lon" int, plain int);'
    said = "table `cameluser`: names in lower case here: `CamelUser`, `Id`, `LatPos`"
    for dialect, notes in (("sqlite", [said]), ("duckdb", [said]), ("postgres", [])):
        schema = of_ddl(text, dialect)
        assert [c.name for c in schema.tables[0].columns] == ["id", "latpos", "Lon", "plain"]
        assert schema.notes == notes


@pytest.mark.parametrize(
    ("dialect", "kind", "is_narrowed"),
    [
        ("duckdb", "hugeint", True), ("duckdb", "ubigint", True), ("duckdb", "bigint", False),
        ("mysql", "bigint unsigned", True), ("mysql", "int unsigned", False),
        ("postgres", "numeric(20)", True), ("postgres", "numeric(18)", False),
        ("snowflake", "number(38, 0)", False), ("clickhouse", "Int256", True),
    ],
)  # fmt: skip
def test_a_type_that_is_narrower_here_is_reported(
    dialect: str, kind: str, is_narrowed: bool
) -> None:
    notes = identified(of_ddl(f"create table t (id int primary key, n {kind})", dialect)).notes
    assert len(notes) == is_narrowed
    assert all("column `t.n` is a bigint here: " in note for note in notes)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("postgres", """create sequence public."S q" start with 1000 increment by 10 cache 1;
            create table t (id int default nextval('public."S q"'::regclass))"""),
        ("postgres", """create table public.t (id int not null);
            create sequence public.t_id_seq as integer start with 1000 increment by 10 no minvalue;
            alter sequence public.t_id_seq owned by public.t.id;
            alter table only public.t alter column id set default nextval('public.t_id_seq')"""),
        ("tsql", """create sequence dbo.s as int start with 1000 increment by 10;
            create table t (id int default (next value for dbo.s))"""),
        ("oracle", """create sequence s start with 1000 increment by 10 nocache;
            create table t (id number(9) default s.nextval)"""),
        ("duckdb", """create sequence s increment by 10 start 1000;
            create table t (id int default(nextval('s')), n int default 5)"""),
    ],
)  # fmt: skip
def test_a_default_asks_a_sequence_for_its_numbers(dialect: str, text: str) -> None:
    [table] = of_ddl(text, dialect).tables
    assert table.columns[0].numbered == (1000, 10)


def test_a_partition_is_no_table_of_its_own() -> None:
    schema = of_ddl("""
        create table s.log (id int not null, at date not null) partition by range (at);
        create table s.log_1 (id int not null, at date not null);
        create table s.log_2 (id int not null, at date not null) partition by list (id);
        create table s.log_2_a (id int not null, at date not null);
        create table s.old (id int not null, at date not null);
        create table s.log_3 partition of s.log for values from ('2022-01-01') to (maxvalue);
        alter table only s.log attach partition s.log_1 for values from ('2020-01-01') to (9);
        alter table only s.log attach partition s.log_2 default;
        alter table only s.log_2 attach partition s.log_2_a for values in (1, 2);
        alter table only s.log attach partition s.old default;
        alter table s.log detach partition s.old;
        alter table only s.log add constraint log_pkey primary key (id, at);
        alter table only s.log_1 add constraint log_1_pkey primary key (id, at);
        alter table s.elsewhere attach partition s.log default;
    """)
    assert [(table.name, table.primary_key) for table in schema.tables] == [
        ("log", ("id", "at")), ("old", ()),
    ]  # fmt: skip
    assert schema.notes == [
        "line 7: table `s.log_3` left out: its statement lists no columns",
        "table `log_1` left out: it is a partition of `log`",
        "table `log_2` left out: it is a partition of `log`",
        "table `log_2_a` left out: it is a partition of `log_2`",
        "1 × `alter table` left out",
    ]


def test_a_table_of_another_schema_is_not_dropped() -> None:
    text = "create table a.t (id int); drop table b.t; create table u (id int); drop table a.u;"
    assert list(_columns(text)) == ["t"]


def test_mysql_changes_columns() -> None:
    text = """create table t (id int primary key, b int, c int);
    alter table t change column b d varchar(9) not null, modify c bigint;
    alter table t drop primary key;"""
    [table] = of_ddl(text, "mysql").tables
    assert [(c.name, c.type.spelled, c.nullable) for c in table.columns] == [
        ("id", "int", True), ("d", "varchar(9)", False), ("c", "bigint", True),
    ]  # fmt: skip
    assert table.primary_key == ()


def test_a_column_of_sqlite_needs_no_type() -> None:
    text = "create table t(a integer primary key, b, c text, d default 5, e not null)"
    schema = of_ddl(text, "sqlite")
    assert [c.name for c in schema.tables[0].columns] == ["a", "b", "c", "d", "e"]
    assert schema.notes == ["column `b` of table `t` is text here: it has no type"]


def test_a_list_of_values_that_no_column_has_is_reported(home: object) -> None:
    done = imported(of_ddl("create table t (id int primary key, big bigint check (big in "
                           "(99999999999999999999)))"), "x")  # fmt: skip
    assert done.tables["t"].spec.checks or any("9999" in n for n in done.tables["t"].notes)


@pytest.mark.parametrize(
    ("dialect", "kind", "values"),
    [
        ("clickhouse", "Enum8('a'=1, 'b'=2)", ("a", "b")),
        ("clickhouse", "Nullable(Enum16('x'=1))", ("x",)),
        ("mysql", "set('a','b','c')", ("a", "b", "c")),
        ("mysql", "enum('a','b')", ("a", "b")),
    ],
)
def test_enumerations_of_dialects(dialect: str, kind: str, values: tuple[str, ...]) -> None:
    [table] = of_ddl(f"create table t (id int primary key, c {kind})", dialect).tables
    assert table.column("c").values == values
    columns = imported(of_ddl(f"create table t (c {kind})", dialect), "x").spec.tables["t"].columns
    assert columns["c"].values == list(values)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("dialect", "kind", "fields"),
    [
        ("mysql", "bit(1)", {"low": 0, "high": 1}),
        ("mysql", "bit(8)", {"low": 0, "high": 255}),
        ("mysql", "year", {"low": 1901, "high": 2155}),
        ("postgres", "bit(8)", {"pattern": "[01]{8}"}),
        ("postgres", "bit varying(5)", {"pattern": "[01]{5}"}),
        ("postgres", "bit", {"pattern": "[01]{1}"}),
        ("postgres", "decimal(3,2)", {"low": 0, "high": 9.99, "decimals": 2}),
        ("clickhouse", "LowCardinality(String)", {"kind": "vocabulary"}),
    ],
)
def test_values_are_no_wider_than_their_type(
    dialect: str, kind: str, fields: dict[str, object], home: object
) -> None:
    schema = of_ddl(f"create table t (id int primary key, c {kind})", dialect)
    spec = imported(schema, "x").spec
    column = spec.tables["t"].columns["c"]
    assert {name: getattr(column, name) for name in fields} == fields
    assert trial.failures(spec, MemoryReader) == []


@pytest.mark.parametrize(
    ("dialect", "text", "name"),
    [
        ("tsql", "create table [dbo].[Customer Order] (a uniqueidentifier ROWGUIDCOL not null)",
         "Customer Order"),
        ("postgres", 'create table "A B" (a int, b odd type that is none)', "A B"),
        ("mysql", "create table `A B` (a int, b odd type that is none)", "A B"),
    ],
)  # fmt: skip
def test_a_table_with_a_blank_in_its_name_is_read_by_parts(
    dialect: str, text: str, name: str
) -> None:
    schema = of_ddl(text, dialect)
    assert list(_columns(text, dialect)) == [name]
    assert any(f"{name}` is text here" in note for note in schema.notes)


def test_a_partition_of_a_schema_with_a_blank_is_named() -> None:
    text = """create table t (id int);
    create table "Sales Dept".orders_2025 partition of "Sales Dept".orders for values in (1);"""
    assert of_ddl(text).notes == [
        "line 2: table `Sales Dept.orders_2025` left out: its statement lists no columns"
    ]


def test_deep_expressions_cost_a_note(tmp_path: Path) -> None:
    deep = "(" * 2000 + "1" + ")" * 2000
    schema = of_ddl(f"create table t (id int primary key, a int default {deep}, b int)")
    assert [c.name for c in schema.tables[0].columns] == ["id", "a", "b"]
    assert schema.notes == ["line 1: column `a` of table `t` is text here: its type cannot be read"]
    for word in ("and", "or"):
        condition = f" {word} ".join(f"b = {n}" for n in range(2000))
        assert of_ddl(f"create table t (id int, b int, check ({condition}))").tables
