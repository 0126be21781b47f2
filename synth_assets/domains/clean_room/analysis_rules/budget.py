"""What of each view's privacy budget is spent, in a file that outlives the process.

SQLite's write lock makes two processes take turns, so the last of a budget is spent once. An
entry is written before the answer is made: an answer that fails is paid for, one that was given
is never free. A view's budget begins anew with another policy.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from synth_assets.domains.clean_room.analysis_rules.errors import BudgetExhaustedError
from synth_assets.domains.clean_room.analysis_rules.policy import PrivacyPolicy
from synth_assets.generation.errors import UserError

SCHEMA = """CREATE TABLE IF NOT EXISTS spent (
    view TEXT NOT NULL, policy TEXT NOT NULL, party TEXT NOT NULL,
    epsilon REAL NOT NULL, delta REAL NOT NULL)"""


@dataclass(frozen=True)
class Spend:
    """What one query takes from one view's budget."""

    view: str
    policy: PrivacyPolicy
    party: str
    epsilon: float
    delta: float


class BudgetLedger:
    """A file of what was spent."""

    def __init__(self, path: Path, patience: float = 30.0) -> None:
        self.path = path
        self.patience = patience

    def spend(self, spends: Iterable[Spend]) -> None:
        """Write all of them, or refuse and write none."""
        wanted = list(spends)
        if not wanted:
            return
        with closing(self._open()) as ledger:
            try:
                ledger.execute("BEGIN IMMEDIATE")
                ledger.execute(SCHEMA)
                for spend in wanted:
                    _spend(ledger, spend)
                ledger.execute("COMMIT")
            except sqlite3.Error as error:
                raise UserError(f"the budget ledger {self.path} cannot be used: {error}") from error

    def left(self, view: str, policy: PrivacyPolicy) -> tuple[float, float]:
        """Epsilon and delta that are still to be spent."""
        with closing(self._open()) as ledger:
            try:
                ledger.execute(SCHEMA)
                spent = _spent(ledger, view, policy)
            except sqlite3.Error as error:
                raise UserError(f"the budget ledger {self.path} cannot be used: {error}") from error
        epsilon, delta = _budget(policy)
        return max(epsilon - math.fsum(spent[0]), 0.0), max(delta - math.fsum(spent[1]), 0.0)

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return sqlite3.connect(self.path, timeout=self.patience, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise UserError(f"the budget ledger {self.path} cannot be used: {error}") from error


def _spend(ledger: sqlite3.Connection, spend: Spend) -> None:
    spent = _spent(ledger, spend.view, spend.policy)
    epsilon, delta = _budget(spend.policy)
    # fsum rounds once, at the end: ten tenths are one.
    if math.fsum([*spent[0], spend.epsilon]) > epsilon or (
        math.fsum([*spent[1], spend.delta]) > delta
    ):
        left = max(epsilon - math.fsum(spent[0]), 0), max(delta - math.fsum(spent[1]), 0)
        raise BudgetExhaustedError(spend.view, *left)
    ledger.execute(
        "INSERT INTO spent VALUES (?, ?, ?, ?, ?)",
        (spend.view, spend.policy.fingerprint, spend.party, spend.epsilon, spend.delta),
    )


def _spent(
    ledger: sqlite3.Connection, view: str, policy: PrivacyPolicy
) -> tuple[list[float], list[float]]:
    rows = ledger.execute(
        "SELECT epsilon, delta FROM spent WHERE view = ? AND policy = ?", (view, policy.fingerprint)
    ).fetchall()
    return [row[0] for row in rows], [row[1] for row in rows]


def _budget(policy: PrivacyPolicy) -> tuple[float, float]:
    budget = policy.differential_privacy_policy
    return (budget.epsilon_budget, budget.delta_budget) if budget else (0.0, 0.0)
