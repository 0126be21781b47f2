"""Checks of both parties' tables and of the answers pass on generated data, and fail on corrupted
data, in the corrupted split and in no other."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.clean_room.made import ASKED, PARTIES, default, derived, parties
from synth_assets_tests.domains.clean_room.spoiling import Spoil, first, later, mostly, twice
from synth_assets_tests.quality.memory import Memory, judge

Answered = tuple[Domain, Memory]
RULES = [(t, check.name) for t in (*PARTIES, *ASKED) for check in checks_of(default().table(t))]
# Checks that every table has are tested with the foundation.
COMMON = ("schema", "row_count_as_written", "one_scenario", "primary_key")


def results(answered: Answered, reader: Memory, table: str, check: str) -> list[CheckResult]:
    domain = answered[0]
    judged = next(r for r in checks_of(domain.table(table)) if r.name == check)
    return judge(judged, domain, table, reader)


@pytest.mark.parametrize(("table", "check"), RULES)
def test_what_is_made_passes(table: str, check: str, answered: Answered) -> None:
    found = results(answered, answered[1], table, check)
    assert found
    assert all(result.passed for result in found), found


def cheaper(frame: pl.DataFrame) -> pl.DataFrame:
    """The first payment is a cent less."""
    return first("transaction_amount", frame["transaction_amount"][0] - 0.01)(frame)


def without_the_first(frame: pl.DataFrame) -> pl.DataFrame:
    return frame[1:]


def another(column: str) -> Spoil:
    """Copy the last row's value to the first row."""
    return lambda frame: first(column, frame[column][-1])(frame)


NOBODY = 2_000_000_000


def of_the_merchant(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the people whom the merchant knows."""
    users = parties()[1].slices["users"].values()
    return frame.filter(pl.col("email").is_in(pl.concat([f["email"] for f in users]).implode()))


U, O, I = "users", "orders", "order_items"  # noqa: E741
P, T = "provider_users", "transactions"
V, S, Y, E = (
    "transaction_verification",
    "customer_segmentation",
    "trust_analysis",
    "user_enrichment",
)
SPOILT: dict[tuple[str, str], list[Spoil]] = {
    (U, "unique_email"): [twice("email")],
    (U, "fk_id"): [first("id", NOBODY)],
    (U, "user_in_both_snapshots"): [
        without_the_first,
        first("email", "nobody@example.com"),
        another("id"),
    ],
    (O, "fk_user_id"): [first("user_id", NOBODY)],
    (O, "fk_order_id"): [first("order_id", NOBODY)],
    (O, "created_at_in_snapshot"): [later("created_at", 31, 50), later("created_at", -31, 50)],
    (I, "fk_order_id"): [first("order_id", NOBODY)],
    (I, "fk_user_id"): [first("user_id", NOBODY)],
    (I, "fk_id"): [first("id", NOBODY)],
    (I, "num_of_item_matches_items"): [without_the_first, another("order_id")],
    (P, "unique_email"): [twice("email")],
    (P, "accepted_account_tier"): [first("account_tier", "Gold")],
    (P, "email_overlap_share"): [
        lambda f: f.with_columns(email=pl.lit("x") + pl.col("email")),
        of_the_merchant,
        lambda f: f.filter(pl.int_range(pl.len()) % 2 == 0),
    ],
    (P, "account_tier_distribution"): [
        mostly("account_tier", "Business", 3),
        mostly("is_verified_user", False, 2),
    ],
    (P, "age_and_city_match_merchant"): [
        mostly("city", "Atlantis", 2),
        mostly("date_of_birth", date(1900, 1, 1), 2),
    ],
    (P, "age_at_least_minimum"): [first("date_of_birth", date(2007, 9, 26))],
    (P, "user_equal_in_both_splits"): [
        mostly("city", "Atlantis", 2),
        lambda f: f.with_columns(is_verified_user=~pl.col("is_verified_user")),
    ],
    (T, "fk_provider_user_id"): [first("provider_user_id", NOBODY)],
    (T, "unique_order_id"): [twice("order_id")],
    (T, "accepted_status"): [first("status", "Returned")],
    (T, "fk_order_id"): [first("order_id", NOBODY)],
    (T, "created_at_in_snapshot"): [later("transaction_timestamp", 31, 50)],
    (T, "transaction_matches_order"): [
        cheaper,
        first("transaction_timestamp", datetime(2025, 9, 20, tzinfo=UTC)),
        lambda f: f.with_columns(status=pl.lit("Cancelled")),
        another("transaction_amount"),
    ],
    (T, "wallet_market_share"): [lambda f: f.filter(pl.int_range(pl.len()) % 2 == 0)],
    (V, "answer_equals_plain_query"): [without_the_first, first("order_id", NOBODY)],
    (S, "answer_equals_plain_query"): [without_the_first, first("average_order_value", 1.0)],
    (Y, "answer_equals_plain_query"): [without_the_first, first("number_of_customers", 51)],
    (E, "answer_equals_plain_query"): [
        without_the_first,
        first("age", 99),
        first("provider_user_id", NOBODY),
    ],
}


def test_every_rule_is_spoilt() -> None:
    assert set(SPOILT) == {(t, r) for t, r in RULES if r not in COMMON}


@pytest.mark.parametrize("split", ["training", "inference"])
@pytest.mark.parametrize(("table", "check"), list(SPOILT), ids=str)
def test_a_rule_fails_where_what_it_names_breaks_and_nowhere_else(
    table: str, check: str, split: str, answered: Answered
) -> None:
    sound = answered[1].slices
    for spoil in SPOILT[table, check]:
        bad = spoil(sound[table][split])
        assert not bad.equals(sound[table][split])
        reader = Memory(sound | {table: sound[table] | {split: bad}})
        found = {v.key: v.passed for v in results(answered, reader, table, check)}
        apart = {key: key != split for key in ("training", "inference")}
        assert found in (apart, {None: False})


@pytest.mark.parametrize(
    ("table", "check", "other"),
    [
        (O, "fk_user_id", U),
        (I, "fk_order_id", O),
        (I, "fk_user_id", U),
        (T, "fk_provider_user_id", P),
        (T, "fk_order_id", O),
    ],
)
def test_a_reference_to_a_row_that_is_gone_is_found(
    table: str, check: str, other: str, answered: Answered
) -> None:
    sound = answered[1].slices
    # Every second row, so that some of them are referred to.
    fewer = sound[other]["training"].filter(pl.int_range(pl.len()) % 2 == 0)
    reader = Memory(sound | {other: sound[other] | {"training": fewer}})
    found = results(answered, reader, table, check)
    assert {v.key: v.passed for v in found} == {"training": False, "inference": True}
    assert all(v.failing_rows for v in found if not v.passed)


def test_a_payment_of_the_other_splits_user_is_found(answered: Answered) -> None:
    sound = answered[1].slices
    crossed = {"training": sound[P]["inference"], "inference": sound[P]["inference"]}
    reader = Memory(sound | {P: crossed})
    found = results(answered, reader, T, "fk_provider_user_id")
    assert {v.key: v.passed for v in found} == {"training": False, "inference": True}


def test_what_is_off_is_told_by_share_and_number(answered: Answered) -> None:
    sound = answered[1].slices
    poor = {split: f.with_columns(account_tier=pl.lit("Free")) for split, f in sound[P].items()}
    for result in results(answered, Memory(sound | {P: poor}), P, "account_tier_distribution"):
        assert result.numbers["share.Free"] == 1
        assert {"share": "Business", "measured": 0, "declared": 0.15} in result.failing_rows
        assert result.measured > 1


def test_the_users_of_both_snapshots_are_judged_once_both_are_there(answered: Answered) -> None:
    sound = answered[1].slices
    (both,) = results(answered, answered[1], U, "user_in_both_snapshots")
    assert 0.5 < both.measured == both.numbers["declared"] < 1
    one = Memory(sound | {U: {"training": sound[U]["training"]}})
    (waiting,) = results(answered, one, U, "user_in_both_snapshots")
    assert (waiting.passed, waiting.threshold) == (True, "judged once both splits are stored")


@pytest.mark.parametrize(
    "fields",
    [
        {"snapshot_window_days": 1, "tier_strength": 1},
        {"snapshot_window_days": 3_650, "tier_strength": 0},
        {"merchant_only": 1, "market_share": 0},
        {"merchant_only": 0, "market_share": 1, "provider_only": 0},
        {"provider_only": 0.95},
        {"training_date": "2024-03-01", "inference_date": "2025-02-28"},
        {"training_date": "2025-09-24", "inference_date": "2025-09-24"},
        {"duplicate_emails": "false", "mixed_countries": "false", "null_cities": "false"},
    ],
    ids=str,
)
def test_all_passes_at_the_edges_of_what_may_be_set(fields: dict[str, object]) -> None:
    made = parties(**fields)
    for table, check in RULES:
        if table in PARTIES:
            found = results(made, made[1], table, check)
            assert all(result.passed for result in found), (table, check, found)


def test_nobody_with_a_wallet_is_an_answer_of_no_rows() -> None:
    domain, reader = parties(merchant_only=1, market_share=0)
    answered = domain, derived(domain, reader, ASKED)
    for name in ASKED:
        assert all(frame.is_empty() for frame in answered[1].slices[name].values())
        assert all(
            v.passed for v in results(answered, answered[1], name, "answer_equals_plain_query")
        )
