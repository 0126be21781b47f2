"""The budget is charged before an answer, once, in one of several processes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.analysis_rules import CleanRoom, PrivacyBudgets, PrivacyPolicy
from synth_assets.domains.clean_room.analysis_rules.errors import (
    BudgetExhaustedError,
    BudgetMissingError,
    RefusedError,
)
from synth_assets.domains.clean_room.analysis_rules.privacy_budget import Spend
from synth_assets_tests.domains.clean_room.analysis_rules import made
from synth_assets_tests.domains.clean_room.analysis_rules.made import P, private

POLICY = PrivacyPolicy.from_json(
    json.dumps(private(max_epsilon_per_query=0.1, epsilon_budget=1.0, delta_per_query=1e-5))
)
QUERY = (
    "SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS(epsilon=2) city, "
    "COUNT(*, contribution_bounds_per_group => (0, 1)) AS n "
    f"FROM `{P}.private_users` GROUP BY city"
)


def spend(epsilon: float = 0.1, policy: PrivacyPolicy = POLICY, view: str = "a.b.c") -> Spend:
    return Spend(view, policy, "merchant", epsilon, 1e-5)


def ledger_of(path: Path, *opened: str) -> PrivacyBudgets:
    """Budgets in which two views, under two names, are of the same people."""
    ledger = PrivacyBudgets(path, {"a.b.c": "people", "a.b.c_inference": "people"}, "make it again")
    if opened:
        ledger.open_accounts(opened)
    return ledger


def test_ten_tenths_are_one_and_no_more(tmp_path: Path) -> None:
    ledger_of(tmp_path / "deep" / "ledger", "people")
    for _ in range(10):
        ledger_of(tmp_path / "deep" / "ledger").spend([spend()])
    ledger = ledger_of(tmp_path / "deep" / "ledger")
    assert ledger.left("a.b.c", POLICY)[0] == 0
    with pytest.raises(BudgetExhaustedError) as refused:
        ledger.spend([spend()])
    assert str(refused.value).startswith(
        "Privacy budget is not sufficient for table 'a.b.c' in this query."
    )


def test_all_of_a_query_is_paid_or_nothing(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger", "people")
    with pytest.raises(BudgetExhaustedError):
        ledger.spend([spend(0.5), spend(0.6)])
    assert ledger.left("a.b.c", POLICY) == (1.0, 1e-2)


def test_another_policy_does_not_forget_what_was_spent(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger", "people")
    ledger.spend([spend(1.0)])
    altered = PrivacyPolicy.from_json(json.dumps(private(epsilon_budget=4.0)))
    assert ledger.left("a.b.c", altered)[0] == 3.0


def test_views_of_the_same_people_share_a_budget_under_whatever_name(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger", "people", "others")
    ledger.spend([spend(0.5), spend(0.4, view="a.b.c_inference")])
    renamed = PrivacyBudgets(tmp_path / "ledger", {"z.b.c": "people", "z.b.d": "others"})
    renamed.spend([spend(0.1, view="z.b.c"), spend(1.0, view="z.b.d")])
    with pytest.raises(BudgetExhaustedError):
        ledger.spend([spend(0.1)])


@pytest.mark.parametrize("lost", ["file", "tables", "account", "view"])
def test_a_missing_budget_is_refused_and_not_opened_by_asking(tmp_path: Path, lost: str) -> None:
    ledger = ledger_of(tmp_path / "ledger", "people")
    if lost in ("file", "tables"):
        ledger.path.unlink()
    if lost == "tables":
        ledger.path.touch()
    if lost == "account":
        ledger = PrivacyBudgets(ledger.path, {"a.b.c": "others"}, "make it again")
    if lost == "view":
        ledger = PrivacyBudgets(ledger.path, {}, "make it again")
    for _ in range(2):
        with pytest.raises(BudgetMissingError, match=r"no privacy budget in .*; make it again"):
            ledger.spend([spend()])
        with pytest.raises(BudgetMissingError):
            ledger.left("a.b.c", POLICY)
    assert ledger.path.exists() == (lost != "file")


def test_opening_an_account_again_does_not_refill_it(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger", "people")
    ledger.spend([spend(1.0)])
    ledger.open_accounts(["people"])
    assert ledger.left("a.b.c", POLICY)[0] == 0


def test_processes_do_not_spend_the_same_budget(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from synth_assets_tests.domains.clean_room.analysis_rules.test_budget import ledger_of, spend
from synth_assets.domains.clean_room.analysis_rules.errors import BudgetExhaustedError
ledger, done = ledger_of(Path({str(tmp_path / "ledger")!r})), 0
sys.stdin.readline()
for _ in range(8):
    try:
        ledger.spend([spend()])
        done += 1
    except BudgetExhaustedError:
        pass
print(done)
"""
    ledger_of(tmp_path / "ledger", "people")
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[4],
        )
        for _ in range(2)
    ]
    done = [int(worker.communicate("go\n")[0]) for worker in workers]
    assert sum(done) == 10


def test_who_comes_second_waits_and_sees_what_was_spent(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger", "people")
    ledger.spend([spend(0.9)])
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as first:
        first.execute("BEGIN IMMEDIATE")
        row = ("people", "a.b.c", POLICY.fingerprint, "provider", 0.1, 1e-5)
        first.execute("INSERT INTO spends VALUES (?, ?, ?, ?, ?, ?)", row)
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(ledger.spend, [spend(0.1)])
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
            first.execute("COMMIT")
            with pytest.raises(BudgetExhaustedError):
                second.result(timeout=20)


def test_a_ledger_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("this is not a database, but it is long enough to be one")
    with pytest.raises(UserError, match="ledger"):
        ledger_of(tmp_path / "ledger").spend([spend()])
    with pytest.raises(UserError, match="ledger"):
        ledger_of(tmp_path / "ledger" / "below", "people")


def test_queries_spend_and_refused_ones_do_not(tmp_path: Path) -> None:
    clean_room = made.clean_room(tmp_path)
    ledger = made.ledger(tmp_path)
    view = f"{P}.private_users"
    policy = PrivacyPolicy.from_json(json.dumps(private()))
    for bad in (QUERY.replace("city", "nope"), QUERY + " ORDER BY score", f"{QUERY} HAVING x"):
        with pytest.raises(RefusedError):
            clean_room.run(bad, "merchant")
    assert ledger.left(view, policy) == (10.0, 1e-2)
    for asked in range(5):
        clean_room.run(QUERY, "merchant")
        assert ledger.left(view, policy)[0] == pytest.approx(10 - 2 * (asked + 1))
    with pytest.raises(BudgetExhaustedError):
        clean_room.run(QUERY, "merchant")


def test_an_answer_that_fails_is_paid_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean_room = made.clean_room(tmp_path)
    fill = CleanRoom._fill

    def broken(self: CleanRoom, sandbox: object, names: object, empty: bool) -> None:
        if not empty:
            raise ArithmeticError("the value 777777 is too large")
        fill(self, sandbox, names, empty)  # type: ignore[arg-type]

    monkeypatch.setattr(CleanRoom, "_fill", broken)
    with pytest.raises(RefusedError) as refused:
        clean_room.run(QUERY, "merchant")
    assert "777777" not in str(refused.value)
    left = made.ledger(tmp_path).left(
        f"{P}.private_users", PrivacyPolicy.from_json(json.dumps(private()))
    )
    assert left[0] == 8.0


def test_without_a_ledger_nothing_private_is_answered(tmp_path: Path) -> None:
    clean_room = made.clean_room(tmp_path)
    clean_room._budget = None
    with pytest.raises(UserError, match="no budget ledger"):
        clean_room.run(QUERY, "merchant")
