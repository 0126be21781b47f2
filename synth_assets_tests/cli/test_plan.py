"""What ``synth materialize`` would make: ``--dry-run``, and the question on a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synth_assets.cli import plan, running
from synth_assets.cli.plan import planned
from synth_assets.core.model import Domain
from synth_assets.core.sources import frames
from synth_assets.domains import load_domains
from synth_assets.orchestration.partitions import keys_among
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.cli.conftest import Synth

ADS = "jaffle/stg_google_ads"
DAYS = "2026-01-01..2026-01-03"


def jaffle() -> Domain:
    return next(domain for domain in load_domains() if domain.name == "jaffle")


def test_a_dry_run_makes_nothing_and_shows_what_it_would(synth: Synth, home: Path) -> None:
    done = synth("materialize", ADS, "--partitions", DAYS, "--dry-run", "--dbt")
    assert done.code == 0
    assert "jaffle, partitions 2026-01-01 to 2026-01-03, and its dbt models" in done.out
    assert "1 table, 3 partitions, about" in done.out
    assert done.out.rstrip().endswith("Nothing was made.")
    assert not home.exists()


def test_rows_of_generated_tables_are_those_that_they_have(settings: Settings) -> None:
    domain = jaffle()
    table, keys = domain.table("stg_google_ads"), keys_among(domain.tables, DAYS)
    [plan] = planned(domain, [table], keys, {}, dbt=False).tables
    made = [frame.collect().height for _, frame in frames(table, domain.scenario, keys)]
    assert (plan.partitions, plan.rows, plan.stored) == (3, sum(made), None)


def test_stored_partitions_of_the_scenario_are_what_rows_are_estimated_by(
    settings: Settings,
) -> None:
    domain, stores = jaffle(), settings.open_stores()
    table, keys = domain.table("stg_google_ads"), keys_among(domain.tables, DAYS)
    fingerprint = domain.scenario.fingerprint()
    for partition, frame in frames(table, domain.scenario, keys[:2]):
        stores.of(table).replace(table, partition.key, frame.head(6), fingerprint)
    [plan] = planned(domain, [table], keys, {}, dbt=False, stores=stores).tables
    assert (plan.stored, plan.rows) == (2, 18)
    [other] = planned(domain, [table], keys, {"seed": 7}, dbt=False, stores=stores).tables
    assert other.rows not in (18, None)


def test_a_derived_table_has_unknown_rows_and_the_time_of_what_it_reads(synth: Synth) -> None:
    done = synth("materialize", "identity_graph", "--dry-run", "--json")
    document = json.loads(done.out)
    assert document["dry_run"] is True
    [run] = document["runs"]
    tables = {table["table"]: table for table in run["tables"]}
    assert tables["identity_graph/viewership_patterns"]["rows"] is None
    assert tables["identity_graph/content_engagements"]["rows"] > 100_000
    assert run["seconds"] > sum(table["seconds"] for table in run["tables"])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions on a terminal, all answered with no; no run is made."""
    questions: list[str] = []

    def answer(question: str, *, yes: bool) -> bool:
        questions.append(question)
        return False

    monkeypatch.setattr(plan, "interactive", lambda: True)
    monkeypatch.setattr(plan, "confirmed", answer)
    monkeypatch.setattr(running, "run", lambda *args, **options: 0)
    return questions


def test_more_than_a_thousand_partitions_are_asked_about(synth: Synth, asked: list[str]) -> None:
    done = synth("materialize", "jaffle")
    assert done.code == 2
    assert "nothing was made; --partitions makes fewer" in done.err
    [question] = asked
    assert question.startswith("16 tables, ")
    assert question.endswith("on two cores. Make them?")


def test_more_than_a_minute_is_asked_about(synth: Synth, asked: list[str]) -> None:
    assert synth("materialize", "identity_resolution", "--set", "scale=50M").code == 2
    assert len(asked) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("jaffle",),
        ("journey", "--scale", "1"),
        ("clean-room", "--set", "users=10000000"),
        ("identity-graph", "--households", "1000000"),
        ("identity-resolution",),
    ],
    ids=lambda words: words[0],
)
def test_the_command_of_each_domain_asks_before_more_than_a_minute(
    synth: Synth, asked: list[str], words: tuple[str, ...], tmp_path: Path
) -> None:
    done = synth(*words)
    assert done.code == 2
    assert "nothing was made" in done.err
    assert len(asked) == 1
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("words", [(ADS, "--partitions", DAYS), ("jaffle", "--yes")])
def test_little_work_and_yes_are_not_asked_about(
    synth: Synth, asked: list[str], words: tuple[str, ...]
) -> None:
    assert synth("materialize", *words).code == 0
    assert asked == []


def test_nobody_is_asked_without_a_terminal(
    synth: Synth, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "interactive", lambda: False)
    assert synth("materialize", "all").code == 0
    assert asked == []
