"""Privacy budgets and what was spent of them, in a file that outlives the process.

A budget belongs to an account: the people in an owner's table. All views of the same people draw on
one account, under any name and policy, and a view's policy says how much of it may be spent in
total. The owner opens an account when the table is stored. A query never opens one: without its
account, or without the file, it is refused.

SQLite's write lock serialises processes, so no part of a budget is spent twice. An entry is written
before the answer is computed: a failed answer is charged, and no answer is free.
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
    """The part of a view's budget that one query of a party spends."""

    view: str
    policy: PrivacyPolicy
    party: str
    epsilon: float
    delta: float


class PrivacyBudgets:
    """A file of accounts and of what was spent of each.

    Args:
        path: The file.
        accounts: The account that each view draws on, by the view's name.
        remedy: How the owner opens a missing account, for the message of a refused query.
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
        """Open accounts on behalf of the owner; an existing account keeps its entries.

        Args:
            accounts: Their names.

        Raises:
            UserError: The file cannot be used.
        """
        with self._file("rwc") as connection:
            for statement in SCHEMA:
                connection.execute(statement)
            rows = [(account,) for account in accounts]
            connection.executemany("INSERT OR IGNORE INTO accounts VALUES (?)", rows)

    def spend(self, spends: Iterable[Spend]) -> None:
        """Record all spends of a query, or none.

        Args:
            spends: One for each view that the query reads.

        Raises:
            BudgetExhaustedError: A budget does not cover its spend.
            BudgetMissingError: The file or an account does not exist.
            UserError: The file cannot be used.
        """
        requested = list(spends)
        if not requested:
            return
        with self._account_file(requested[0].view) as connection:
            for spend in requested:
                self._spend(connection, spend)

    def left(self, view: str, policy: PrivacyPolicy) -> tuple[float, float]:
        """The epsilon and the delta that can still be spent.

        Args:
            view: The view's name.
            policy: Its policy, which sets the budget.

        Raises:
            BudgetMissingError: The file or the view's account does not exist.
            UserError: The file cannot be used.
        """
        with self._account_file(view) as connection:
            return _left(self._spent(connection, view), policy)

    def _spend(self, connection: sqlite3.Connection, spend: Spend) -> None:
        spent = self._spent(connection, spend.view)
        epsilon, delta = _budget(spend.policy)
        # fsum rounds only once, so ten times 0.1 is 1.
        if math.fsum([*spent[0], spend.epsilon]) > epsilon or (
            math.fsum([*spent[1], spend.delta]) > delta
        ):
            raise BudgetExhaustedError(spend.view, *_left(spent, spend.policy))
        account, policy = self.accounts[spend.view], spend.policy.fingerprint
        row = (account, spend.view, policy, spend.party, spend.epsilon, spend.delta)
        connection.execute("INSERT INTO spends VALUES (?, ?, ?, ?, ?, ?)", row)

    def _spent(self, connection: sqlite3.Connection, view: str) -> tuple[list[float], list[float]]:
        """All epsilons and deltas that were spent of a view's account, through any view."""
        account = self.accounts.get(view)
        known = connection.execute(
            "SELECT 1 FROM accounts WHERE account = ?", (account,)
        ).fetchone()
        if known is None:
            raise BudgetMissingError(view, self.path, self.remedy)
        rows = connection.execute(
            "SELECT epsilon, delta FROM spends WHERE account = ?", (account,)
        ).fetchall()
        return [row[0] for row in rows], [row[1] for row in rows]

    @contextmanager
    def _account_file(self, view: str) -> Iterator[sqlite3.Connection]:
        """A connection to the file, which must exist and have both tables."""
        if not self.path.exists():
            raise BudgetMissingError(view, self.path, self.remedy)
        with self._file("rw") as connection:
            held = "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('accounts', 'spends')"
            if connection.execute(held).fetchone()[0] != len(SCHEMA):
                raise BudgetMissingError(view, self.path, self.remedy)
            yield connection

    @contextmanager
    def _file(self, mode: str) -> Iterator[sqlite3.Connection]:
        """A connection to the file in an exclusive transaction."""
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        try:
            if mode == "rwc":
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(
                sqlite3.connect(uri, uri=True, timeout=self.patience, isolation_level=None)
            ) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
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
