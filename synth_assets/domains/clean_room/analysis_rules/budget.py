"""What is spent of each privacy budget, in a file that outlives the process.

A budget belongs to an account: the people in an owner's table. All views of the same people, under
whatever names and policies, draw on one account, and a view's policy says how much of it may be
spent in all. The owner opens an account when the table is made. Asking never opens one: without
its account, or the file, a query is refused.

SQLite's write lock makes two processes take turns, so the last of a budget is spent once. An
entry is written before the answer is made: an answer that fails is paid for, one that was given
is never free.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.analysis_rules.errors import (
    BudgetExhaustedError,
    BudgetMissingError,
)
from synth_assets.domains.clean_room.analysis_rules.policy import PrivacyPolicy

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS accounts (account TEXT PRIMARY KEY)",
    """CREATE TABLE IF NOT EXISTS spends (
    account TEXT NOT NULL REFERENCES accounts, view TEXT NOT NULL, policy TEXT NOT NULL,
    party TEXT NOT NULL, epsilon REAL NOT NULL, delta REAL NOT NULL)""",
)


@dataclass(frozen=True)
class Spend:
    """What one query takes from one view's budget."""

    view: str
    policy: PrivacyPolicy
    party: str
    epsilon: float
    delta: float


class BudgetLedger:
    """A file of accounts and of what was spent.

    Args:
        path: The file.
        accounts: The account that each view draws on.
        remedy: How the owner opens a missing account; said when a query is refused for that.
        patience: Seconds to wait for another process.
    """

    def __init__(
        self,
        path: Path,
        accounts: Mapping[str, str],
        remedy: str = "its owner has to open one",
        patience: float = 30.0,
    ) -> None:
        self.path = path
        self.accounts = accounts
        self.remedy = remedy
        self.patience = patience

    def open_accounts(self, accounts: Iterable[str]) -> None:
        """Open accounts in the owner's name; one that there is keeps what was spent of it."""
        with self._file("rwc") as ledger:
            for statement in SCHEMA:
                ledger.execute(statement)
            rows = [(account,) for account in accounts]
            ledger.executemany("INSERT OR IGNORE INTO accounts VALUES (?)", rows)

    def spend(self, spends: Iterable[Spend]) -> None:
        """Write all of them, or refuse and write none."""
        wanted = list(spends)
        if not wanted:
            return
        with self._account_file(wanted[0].view) as ledger:
            for spend in wanted:
                self._spend(ledger, spend)

    def left(self, view: str, policy: PrivacyPolicy) -> tuple[float, float]:
        """Epsilon and delta that are still to be spent."""
        with self._account_file(view) as ledger:
            return _left(self._spent(ledger, view), policy)

    def _spend(self, ledger: sqlite3.Connection, spend: Spend) -> None:
        spent = self._spent(ledger, spend.view)
        epsilon, delta = _budget(spend.policy)
        # fsum rounds once, at the end: ten tenths are one.
        if math.fsum([*spent[0], spend.epsilon]) > epsilon or (
            math.fsum([*spent[1], spend.delta]) > delta
        ):
            raise BudgetExhaustedError(spend.view, *_left(spent, spend.policy))
        account, policy = self.accounts[spend.view], spend.policy.fingerprint
        row = (account, spend.view, policy, spend.party, spend.epsilon, spend.delta)
        ledger.execute("INSERT INTO spends VALUES (?, ?, ?, ?, ?, ?)", row)

    def _spent(self, ledger: sqlite3.Connection, view: str) -> tuple[list[float], list[float]]:
        """Every epsilon and delta that was spent of a view's account, by whichever view."""
        account = self.accounts.get(view)
        known = ledger.execute("SELECT 1 FROM accounts WHERE account = ?", (account,)).fetchone()
        if known is None:
            raise BudgetMissingError(view, self.path, self.remedy)
        rows = ledger.execute(
            "SELECT epsilon, delta FROM spends WHERE account = ?", (account,)
        ).fetchall()
        return [row[0] for row in rows], [row[1] for row in rows]

    @contextmanager
    def _account_file(self, view: str) -> Iterator[sqlite3.Connection]:
        """The file, which has to be there and to hold accounts."""
        if not self.path.exists():
            raise BudgetMissingError(view, self.path, self.remedy)
        with self._file("rw") as ledger:
            held = "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('accounts', 'spends')"
            if ledger.execute(held).fetchone()[0] != len(SCHEMA):
                raise BudgetMissingError(view, self.path, self.remedy)
            yield ledger

    @contextmanager
    def _file(self, mode: str) -> Iterator[sqlite3.Connection]:
        """The file in a transaction of its own that keeps all others out."""
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        try:
            if mode == "rwc":
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(
                sqlite3.connect(uri, uri=True, timeout=self.patience, isolation_level=None)
            ) as ledger:
                ledger.execute("BEGIN IMMEDIATE")
                yield ledger
                ledger.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise UserError(
                f"the budget ledger {self.path} cannot be used: {error}; if it is damaged, remove "
                "it and make the owner's tables again"
            ) from error


def _left(spent: tuple[list[float], list[float]], policy: PrivacyPolicy) -> tuple[float, float]:
    epsilon, delta = _budget(policy)
    return max(epsilon - math.fsum(spent[0]), 0.0), max(delta - math.fsum(spent[1]), 0.0)


def _budget(policy: PrivacyPolicy) -> tuple[float, float]:
    budget = policy.differential_privacy_policy
    return (budget.epsilon_budget, budget.delta_budget) if budget else (0.0, 0.0)
