"""``synth import``: files or nothing, no secrets, errors in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.declarative.loader import read_spec
from synth_assets.importing.declaration import imported
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.importing.conftest import SHOP, of_ddl
from synth_assets_tests.secrets import SECRET, holding


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a DDL file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.sql").write_text(SHOP)
    return tmp_path


def test_the_declaration_and_the_report_are_written(synth: Synth, here: Path) -> None:
    done = synth("import", "shop.sql")
    assert (done.code, done.err) == (0, "")
    assert "wrote domain.yaml and import.md to shop: 3 tables" in done.out
    assert sorted(p.name for p in (here / "shop").iterdir()) == ["domain.yaml", "import.md"]
    _, spec = read_spec(here / "shop/domain.yaml")
    assert spec.tables == imported(of_ddl(SHOP), "shop").spec.tables
    assert "| `customer_id` | reference | declared |" in (here / "shop/import.md").read_text()


def test_a_declaration_is_replaced_only_if_asked(synth: Synth, here: Path) -> None:
    (here / "shop").mkdir()
    (here / "shop/domain.yaml").write_text("mine")
    refused = synth("import", "shop.sql")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--overwrite replaces it" in refused.err
    assert (here / "shop/domain.yaml").read_text() == "mine"
    assert synth("import", "shop.sql", "--overwrite").code == 0
    assert (here / "shop/domain.yaml").read_text() != "mine"


def test_a_domain_that_is_known_is_imported_again(
    synth: Synth, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert synth("import", "shop.sql").code == 0
    monkeypatch.setenv("SYNTH_DOMAINS", str(here / "shop"))
    assert synth("import", "shop.sql", "--overwrite").code == 0
    other = synth("import", "shop.sql", "--to", "elsewhere")
    assert (other.code, other.err.count("\n")) == (2, 1)
    assert "there is a domain 'shop' already" in other.err


def test_a_dry_run_prints_and_writes_nothing(synth: Synth, here: Path) -> None:
    before = sorted(here.rglob("*"))
    done = synth("import", "shop.sql", "--dry-run", "--name", "mine", "--rows", 7)
    assert "domain: mine\n" in done.out
    assert "rows: 7\n" in done.out
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.sql"], "there is no such file or folder"),
        (["shop.sql", "--name", "My Shop"], "--name My Shop: lower-case letters"),
        (["shop.sql", "--name", "jaffle"], "there is a domain 'jaffle' already"),
        (["shop.sql", "--name", "main"], "a domain cannot be called 'main'"),
        (["shop.sql", "--name", "information_schema"], "databases have a schema of that name"),
        (["pg_backup.sql"], "'pg_backup': databases have a schema of that name; --name gives"),
        (["shop.sql", "--name", "pg_x", "--dry-run"], "a domain cannot be called 'pg_x'"),
        (["shop.sql", "--dialect", "cobol"], "unknown dialect 'cobol'"),
        (["shop.sql", "--schema", "other"], "no table of schema 'other'"),
        (["shop.sql", "--profile"], "--profile reads rows, and the DDL file shop.sql has none"),
        (["env:NOT_SET"], "the variable NOT_SET must have a postgresql:// address"),
        (["s3://bucket/files"], "s3:// cannot be imported"),
        (["other.duckdb"], "cannot be opened as a DuckDB file"),
    ],
)
def test_wrong_input_is_one_line(synth: Synth, here: Path, words: list[str], said: str) -> None:
    (here / "other.duckdb").write_text("no database")
    before = sorted(here.rglob("*"))
    done = synth("import", *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err
    assert sorted(here.rglob("*")) == before


def test_no_secret_is_printed_or_written(
    synth: Synth, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_URL", f"postgresql://me:{SECRET}@127.0.0.1:1/shop")
    for source in (
        "env:SHOP_URL",
        f"postgresql://me:{SECRET}@127.0.0.1:1/shop",
        f"mysql://{SECRET}",
        # Characters of a password that end the part of a URL that has it.
        f"postgresql://me:a@{SECRET}@127.0.0.1:1/shop",
        f"postgresql://me:{SECRET}@b@127.0.0.1:1/shop",
        f"postgresql://me:{SECRET}/b@127.0.0.1:1/shop",
        f"postgresql://me:a/{SECRET}@127.0.0.1:1/shop",
        f"postgresql://me:a?{SECRET}@127.0.0.1:1/shop",
        f"postgresql://me:a#{SECRET}@127.0.0.1:1/shop",
        f"postgresql://me:a:{SECRET}@127.0.0.1:1/shop",
        f"postgresql://me:a%{SECRET}@127.0.0.1:1/shop",
    ):
        done = synth("import", source)
        assert done.code == 2
        assert SECRET not in done.out + done.err
    assert holding(SECRET, here.rglob("*")) == []


def test_a_database_is_imported_from_its_address(
    synth: Synth, here: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(SHOP)
    monkeypatch.setenv("SHOP_URL", postgres_url)
    done = synth("import", "env:SHOP_URL", "--name", "shop", "--profile", "--rows", 100)
    assert done.code == 0, done.err
    _, spec = read_spec(here / "shop/domain.yaml")
    assert list(spec.tables) == ["customers", "order_lines", "orders"]
    assert "Fewer than 20 rows" in (here / "shop/import.md").read_text()


# Two columns of types that are not measured or compared, and a table that cannot be read.
ODD = """
create table accounts as select i as id, cast(i as money) as balance, i % 4 as tier,
    9100000000000000000 + i * 1000 as big
from generate_series(1, 200) as g(i);
create table places as select point(i, i) as id, i as n from generate_series(1, 200) as g(i);
create table notes as select json '{}' as id, i as account_id from generate_series(1, 200) as g(i);
create table broken (id int primary key, n int);
"""


def test_what_cannot_be_measured_is_reported_and_the_rest_is_measured(
    synth: Synth, here: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    parts = psycopg.conninfo.conninfo_to_dict(postgres_url)
    role = f"reader_of_{parts['dbname']}"  # roles are of all databases of a server
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(ODD.encode())
        db.execute(f"create role {role} login password 'r'".encode())
        db.execute(f"grant select on accounts, places, notes to {role}".encode())
    url = f"postgresql://{role}:r@/{parts['dbname']}?host={parts['host']}"
    url += f"&port={parts['port']}" if "port" in parts else ""
    monkeypatch.setenv("SHOP_URL", url)
    done = synth("import", "env:SHOP_URL", "--name", "shop", "--profile")
    assert done.code == 0, done.err
    report = (here / "shop/import.md").read_text()
    for what in ("column `accounts.balance`", "column `places.id`"):
        assert f"- {what} is not measured: the source cannot (" in report
    assert "- table `broken` is not measured: the source cannot (InsufficientPrivilege)" in report
    _, spec = read_spec(here / "shop/domain.yaml")
    accounts = spec.tables["accounts"]
    assert accounts.rows == spec.tables["places"].rows == 200
    assert accounts.columns["tier"].values.keys() == {0, 1, 2, 3}  # type: ignore[union-attr]
    assert accounts.columns["id"].primary_key
    assert accounts.columns["big"].sql.startswith("91000000000001")  # type: ignore[union-attr]
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(f"revoke all on accounts, places, notes from {role}".encode())
    refused = synth("import", "env:SHOP_URL", "--name", "shop", "--profile", "--overwrite")
    assert (refused.code, refused.err.splitlines()[-1]) == (
        2, "error: the source cannot be read: no table of it; may its tables be read?"
    )  # fmt: skip
