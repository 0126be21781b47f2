"""A small clean room: a merchant and a provider, and every kind of protected view."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from synth_assets.domains.clean_room.analysis_rules import (
    CleanRoom,
    Party,
    PrivacyBudgets,
    PrivacyPolicy,
    ProtectedView,
    StrictMode,
)

M = "shop.merchant_provider"
P = "wallet.ewallet_provider"
THRESHOLD = 50
PEOPLE = 400
# One wallet customer has a tier of their own; nothing about them may ever be seen.
CANARY = "canary@example.com"


def users() -> pl.DataFrame:
    """The merchant's customers; every fourth is only theirs."""
    n = PEOPLE
    return pl.DataFrame(
        {
            "id": range(n),
            "email": [CANARY, *(f"u{i}@example.com" for i in range(1, n))],
            "age": [20 + i % 50 for i in range(n)],
            "gender": ["F" if i % 3 else "M" for i in range(n)],
            "country": ["DE" if i % 2 else "FR" for i in range(n)],
            "traffic_source": ["Search"] * n,
        }
    )


def orders() -> pl.DataFrame:
    """One to three orders of each customer."""
    rows = [(i, j) for i in range(PEOPLE) for j in range(1 + i % 3)]
    return pl.DataFrame(
        {"order_id": range(1000, 1000 + len(rows)), "user_id": [i for i, _ in rows]}
    )


def provider_users() -> pl.DataFrame:
    """Three of four merchant customers and as many others; Business is a small tier."""
    n = PEOPLE
    emails = [CANARY if i == 0 else f"u{i}@example.com" for i in range(2 * n) if i % 4 != 3]
    tiers = ["Canary", *(_tier(i) for i in range(1, len(emails)))]
    return pl.DataFrame(
        {
            "provider_user_id": range(1, len(emails) + 1),
            "email": emails,
            "city": [f"city {i % 3}" for i in range(len(emails))],
            "account_tier": tiers,
            "is_verified_user": [i % 2 == 0 for i in range(len(emails))],
            "score": [777777.0, *(float(i % 97) for i in range(1, len(emails)))],
        }
    )


def _tier(i: int) -> str:
    return "Business" if i % 20 == 0 else "Premium" if i % 3 == 0 else "Free"


def transactions() -> pl.DataFrame:
    """Two of three orders were paid with the wallet."""
    ids = [i for i in orders()["order_id"] if i % 3]
    return pl.DataFrame(
        {
            "transaction_id": [f"t{i}" for i in ids],
            "order_id": ids,
            "provider_user_id": [i % 50 for i in ids],
            "transaction_amount": [float(i % 113) + 0.25 for i in ids],
        }
    )


def threshold(unit: str = "email", least: int = THRESHOLD) -> dict[str, object]:
    """A threshold policy as BigQuery's JSON has it."""
    policy = {"threshold": least, "privacy_unit_column": unit}
    return {"aggregation_threshold_policy": policy}


def join(condition: str, *columns: str) -> dict[str, object]:
    """A join restriction as BigQuery's JSON has it."""
    policy = {"join_condition": condition, "join_allowed_columns": list(columns)}
    return {"join_restriction_policy": policy}


def private(**more: object) -> dict[str, object]:
    """A differential privacy policy as BigQuery's JSON has it."""
    policy = {
        "privacy_unit_column": "email",
        "max_epsilon_per_query": 2.0,
        "epsilon_budget": 10.0,
        "delta_per_query": 1e-4,
        "delta_budget": 1e-2,
    }
    return {"differential_privacy_policy": {**policy, **more}}


VIEWS = {
    "provider_users": ("users", {**threshold(), **join("JOIN_ANY", "email")}),
    "transactions": ("payments", join("JOIN_ANY", "order_id")),
    "open_users": ("users", threshold()),
    "strict_users": ("users", join("JOIN_ALL", "email", "city")),
    "free_users": ("users", join("JOIN_NOT_REQUIRED", "email")),
    "blocked_users": ("users", join("JOIN_BLOCKED")),
    "blocked_groups": ("users", {**threshold(), **join("JOIN_BLOCKED")}),
    "private_users": ("users", private()),
    "private_joined": ("users", {**private(), **join("JOIN_ANY", "email")}),
}

ACCOUNTS = {f"{P}.private_users": "people", f"{P}.private_joined": "people"}


def view(
    name: str, table: str, policy: dict[str, object], strict: StrictMode | None = None
) -> ProtectedView:
    """A view over all of a table; in strict mode if that is given, and there is a threshold."""
    parsed = PrivacyPolicy.from_json(json.dumps(policy))
    if strict and parsed.aggregation_threshold_policy:
        parsed = parsed.model_copy(update={"strict_mode": strict})
    return ProtectedView(name, f"SELECT * FROM `{table}`", parsed)


def ledger(path: Path, *opened: str) -> PrivacyBudgets:
    """Budgets in a folder, with some accounts open; both private views are of one table."""
    budgets = PrivacyBudgets(path / "budget.sqlite", ACCOUNTS)
    budgets.open_accounts(opened)
    return budgets


def clean_room(
    path: Path, people: pl.DataFrame | None = None, strict: StrictMode | None = None
) -> CleanRoom:
    """The clean room, with its privacy budgets in a folder."""
    people = provider_users() if people is None else people
    provider = Party(
        "provider",
        {f"{P}_base.users": people, f"{P}_base.payments": transactions().lazy()},
        tuple(
            view(f"{P}.{name}", f"{P}_base.{t}", policy, strict)
            for name, (t, policy) in VIEWS.items()
        ),
    )
    merchant = Party(
        "merchant",
        {f"{M}.users": users(), f"{M}.orders": orders()},
        (view(f"{M}.users_view", f"{M}.users", join("JOIN_ANY", "email")),),
    )
    return CleanRoom([merchant, provider], ledger(path, "people"))
