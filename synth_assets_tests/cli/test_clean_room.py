"""``synth clean-room``: both parties' tables in one command, and questions under the rules."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import polars as pl
import pytest
import sqlglot

from synth_assets.cli.selection import domain_named
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.orchestration.assets import IO_MANAGER
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.bigquery.service import EMULATOR
from synth_assets_tests.domains.clean_room.brief import QUERIES
from synth_assets_tests.servers import REAL_PROJECT
from synth_assets_tests.shell import InProcess, Shell
from synth_assets_tests.stores.bigquery_proxy import Fault, proxied

USERS = {"SYNTH_CLEAN_ROOM_USERS": "6000"}
IDS = ("--merchant-project-id", "my-shop", "--provider-project-id", "my-wallet")
NAMED = {"merchant": "my-shop", "provider": "my-wallet"}
MUST = "You must use SELECT WITH AGGREGATION_THRESHOLD"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home with the tables of both parties, which remembers what it was made with."""
    shell = Shell(tmp_path_factory.mktemp("room"))
    done = shell("clean-room", *IDS, **USERS)
    assert done.returncode == 0, done.stderr
    assert "Gate passed" in done.stdout
    assert "Merchant: schema my-shop of" in done.stdout
    return InProcess(shell.home)


def test_the_ids_name_the_parties_schemas(made: Shell) -> None:
    folders = {path.parent.name for path in (made.home / "lake").glob("my-*/*/")}
    assert folders == {"my-shop", "my-wallet"}
    tables = {path.name for path in (made.home / "lake").glob("my-wallet/*/")}
    assert {"provider_users", "provider_users_inference", "transactions_inference"} <= tables
    found = pl.read_parquet(made.home / "lake/my-wallet/account_tier_predictions/*/data.parquet")
    assert found.height > 100


def test_the_home_remembers_what_it_was_made_with(
    made: Shell, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not home.exists()
    monkeypatch.setenv("SYNTH_HOME", str(made.home))
    room = domain_named("clean_room")
    assert room.scenario == CleanRoomScenario.of(
        {"users": 6000} | {f"{p}_{w}": n for p, n in NAMED.items() for w in ("project", "schema")}
    )
    tables = build_definitions(with_dbt=False).resources[IO_MANAGER].tables
    stores = Settings.from_environment().open_stores()
    for name, party in (("users", "merchant"), ("provider_users", "provider")):
        table = tables[f"clean_room/{name}"]
        assert f"/{NAMED[party]}/" in stores.uri(table)
        assert set(stores.describe(table)) == {"training", "inference"}
    listed = made("list", "clean_room/users", SYNTH_CLEAN_ROOM_USERS="7000").stdout
    assert "SYNTH_CLEAN_ROOM_PROVIDER_SCHEMA=my-wallet" in listed
    assert "USERS=6000 (the environment has another value)" in listed
    assert "2 of 2" in listed
    judged = made("gate", "clean_room/provider_users", "clean_room/users")
    assert (judged.returncode, judged.stderr) == (0, ""), judged.stdout


def test_a_variable_overrides_what_is_remembered(made: Shell, tmp_path: Path) -> None:
    question = tmp_path / "question.sql"
    question.write_text(made("clean-room", "example", "trust_analysis").stdout)
    words = ("clean-room", "query", str(question), "--as", "merchant")
    refused = made(*words, SYNTH_CLEAN_ROOM_PROVIDER_SCHEMA="elsewhere")
    assert refused.returncode == 2
    assert f"at {made.home}/lake/elsewhere/" in refused.stderr


def test_an_example_is_answered_and_its_printed_form_is_not(made: Shell, tmp_path: Path) -> None:
    example = made("clean-room", "example", "trust_analysis", "--split", "inference")
    assert "`my-wallet.trust_analysis.provider_users_inference`" in example.stdout
    question, answer = tmp_path / "question.sql", tmp_path / "answer.csv"
    question.write_text(example.stdout)
    query = ("clean-room", "query", str(question), "--as", "merchant")
    done = made(*query, "--output", str(answer))
    assert done.returncode == 0, done.stderr
    assert pl.read_csv(answer)["number_of_customers"].min() >= 50  # type: ignore[operator]
    question.write_text(example.stdout.replace(" WITH AGGREGATION_THRESHOLD", ""))
    refused = made(*query)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.startswith(f"error: {MUST}")


def test_the_printed_query_is_sent_to_a_view_or_run_by_the_owner(
    made: Shell, tmp_path: Path
) -> None:
    question = tmp_path / "question.sql"
    printed = QUERIES["trust_analysis"].replace("your-merchant-project", "my-shop")
    question.write_text(printed.replace("your-provider-project", "my-wallet"))
    query = ("clean-room", *IDS, "query", str(question))
    refused = made(*query, "--as", "merchant")
    assert refused.returncode == 2
    assert "`synth clean-room example trust_analysis` prints the query" in refused.stderr
    assert made(*query, "--unprotected").returncode == 0
    for words in ((), ("--unprotected", "--as", "merchant")):
        refused = made(*query, *words)
        assert refused.returncode == 2
        assert "give --as merchant or --as provider" in refused.stderr


def test_the_views_are_ddl_of_bigquery(made: Shell) -> None:
    done = made("clean-room", "views")
    statements = [s for s in sqlglot.parse(done.stdout, read="bigquery") if s is not None]
    assert len(statements) == 12
    assert {s.key for s in statements} == {"create"}


def test_the_model_is_two_statements_of_bigquery(made: Shell) -> None:
    done = made("clean-room", "model")
    assert "`my-wallet.ewallet_provider.account_tier_predictor`" in done.stdout
    assert "ML.PREDICT" in done.stdout
    refused = made("clean-room", "--merchant-project-id", "no_project", "model")
    assert refused.returncode == 2
    assert "must be a Google Cloud project id" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--merchant-project-id", "no good"), "merchant_project = 'no good'"),
        (("--merchant-project-id", "one", "--provider-project-id", "one"), "must differ"),
        (("--set", "market_share=0.9"), "market_share 0.9 must be at most"),
        (("--set", "as_of=2030-01-01", "--set", "training_date=2031-01-01"), "before as_of"),
        (("--set", "snapshot_window_days=0"), "snapshot_window_days = 0"),
        (("query", "nowhere.sql", "--as", "merchant"), "FILE nowhere.sql: there is no such file"),
        (("query", "nowhere.sql", "--as", "nobody"), "'merchant', 'provider'"),
        (("query", "drop.sql", "--as", "merchant"), "SELECT"),
        (("query", "row.sql", "--as", "merchant"), "a row of values in parentheses"),
    ],
)
def test_bad_input_is_one_sentence(
    made: Shell, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    drop = tmp_path / "drop.sql"
    drop.write_text("DROP TABLE `merchant.merchant_provider.users`")
    row = tmp_path / "row.sql"
    row.write_text("SELECT (email, id) FROM `my-shop.merchant_provider.users`")
    files = {"drop.sql": str(drop), "row.sql": str(row)}
    done = made("clean-room", *(files.get(word, word) for word in words))
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "panicked" not in done.stderr


def test_a_budget_ends(made: Shell, tmp_path: Path) -> None:
    question = tmp_path / "question.sql"
    question.write_text(made("clean-room", "example", "private_counts").stdout)
    query = ("clean-room", "query", str(question), "--as", "merchant")
    assert "3 rows" in made(*query).stdout
    # As after eight more queries: one of ten is left.
    with sqlite3.connect(made.home / "clean_room_budget.sqlite") as ledger:
        ledger.execute("update spends set epsilon = 9 * epsilon")
    assert made(*query).returncode == 0
    refused = made(*query)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "Privacy budget is not sufficient" in refused.stderr
    # Neither another name of the project nor the other split's view has a budget of its own.
    renamed = question.read_text().replace("`my-wallet.", "`other.")
    question.write_text(renamed)
    ids = ("--merchant-project-id", "my-shop")
    named = {
        "SYNTH_CLEAN_ROOM_PROVIDER_PROJECT": "other",
        "SYNTH_CLEAN_ROOM_PROVIDER_SCHEMA": "my-wallet",
    }
    refused = made("clean-room", *ids, "query", str(question), "--as", "merchant", **named)
    assert "Privacy budget is not sufficient for table 'other." in refused.stderr
    question.write_text(renamed.replace("other", "my-wallet").replace("users`", "users_inference`"))
    refused = made(*query)
    assert "Privacy budget is not sufficient" in refused.stderr
    assert "provider_users_inference'" in refused.stderr
    # Nor does it come back when the file is gone: the owner has to make the table again.
    (made.home / "clean_room_budget.sqlite").unlink()
    refused = made(*query)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "`synth materialize clean_room/provider_users`" in refused.stderr


@pytest.mark.skipif(REAL_PROJECT, reason="the answers are planted")
@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [
        (403, "accessDenied", "Access Denied: Project my-shop: no bigquery.datasets.create"),
        (404, "notFound", "Not found: Project my-wallet"),
    ],
)
def test_a_project_that_refuses_is_named(
    bigquery_project: str, tmp_path: Path, status: int, reason: str, message: str
) -> None:
    with proxied(os.environ[EMULATOR]) as proxy:
        proxy.faults.append(Fault("", status, reason, 1_000, message=message))
        shell = InProcess(tmp_path)
        shell.environment |= {
            EMULATOR: proxy.url,
            "SYNTH_STORE": "bigquery",
            "SYNTH_BIGQUERY_PROJECT": bigquery_project,
            "SYNTH_CLEAN_ROOM_USERS": "1000",
        }
        done = shell("clean-room", *IDS)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_printed_names_the_parties_as_the_settings_do(tmp_path: Path) -> None:
    shell = InProcess(tmp_path)
    shell.environment |= {
        "SYNTH_STORE": "bigquery",
        "SYNTH_BIGQUERY_PROJECT": "pays",
        "SYNTH_BIGQUERY_PARTIES": "merchant=shop,provider=wallet",
        "SYNTH_CLEAN_ROOM_MERCHANT_SCHEMA": "shop_data",
    }
    printed = shell("clean-room", "model").stdout
    assert "`shop.shop_data.users_inference`" in printed
    assert "`wallet.ewallet_provider.account_tier_predictor`" in printed
