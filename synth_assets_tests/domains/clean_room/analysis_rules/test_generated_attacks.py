"""Thousands of generated queries, and one property: only what a rule releases is ever shown.

Answers, errors, log records and printed output are searched for secrets. The shares of queries that
are parsed and answered are checked, too: a grammar of invalid queries would prove nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from synth_assets.domains.clean_room.analysis_rules import CleanRoom
from synth_assets.domains.clean_room.analysis_rules.errors import NotASelectError, RefusedError
from synth_assets_tests.domains.clean_room.analysis_rules.planted import (
    BASE,
    VIEWS,
    Secrets,
    planted,
    shown,
)
from synth_assets_tests.domains.clean_room.analysis_rules.queries import attacks

Planted = tuple[CleanRoom, Secrets]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return planted(tmp_path_factory.mktemp("planted"))


def attacked(
    there: Planted,
    examples: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> tuple[Counter[str], set[str]]:
    """Run and check queries; returns the number of each outcome, and of the clauses used."""
    clean_room, secrets = there
    ends: Counter[str] = Counter()
    answered: set[str] = set()
    queries: set[str] = set()
    caplog.set_level(logging.DEBUG)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        # a seed that fails has no simpler one
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(sql=attacks())
    def attack(sql: str) -> None:
        if sql in queries:
            return
        queries.add(sql)
        try:
            answer = clean_room.run(sql, "shop")
        except RefusedError as refused:
            kind, seen = type(refused), str(refused)
            ends["not read" if kind is NotASelectError else "refused"] += 1
        else:
            seen = shown(answer)
            ends["answered"] += 1
            ends["rows"] += answer.height > 0
            answered.update(one.clause for one in VIEWS if one.name in sql.replace("`", ""))
        printed = capfd.readouterr()
        seen = "\n".join([seen, caplog.text, printed.out, printed.err])
        caplog.clear()
        found = secrets.found(seen)
        assert not found, f"{sql}\nshows {sorted(found)[:9]} in\n{seen[:300]}"

    attack()
    ends["queries"] = len(queries)
    return ends, answered


def judge(ends: Counter[str], answered: set[str], least: int) -> None:
    """Enough queries of all kinds were parsed, and answered with rows."""
    assert ends["queries"] >= least, ends
    assert ends["not read"] <= 0.5 * ends["queries"], ends
    assert ends["answered"] >= 0.1 * ends["queries"], ends
    assert ends["rows"] >= 0.05 * ends["queries"], ends
    assert answered == {one.clause for one in VIEWS}, answered


def test_a_sample_of_attacks_sees_no_secret(
    there: Planted, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    judge(*attacked(there, 105, caplog, capfd), least=100)


@pytest.mark.slow
def test_no_attack_sees_a_secret(
    there: Planted, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    judge(*attacked(there, 2_050, caplog, capfd), least=2_000)


COLUMNS = ("email", "city", "tier", "note", "born", "id", "score")


@pytest.mark.parametrize("column", COLUMNS)
def test_the_oracle_finds_a_secret_of_each_column(there: Planted, column: str) -> None:
    """An owner reads its own rows, which shows that the oracle finds secrets."""
    clean_room, secrets = there
    for written in ("{}", "UPPER(CAST({} AS STRING))", "CONCAT('a', CAST({} AS STRING), 'b')"):
        sql = f"SELECT {written.format(column)} AS x FROM `{BASE}.payments`"
        assert len(secrets.found(shown(clean_room.run(sql, "wallet")))) >= 50


@pytest.mark.parametrize(
    "writing",
    [str.upper, lambda text: text[2:9], lambda text: f"it failed on {text!r}", lambda t: f"x{t}y"],
)
def test_the_oracle_finds_pieces(writing: Callable[[str], str]) -> None:
    secrets = Secrets()
    assert secrets.found(writing(secrets.text()))
    assert not secrets.found("relation_2 refused: no column of table wallet.base.users 2020-01-01")
