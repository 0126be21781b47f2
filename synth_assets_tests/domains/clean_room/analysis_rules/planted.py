"""A clean room with secrets in every protected row, and the search for them in answers.

A text secret alternates consonants and digits, so that no word, name or digest looks like one, and
no six characters of it are in another secret. A number has 14 digits, and its first twelve are
unique. A date is in a distant year that no other date has. Values that a rule releases are no
secrets: those of at least ``THRESHOLD`` units, and rows that overlap with a party's own data. A
piece of a secret in an answer therefore proves that a rule was broken.

Numbers are searched for unchanged. A sum over a group may be any number; ``queries`` selects rows
inside an aggregate only by conditions that hold for many units.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from synth_assets.domains.clean_room.analysis_rules import (
    CleanRoom,
    Party,
    PrivacyBudgets,
    PrivacyPolicy,
    ProtectedView,
)

OWN = "shop.own"
BASE = "wallet.base"
PEOPLE = 120
THRESHOLD = 10
PIECE, DIGITS = 6, 12
LONG_AGO, FIRST_YEAR = re.compile(r"1[3-6]\d\d-\d\d"), 1300


@dataclass
class Secrets:
    """Generates secrets, records them, and finds them in what leaves the clean room."""

    random: random.Random = field(default_factory=lambda: random.Random(20260101))
    pieces: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    years: int = 0

    def text(self) -> str:
        """A text of 12 characters."""
        while True:
            pairs = [self.random.choice("ghjkmnpqrtvwxz") + self._digit() for _ in range(6)]
            drawn = "".join(pairs)
            pieces = set(_windows(drawn, PIECE))
            if not pieces & self.pieces:
                self.pieces |= pieces
                return drawn

    def number(self) -> int:
        """A whole number of 14 digits."""
        drawn = self.random.randrange(10**13, 9 * 10**13)
        self.numbers.add(str(drawn)[:DIGITS])
        return drawn

    def date(self) -> dt.date:
        """A day in a year that no other secret has."""
        self.years += 1
        return dt.date(FIRST_YEAR + self.years, *map(self.random.randint, (1, 1), (12, 28)))

    def found(self, shown: str) -> set[str]:
        """The pieces of secrets in a text, in upper or lower case."""
        lower = shown.lower()
        digits = {one for run in re.findall(r"\d{12,}", lower) for one in _windows(run, DIGITS)}
        texts = {one for run in re.findall(r"[a-z0-9]{6,}", lower) for one in _windows(run, PIECE)}
        return (texts & self.pieces) | (digits & self.numbers) | set(LONG_AGO.findall(lower))

    def _digit(self) -> str:
        return self.random.choice("0123456789")


def shown(frame: pl.DataFrame) -> str:
    """Everything in an answer, column names and cells, as text."""
    return "\n".join([*frame.columns, *(_cell(cell) for row in frame.rows() for cell in row)])


def _cell(value: object) -> str:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return " ".join(map(_cell, value))
    if isinstance(value, float) and abs(value) < 1e18:
        return f"{value:.6f}"
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _windows(text: str, width: int) -> Iterator[str]:
    return (text[at : at + width] for at in range(len(text) - width + 1))


@dataclass(frozen=True)
class View:
    """A protected view: its policy, and the party's own table that it may be joined with."""

    name: str
    table: str
    policy: dict[str, object]
    clause: str = ""
    key: str = "email"

    @property
    def joinable(self) -> bool:
        """Whether the rule allows joins."""
        return "JOIN_BLOCKED" not in json.dumps(self.policy)

    @property
    def own(self) -> str:
        """The party's own table that has the view's key."""
        return f"{OWN}.{'orders' if self.key == 'order_id' else 'users'}"


def _join(condition: str, *columns: str) -> dict[str, object]:
    policy = {"join_condition": condition, "join_allowed_columns": list(columns)}
    return {"join_restriction_policy": policy}


_threshold: dict[str, object] = {
    "aggregation_threshold_policy": {"threshold": THRESHOLD, "privacy_unit_column": "email"}
}
# A delta at which no group of one unit gets through by chance, and a budget without end.
_private: dict[str, object] = {
    "differential_privacy_policy": {
        "privacy_unit_column": "email",
        "max_epsilon_per_query": 10.0,
        "epsilon_budget": 1e9,
        "delta_per_query": 1e-12,
        "delta_budget": 1.0,
    }
}
_AGG, _DP = "AGGREGATION_THRESHOLD", "DIFFERENTIAL_PRIVACY"
VIEWS = (
    View("wallet.a.open_users", "users", _threshold, _AGG),
    View("wallet.a.joined_users", "users", {**_threshold, **_join("JOIN_ANY", "email")}, _AGG),
    View("wallet.a.free_users", "users",
         {**_threshold, **_join("JOIN_NOT_REQUIRED", "email")}, _AGG),
    View("wallet.a.lone_users", "users", {**_threshold, **_join("JOIN_BLOCKED")}, _AGG),
    View("wallet.b.private_users", "users", _private, _DP),
    View("wallet.b.private_joined", "users", {**_private, **_join("JOIN_ANY", "email")}, _DP),
    View("wallet.c.payments", "payments", _join("JOIN_ANY", "order_id"), key="order_id"),
    View("wallet.c.members", "members", _join("JOIN_ALL", "email", "city")),
)  # fmt: skip


def _own_users() -> pl.DataFrame:
    n = PEOPLE
    return pl.DataFrame(
        {
            "id": range(n),
            "email": [f"u{i}@example.com" for i in range(n)],
            "city": [f"city {i % 2}" for i in range(n)],
            "age": [20 + i % 50 for i in range(n)],
        }
    )


def _own_orders() -> pl.DataFrame:
    n = PEOPLE
    return pl.DataFrame({"order_id": range(1000, 1000 + n), "user_id": range(n)})


def _people(secrets: Secrets, overlap: bool) -> pl.DataFrame:
    """Customers; half are the querying party's, too, and have no secrets if the rule is an overlap.

    Towns and most tiers are shared by many, so that there are groups to be released; every fourth
    tier is one person's.
    """
    rows = []
    for i in range(PEOPLE):
        known = i % 2 == 0
        # Someone of the same address in another town is no overlap on both.
        same_city = i % 4 == 0
        hidden = not (overlap and known and same_city)
        rows.append(
            {
                "email": f"u{i}@example.com" if known else f"{secrets.text()}@example.com",
                "city": f"city {i % 2}" if same_city or i % 4 == 1 else f"city {(i + 1) % 2}",
                "tier": secrets.text() if hidden and i % 4 == 3 else ("Free", "Premium")[i % 2],
                "note": secrets.text() if hidden else "seen",
                "verified": i % 3 == 0,
                "born": secrets.date() if hidden else dt.date(1990, 5, 5),
                "id": secrets.number() if hidden else i,
                "score": float(secrets.number()) if hidden else float(i),
            }
        )
    return pl.DataFrame(rows)


def _payments(secrets: Secrets) -> pl.DataFrame:
    """Payments of the querying party's orders, and of as many others."""
    rows = []
    for i in range(PEOPLE):
        known = i % 2 == 0
        rows.append(
            {
                "order_id": 1000 + i if known else secrets.number(),
                "email": f"u{i}@example.com" if known else f"{secrets.text()}@example.com",
                "city": f"city {i % 2}" if known else secrets.text(),
                "tier": "Free" if known else secrets.text(),
                "note": "seen" if known else secrets.text(),
                "verified": i % 3 == 0,
                "born": dt.date(1990, 5, 5) if known else secrets.date(),
                "id": i if known else secrets.number(),
                "score": float(i) if known else float(secrets.number()),
            }
        )
    return pl.DataFrame(rows)


def planted(folder: Path) -> tuple[CleanRoom, Secrets]:
    """The clean room, and the secrets that must not leave it."""
    secrets = Secrets()
    tables = {
        f"{BASE}.users": _people(secrets, overlap=False),
        f"{BASE}.members": _people(secrets, overlap=True),
        f"{BASE}.payments": _payments(secrets),
    }
    views = tuple(_view(one) for one in VIEWS)
    wallet = Party("wallet", tables, views)
    shop = Party("shop", {f"{OWN}.users": _own_users(), f"{OWN}.orders": _own_orders()})
    private = {view.name: "people" for view in views if view.policy.differential_privacy_policy}
    ledger = PrivacyBudgets(folder / "budget.sqlite", private)
    ledger.open_accounts(set(private.values()))
    return CleanRoom([shop, wallet], ledger), secrets


def _view(one: View) -> ProtectedView:
    policy = PrivacyPolicy.from_json(json.dumps(one.policy))
    return ProtectedView(one.name, f"SELECT * FROM `{BASE}.{one.table}`", policy)
