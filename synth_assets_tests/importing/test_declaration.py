"""What is declared of a schema: keys, references, rows, names, guesses."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from sqlglot.dialects.postgres import Postgres

from synth_assets.core.errors import UserError
from synth_assets.declarative.model import DomainSpec
from synth_assets.importing.amounts import declared_bounds
from synth_assets.importing.declaration import Imported, imported
from synth_assets.importing.found import FoundColumn, FoundType, Kind
from synth_assets.importing.names import is_personal, rule_for
from synth_assets.importing.report import report
from synth_assets.importing.sources import Options, read
from synth_assets.importing.texts import capacity, longest
from synth_assets.importing.yaml_text import yaml_text
from synth_assets_tests.importing.conftest import SHOP, of_ddl


def _imported(ddl: str) -> Imported:
    return imported(of_ddl(ddl), "here")


def _columns(done: Imported, table: str) -> dict[str, Any]:
    return dict(done.spec.tables[table].columns)


def test_the_text_loads_as_the_same_declaration() -> None:
    done = _imported(SHOP)
    text = yaml_text(done.spec, "A comment.")
    assert text.startswith("# A comment.\n")
    assert DomainSpec.model_validate(yaml.safe_load(text)) == done.spec
    assert "&" not in text


def test_keys_references_and_conditions_are_declared() -> None:
    done = _imported(SHOP)
    orders, lines = _columns(done, "orders"), _columns(done, "order_lines")
    assert orders["id"].kind == "sequence"
    assert orders["id"].primary_key
    assert (orders["customer_id"].kind, orders["customer_id"].to) == ("reference", "customers")
    assert orders["status"].values == ["open", "paid"]
    assert (orders["paid_at"].kind, orders["paid_at"].than) == ("later", "ordered_at")
    checks = {c.kind: c for c in done.spec.tables["orders"].checks}
    assert checks["expression"].severity == "block"
    assert (checks["range"].low, checks["range"].high) == (1, 9)
    assert checks["accepted"].values == ["open", "paid"]
    assert done.spec.tables["order_lines"].rows.of == "order_id"  # type: ignore[union-attr]
    assert lines["line"].kind == "position"


def test_names_are_made_valid_and_noted() -> None:
    done = _imported("""
        create table "Order" ("Zip Code" text, "select" int, "2nd" int, "Zip-Code" text);
        create table parts (part int, row int);
        create type "Mood" as enum ('good', 'so so');
        create table days (mood public."Mood");
        create table s1.a (id int primary key, o int);
        create table s2.a (id int primary key, b int references s1.a (id));
        create table gate_report (id int primary key);
    """)
    tables = ["order", "parts", "days", "s1_a", "s2_a", "gate_report_2"]
    assert list(done.spec.tables) == tables
    assert yaml.safe_load(yaml_text(done.spec))["tables"]["parts"]["partitioning"] == {
        "kind": "unpartitioned", "column": "part_2",
    }  # fmt: skip
    assert list(_columns(done, "order")) == ["Zip_Code", "select", "n_2nd", "Zip_Code_2"]
    assert _columns(done, "days")["mood"].values == ["good", "so so"]
    assert list(_columns(done, "parts")) == ["part", "row_2"]
    assert _columns(done, "s2_a")["b"].to == "s1_a"
    text = report(done, 20)
    for note in ("table `Order` is `order` here", "column `Order.2nd` is `n_2nd` here"):
        assert note in text


def test_a_cycle_is_cut_where_it_says_least() -> None:
    done = _imported("""
        create table departments (id int primary key, head_id int, name text not null);
        create table staff (id int primary key, department_id int not null references departments);
        alter table departments add foreign key (head_id) references staff (id);
    """)
    assert _columns(done, "departments")["head_id"].kind == "integers"
    assert _columns(done, "departments")["head_id"].high == done.spec.tables["staff"].rows
    assert _columns(done, "staff")["department_id"].kind == "reference"
    assert any("departments → staff → departments" in n for n in done.tables["departments"].notes)


def test_a_long_cycle_without_null_values_is_cut_too() -> None:
    names = [f"t{number}" for number in range(30)]
    done = _imported(
        "".join(
            f"create table {name} (id int primary key, n int not null references {other} (id));"
            for name, other in zip(names, [*names[1:], names[0]], strict=True)
        )
    )
    kinds = [_columns(done, name)["n"].kind for name in names]
    assert sorted(kinds) == ["integers"] + ["reference"] * 29


def test_times_of_a_row_follow_each_other() -> None:
    done = _imported("""
        create table rental (id int primary key, return_date date, rental_date date not null,
            last_update timestamp not null);
        create table orders (id int primary key, "ShippedDate" date, "OrderDate" date,
            "RequiredDate" date, payment_date timestamp);
        create table loans (id int primary key, maturity_date date, loan_date date,
            approval_date date, deletion_date date);
    """)
    after = {
        f"{name}.{column}": spec.than
        for name, table in done.spec.tables.items()
        for column, spec in table.columns.items()
        if spec.kind == "later"
    }
    assert after == {
        "rental.return_date": "rental_date", "rental.last_update": "rental_date",
        "orders.ShippedDate": "OrderDate", "orders.RequiredDate": "ShippedDate",
        "orders.payment_date": "ShippedDate", "loans.maturity_date": "approval_date",
        "loans.approval_date": "loan_date", "loans.deletion_date": "maturity_date",
    }  # fmt: skip


def test_a_reference_to_the_own_table_is_one() -> None:
    done = _imported("create table a (id int primary key, parent_id int references a (id))")
    assert _columns(done, "a")["parent_id"].to == "a"


def test_a_reference_of_several_columns_copies_the_others() -> None:
    done = _imported("""
        create table wards (dep int, no int, primary key (dep, no));
        create table stays (id int primary key, dep int not null, ward int not null,
            foreign key (dep, ward) references wards (dep, no));
    """)
    stays = _columns(done, "stays")
    assert (stays["dep"].to, stays["dep"].column) == ("wards", "dep")
    assert (stays["ward"].kind, stays["ward"].through, stays["ward"].column) == (
        "copy",
        "dep",
        "no",
    )


def test_a_key_of_references_has_one_row_for_each_parent() -> None:
    done = _imported("""
        create table a (id int primary key);
        create table b (id int primary key);
        create table ab (a_id int references a, b_id int references b, primary key (a_id, b_id));
        create table more (a_id int primary key references a, x int);
    """)
    for table in ("ab", "more"):
        rows: Any = done.spec.tables[table].rows
        assert (rows.of, rows.count) == ("a_id", 1)


def test_keys_and_references_are_guessed_from_names_and_marked() -> None:
    done = _imported("""
        create table raw_customers (id bigint, name text);
        create table raw_orders (order_id bigint, customer_id bigint, billing_customer_id bigint,
            parent_id bigint, company_id bigint);
    """)
    orders = _columns(done, "raw_orders")
    assert orders["order_id"].primary_key
    assert [orders[c].kind for c in ("customer_id", "billing_customer_id")] == ["reference"] * 2
    assert orders["parent_id"].to == "raw_orders"
    assert orders["company_id"].kind == "integers"
    text = report(done, 20)
    assert "the primary key `id` is guessed from its name" in text
    assert "| `customer_id` | reference | name | refers to `raw_customers` |" in text


def test_what_no_generator_fulfils_warns() -> None:
    done = _imported("""
        create table a (id int primary key, low int, high int, day date not null unique,
            check (low <= high), check (upper(id::text) similar to 'x'));
    """)
    severities = {check.name: check.severity for check in done.spec.tables["a"].checks}
    assert severities == {"low_high_condition": "warn"}
    assert _columns(done, "a")["day"].unique
    assert any("left out" in note for note in done.tables["a"].notes)


def test_a_column_of_the_partitions_name_moves_the_partition() -> None:
    done = _imported("create table a (id int primary key, part text)")
    assert done.spec.tables["a"].partitioning.column != "part"


def test_five_hundred_tables_are_declared() -> None:
    ddl = "".join(
        f"create table t{n} (id int primary key, name text, at timestamp"
        + (f", t{n - 1}_id int references t{n - 1} (id)" if n else "")
        + ");"
        for n in range(500)
    )
    done = _imported(ddl)
    assert len(done.spec.tables) == 500
    assert _columns(done, "t499")["t498_id"].to == "t498"


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("customers.first_name", Kind.TEXT, "first_name"),
        ("people.firstName", Kind.TEXT, "first_name"),
        ("patients.name", Kind.TEXT, "name"),
        ("products.name", Kind.TEXT, "catch_phrase"),
        ("a.billing_email", Kind.TEXT, "safe_email"),
        ("a.iban", Kind.TEXT, "iban"),
        ("a.shipping_city", Kind.TEXT, "city"),
        ("a.home_country_code", Kind.TEXT, "country_code"),
        ("a.capacity", Kind.TEXT, None),
        ("a.ip_address", Kind.TEXT, "ipv4"),
        ("a.unit_price", Kind.DECIMAL, "lognormal"),
        ("a.latitude", Kind.FLOAT, "uniform"),
        ("a.date_of_birth", Kind.DATE, "date"),
    ],
)
def test_names_suggest_generators(name: str, kind: Kind, expected: str | None) -> None:
    table, column = name.split(".")
    rule = rule_for(table, column, kind)
    found = rule and rule.fields.get("provider", rule.fields["kind"])
    assert found == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("name", True), ("patient_name", True), ("home_phone", True), ("product_name", False),
     ("tier", False), ("eMail", True), ("ssn", True)],
)  # fmt: skip
def test_personal_columns_are_known_by_their_names(name: str, expected: bool) -> None:
    assert is_personal(name) is expected


def test_texts_are_no_longer_than_their_columns() -> None:
    done = _imported("""
        create table a (id varchar(5) primary key, code char(3) not null unique, note varchar(10),
            name varchar(2), state varchar(2));
    """)
    for column in _columns(done, "a").values():
        fields = column.model_dump(exclude_none=True)
        width = {"id": 5, "code": 3, "note": 10, "name": 2, "state": 2}
        name = next(n for n, c in _columns(done, "a").items() if c is column)
        if column.kind == "sequence":
            assert len(column.prefix) + column.digits <= width[name]
        else:
            assert longest(fields) <= width[name]


def test_capacity_counts_texts() -> None:
    assert capacity("INV-##") == 100
    assert capacity("[A-Z]{2}[01]x") == 26 * 26 * 2


def test_open_bounds_are_a_step_inside() -> None:
    cents = FoundType(Kind.DECIMAL, "", precision=8, scale=2)
    column = FoundColumn("a", cents, low=0, low_open=True, high=1)
    assert declared_bounds(column) == (0.01, 1)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nowhere", "there is no such file or folder"),
        ("mysql://u:p@host/db", "mysql:// cannot be imported"),
        ("README.md", "README.md cannot be imported"),
        ("docs", "has no file that ends in"),
    ],
)
def test_what_is_no_source_is_refused(source: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        read(source, Options(), lambda url: pytest.fail("no address"))
    assert "u:p@" not in str(refused.value)


def test_times_of_different_types_are_compared_in_utc() -> None:
    done = _imported("""
        create table jobs (id int primary key, starts_at timestamptz not null, ends_at timestamp,
            due date not null, check (ends_at >= starts_at), check (due > '2020-01-01'),
            check (starts_at <> '{}'));
    """)
    checks = {check.name: check for check in done.spec.tables["jobs"].checks}
    assert {name: (check.sql, check.severity) for name, check in checks.items()} == {  # type: ignore[union-attr]
        "ends_at_starts_at_condition": ("ends_at >= CAST(starts_at AS TIMESTAMP)", "block"),
        "due_condition": ("due > CAST('2020-01-01' AS DATE)", "warn"),
    }
    [note] = [n for n in done.tables["jobs"].notes if "left out" in n]
    assert "compares values of different types" in note


# Words that some parser of SQL takes for something else than a name.
WORDS = sorted(
    {word.lower() for key in Postgres.Tokenizer.KEYWORDS for word in key.split() if word.isalpha()}
    | {"user", "trim", "position", "year", "value", "exists", "placing", "only", "select", "from"}
)


@pytest.mark.parametrize("word", WORDS)
def test_conditions_and_formulas_of_columns_with_any_name(word: str) -> None:
    done = _imported(f"""
        create table t (id int primary key, "{word}" int not null, b int not null,
            c int generated always as ("{word}" * 2) stored,
            check ("{word}" <= b), check ("{word}" + b > 7 or b < "{word}"));
    """)
    assert _columns(done, "t")["c"].sql.strip('"').startswith(word)
    assert len(done.spec.tables["t"].checks) == 2
    assert not any("left out" in note for note in done.tables["t"].notes)


def test_an_email_is_made_of_a_key_with_any_name() -> None:
    done = _imported('create table t ("order" int primary key, email text not null unique)')
    assert _columns(done, "t")["email"].sql == "'person' || \"order\" || '@example.com'"
