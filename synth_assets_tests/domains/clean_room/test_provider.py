"""The provider's tables: who has the wallet, their tiers, and what they paid with it."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import RFC_4122, UUID

import polars as pl
import pytest
from scipy.stats import chi2_contingency, spearmanr

from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.domains.clean_room.provider.account_holders import (
    account_holders,
    everyone,
    unknown_to_merchant,
)
from synth_assets.domains.clean_room.provider.account_tier_model import TIERS, VERIFIED
from synth_assets.domains.clean_room.provider.people import age_on, born
from synth_assets.domains.clean_room.scenario import SPLITS, CleanRoomScenario
from synth_assets.domains.clean_room.tables.transactions import PAID
from synth_assets_tests.domains.clean_room.made import parties
from synth_assets_tests.quality.memory import judge

# The whole source, for shares; the default window leaves a few hundred users.
EVER = 3_650
SIGMAS = 5
every_split = pytest.mark.parametrize("split", SPLITS)


def frame(name: str, split: str, **fields: Any) -> pl.DataFrame:
    return parties(**fields)[1].slices[name][split]


def known(split: str, **fields: Any) -> pl.DataFrame:
    """The provider's users whom the merchant knows, with the merchant's ``id`` and columns."""
    merchants = frame("users", split, **fields).rename({"city": "merchants_city"})
    return frame("provider_users", split, **fields).join(merchants, on="email")


def error(share: float, rows: int) -> float:
    return SIGMAS * math.sqrt(share * (1 - share) / rows)


# --- who has it ---------------------------------------------------------------------------


@every_split
@pytest.mark.parametrize(
    ("merchant_only", "provider_only", "market_share"),
    [
        (0.25, 0.2, 0.5),
        (0.25, 0, 0),
        (0, 0.2, 0.5),
        (0, 0, 1),
        (0.25, 0.2, 0.75),
        (0.9, 0.5, 0.1),
        (0.5, 0.95, 0.3),
        (1, 0.5, 0),
    ],
)
def test_shares_are_the_declared_ones(
    merchant_only: float, provider_only: float, market_share: float, split: str
) -> None:
    fields = {
        "merchant_only": merchant_only,
        "provider_only": provider_only,
        "market_share": market_share,
        "snapshot_window_days": EVER,
    }
    users, mine = frame("users", split, **fields), frame("provider_users", split, **fields)
    users = users.filter(pl.col("age") >= 18)
    orders = frame("orders", split, **fields).filter(
        pl.col("status").is_in(PAID) & pl.col("user_id").is_in(users["id"].implode())
    )
    payments, shared = frame("transactions", split, **fields), len(known(split, **fields))
    assert abs(shared / len(users) - (1 - merchant_only)) <= error(merchant_only, len(users))
    # Others come in proportion, so only rounding is between the shares.
    assert len(mine) - shared == round(shared * provider_only / (1 - provider_only))
    # People have several orders, so they stray more than orders one by one would.
    strays = 2 * error(market_share, len(orders)) + error(merchant_only, len(users))
    assert abs(len(payments) / len(orders) - market_share) <= strays
    if market_share in (0, 1):
        assert len(payments) == market_share * len(orders)
    domain, reader = parties(**fields)
    for table, check in (
        ("provider_users", "email_overlap_share"),
        ("transactions", "wallet_market_share"),
    ):
        judged = next(r for r in domain.table(table).checks if r.name == check)
        assert all(result.passed for result in judge(judged, domain, table, reader))


@every_split
def test_only_who_has_the_wallet_pays_with_it(split: str) -> None:
    payments, orders = frame("transactions", split), frame("orders", split)
    ids = dict(known(split).select("id", "provider_user_id").iter_rows())
    buyers = dict(orders.select("order_id", "user_id").iter_rows())
    for order, who in payments.select("order_id", "provider_user_id").iter_rows():
        assert ids[buyers[order]] == who
    assert 0 < payments["provider_user_id"].n_unique() < len(ids)


@every_split
def test_strangers_are_nobody_of_the_merchants(split: str) -> None:
    mine = frame("provider_users", split, snapshot_window_days=EVER)
    users = [frame("users", s, snapshot_window_days=EVER)["email"] for s in SPLITS]
    others = mine.filter(~pl.col("email").is_in(users[SPLITS.index(split)].implode()))
    assert len(others) > 500
    assert not (set(users[0]) | set(users[1])) & set(others["email"])
    assert others["email"].n_unique() == len(others)
    assert others["city"].n_unique() > 20


NOBODY = pl.LazyFrame(schema={"email": pl.String})


def test_the_first_strangers_are_the_same_however_many_there_are() -> None:
    scenario = parties()[0].scenario
    assert isinstance(scenario, CleanRoomScenario)
    many, few = (unknown_to_merchant(scenario, n, NOBODY).collect() for n in (5_000, 20))
    assert many.head(20).equals(few)
    assert many["email"].is_unique().all()
    assert unknown_to_merchant(scenario, 0, NOBODY).collect().is_empty()
    taken = many.lazy().select("email").head(10)
    assert unknown_to_merchant(scenario, 10, taken).collect().equals(many[10:20])


def test_names_that_do_not_suffice_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = parties()[0].scenario
    assert isinstance(scenario, CleanRoomScenario)
    monkeypatch.setattr(
        "synth_assets.domains.clean_room.provider.account_holders.MOST_CANDIDATES", 1
    )
    with pytest.raises(UserError, match="choose a smaller provider_only"):
        unknown_to_merchant(scenario, 10_000, NOBODY)


# --- no column reveals whom the merchant knows --------------------------------------------


def traits(people: pl.DataFrame) -> pl.DataFrame:
    """All features of a user that both kinds of users have, as numbers."""
    email = pl.col("email")
    local = email.str.split("@").list.first()
    return people.select(
        *(email.str.ends_with(end).alias(end) for end in (".com", ".org", ".net")),
        *(local.str.contains(sign, literal=True).alias(sign) for sign in (".", "_", "-", "+")),
        digits=local.str.count_matches(r"\d"),
        capitals=email.str.count_matches("[A-Z]"),
        others=local.str.count_matches("[^a-z0-9]"),
        length=local.str.len_chars(),
        first_letter=local.str.slice(0, 1) < "k",
        id=pl.col("provider_user_id"),
        place=pl.int_range(pl.len()),
        born=pl.col("date_of_birth"),
        day=pl.col("date_of_birth").dt.ordinal_day(),
        city_length=pl.col("city").str.len_chars(),
        capital_city=pl.col("city").str.contains("^[A-Z]"),
        business=pl.col("account_tier") == "Business",
        free=pl.col("account_tier") == "Free",
        verified=pl.col("is_verified_user"),
    ).cast(pl.Int64)


@every_split
@pytest.mark.parametrize("own_addresses", ["true", "false"])
def test_no_trait_tells_whom_the_merchant_knows(split: str, own_addresses: str) -> None:
    fields = {"duplicate_emails": own_addresses, "snapshot_window_days": EVER}
    people = frame("provider_users", split, **fields)
    known = people["email"].is_in(frame("users", split, **fields)["email"].implode())
    seen = traits(people)
    assert 500 < (~known).sum() < known.sum()
    error_ = math.sqrt(1 / known.sum() + 1 / (~known).sum())
    for name in seen.columns:
        ranks = seen[name].rank()
        here, there = (float(ranks.filter(one).mean() or 0) for one in (known, ~known))  # type: ignore[arg-type]
        spread = float(ranks.std() or 1)  # type: ignore[arg-type]
        assert abs(here - there) <= SIGMAS * spread * error_, name
        # A common value that one group never has would reveal the group, at equal means too.
        for one, other in ((known, ~known), (~known, known)):
            often = seen[name].filter(one).value_counts().filter(pl.col("count") > 0.05 * one.sum())
            assert set(often[name]) <= set(seen[name].filter(other)), name


@every_split
@pytest.mark.parametrize("least", [0, 18, 30])
def test_account_holders_are_of_age(split: str, least: int) -> None:
    fields = {"minimum_age": least, "snapshot_window_days": EVER}
    domain, reader = parties(**fields)
    assert isinstance(domain.scenario, CleanRoomScenario)
    people = reader.slices["provider_users"][split]
    users = reader.slices["users"][split]
    day = domain.scenario.day_of(split)
    ages = people.select(age_on(day, pl.col("date_of_birth"))).to_series()
    assert ages.min() == max(12, least)
    assert users["age"].min() == 12
    payers = reader.slices["transactions"][split]["provider_user_id"]
    assert set(payers) <= set(people["provider_user_id"])


# --- the same person ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields", [{}, {"tier_strength": 1}, {"snapshot_window_days": EVER}], ids=str
)
def test_whoever_is_in_both_splits_is_the_same_person(fields: dict[str, Any]) -> None:
    here, there = (known(split, **fields) for split in SPLITS)
    both = here.join(there, on="id", suffix="_there")
    assert len(both) > 200
    for column in (
        "provider_user_id", "email", "date_of_birth", "city", "account_tier", "is_verified_user",
    ):  # fmt: skip
        assert both[column].equals(both[f"{column}_there"], check_names=False), column
    mine = [frame("provider_users", split, **fields) for split in SPLITS]
    together = mine[0].join(mine[1], on="email")
    assert len(together) == len(mine[0].join(mine[1], on=mine[0].columns)) > 250
    merchants = [frame("users", split, **fields) for split in SPLITS]
    both_users = merchants[0].join(merchants[1], on="email")
    assert len(both_users) == len(merchants[0].join(merchants[1], on=merchants[0].columns)) > 250
    others = [mine[n].join(k, on="email", how="anti") for n, k in enumerate((here, there))]
    fewer = min(len(one) for one in others)
    shared = others[0].join(others[1], on=others[0].columns)
    assert len(shared) == fewer > 50


def test_an_id_is_of_one_person_in_both_splits() -> None:
    together = pl.concat(
        frame("provider_users", split).select("provider_user_id", "email") for split in SPLITS
    ).unique()
    assert together["provider_user_id"].is_unique().all()
    assert together["email"].is_unique().all()


def test_an_id_tells_nothing_of_the_merchants() -> None:
    people = known("inference", snapshot_window_days=EVER).sort("id")
    ids = people["provider_user_id"]
    assert len(ids) > 2_000
    assert abs(spearmanr(people["id"], ids).statistic) < SIGMAS / math.sqrt(len(ids))
    # Neighbours are as often in order as not.
    rising = (ids.diff().drop_nulls() > 0).mean()
    assert abs(float(rising or 0) - 0.5) < error(0.5, len(ids))  # type: ignore[arg-type]
    # Nor may it reveal whether the merchant knows a person.
    mine = frame("provider_users", "inference", snapshot_window_days=EVER)
    is_known = mine["email"].is_in(people["email"].implode())
    correlation = spearmanr(is_known, mine["provider_user_id"]).statistic
    assert abs(correlation) < SIGMAS / math.sqrt(len(mine))


def test_provider_users_lie_in_the_order_of_their_ids() -> None:
    for split in SPLITS:
        assert frame("provider_users", split)["provider_user_id"].is_sorted()


# --- dates of birth -----------------------------------------------------------------------


def age(day: date, birth: date) -> int:
    """Age in whole years; people born on a leap day have their birthday on the 1st of March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@every_split
def test_the_date_of_birth_agrees_with_the_merchants_age(split: str) -> None:
    for fields in ({}, {"training_date": "2024-12-01", "inference_date": "2025-06-30"}):
        domain, _ = parties(**fields)
        assert isinstance(domain.scenario, CleanRoomScenario)
        day = domain.scenario.day_of(split)
        people = known(split, **fields)
        for birth, years in people.select("date_of_birth", "age").iter_rows():
            assert age(day, birth) == years
        assert people["city"].equals(people["merchants_city"], check_names=False)


@pytest.mark.parametrize("gap", [0, 1, 30, 364])
@pytest.mark.parametrize(
    "last", ["2024-02-28", "2024-02-29", "2024-03-01", "2023-02-28", "2023-03-01", "2024-12-31"]
)
def test_a_birthday_fits_both_days_leap_years_included(last: str, gap: int) -> None:
    later = date.fromisoformat(last)
    days = [later - timedelta(days=gap), later]
    scenario = CleanRoomScenario.of(
        {"training_date": str(days[0]), "inference_date": last, "as_of": "2025-09-25"}
    )
    people = pl.LazyFrame({"person": range(30_000)}).with_columns(age=12 + pl.col("person") % 59)
    who, years = pl.col("person"), pl.col("age")
    made = people.select("age", born=born(scenario, who, years)).collect()
    for day in days:
        expected = [age(day, birth) for birth in made["born"]]
        assert made["age"].to_list() == expected
        assert made.select(age_on(day, pl.col("born"))).to_series().to_list() == expected
    # On any day that serves.
    assert made["born"].dt.strftime("%m-%d").n_unique() >= 365 - gap


# --- what was paid ------------------------------------------------------------------------


@every_split
def test_a_payment_says_of_its_order_what_the_merchant_says(split: str) -> None:
    payments = frame("transactions", split, snapshot_window_days=EVER)
    sums: defaultdict[int, Decimal] = defaultdict(Decimal)
    items = frame("order_items", split, snapshot_window_days=EVER)
    for order, price in items.select("order_id", "sale_price").iter_rows():
        sums[order] += Decimal(str(round(price, 2)))
    orders = {
        order: (at, status)
        for order, at, status in frame("orders", split, snapshot_window_days=EVER)
        .select("order_id", "created_at", "status")
        .iter_rows()
    }
    for row in payments.iter_rows(named=True):
        assert row["transaction_amount"] == float(sums[row["order_id"]])
        assert (row["transaction_timestamp"], row["status"]) == orders[row["order_id"]]
    assert set(payments["status"]) == {"Shipped", "Complete", "Processing"} == set(PAID)
    assert payments["order_id"].is_unique().all()
    assert payments["order_id"].is_sorted()


def test_a_payment_has_a_random_uuid_the_same_in_both_splits() -> None:
    here, there = (frame("transactions", split, snapshot_window_days=EVER) for split in SPLITS)
    for text in here["transaction_id"]:
        parsed = UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, RFC_4122)
    both = here.join(there, on="order_id")
    assert len(both) > 1_000
    assert both["transaction_id"].equals(both["transaction_id_right"], check_names=False)
    together = pl.concat([here, there])["transaction_id"]
    assert together.n_unique() == pl.concat([here, there])["order_id"].n_unique()
    ids = here["transaction_id"].str.slice(0, 8).str.to_integer(base=16)
    assert abs(spearmanr(ids, here["order_id"]).statistic) < SIGMAS / math.sqrt(len(ids))


# --- account tiers ------------------------------------------------------------------------


@pytest.mark.parametrize("strength", [0, 0.5, 0.7, 1])
def test_tiers_have_their_shares_at_every_strength(strength: float) -> None:
    people = frame("provider_users", "inference", tier_strength=strength, snapshot_window_days=EVER)
    shares = dict(people["account_tier"].value_counts(normalize=True).iter_rows())
    shares["verified"] = float(people["is_verified_user"].mean() or 0)  # type: ignore[arg-type]
    for name, declared in (TIERS | {"verified": VERIFIED}).items():
        # At full strength the ranks alone decide, of the people of both splits together.
        slack = 10 / len(people) if strength == 1 else error(declared, len(people))
        assert abs(shares[name] - declared) <= slack, name


@cache
def judged(strength: float) -> pl.DataFrame:
    """The provider's users whom the merchant knows, with the columns that decide their tier."""
    domain, reader = parties(tier_strength=strength, snapshot_window_days=EVER)
    seen = TableView(domain, domain.table("provider_users"), SPLITS, reader, domain.scenario)
    people = account_holders(seen, "inference", everyone(seen)).drop("city").collect()
    made = reader.slices["provider_users"]["inference"].join(people, on="email")
    place = {tier: number for number, tier in enumerate(TIERS)}
    return made.drop_nulls("traffic_source").with_columns(
        level=pl.col("account_tier").replace_strict(place, return_dtype=pl.Int64),
        verified=pl.col("is_verified_user").cast(pl.Int64),
        from_prime=(pl.col("age") - 45).abs(),
    )


def sigmas_of_category(people: pl.DataFrame, outcome: str, column: str) -> float:
    """Standard deviations of chi-square above its expectation under independence."""
    counted = people.group_by(column).len().filter(pl.col("len") >= 60)[column]
    here = people.filter(pl.col(column).is_in(counted.implode()))
    table = here.pivot(outcome, index=column, values="email", aggregate_function="len")
    found = chi2_contingency(table.drop(column).fill_null(0).to_numpy())
    return float((found.statistic - found.dof) / math.sqrt(2 * found.dof))


def sigmas_of_number(people: pl.DataFrame, outcome: str, column: str) -> float:
    found = spearmanr(people[column], people[outcome]).statistic
    return abs(float(found)) * math.sqrt(len(people))


OUTCOMES = ("level", "verified")
CATEGORIES = ("country", "traffic_source")
NUMBERS = ("from_prime", "spend")


def test_without_strength_standing_has_nothing_to_do_with_who_someone_is() -> None:
    people = judged(0)
    assert len(people) > 2_000
    for outcome in OUTCOMES:
        for column in CATEGORIES:
            assert sigmas_of_category(people, outcome, column) < SIGMAS, (outcome, column)
        for column in (*NUMBERS, "age", "provider_user_id"):
            assert sigmas_of_number(people, outcome, column) < SIGMAS, (outcome, column)
    assert sigmas_of_number(people, "level", "verified") < SIGMAS


def test_with_strength_standing_follows_from_all_that_the_model_names() -> None:
    people = judged(0.7)
    for outcome in OUTCOMES:
        for column in CATEGORIES:
            assert sigmas_of_category(people, outcome, column) > SIGMAS, (outcome, column)
        for column in NUMBERS:
            assert sigmas_of_number(people, outcome, column) > SIGMAS, (outcome, column)
    assert sigmas_of_number(people, "level", "verified") > SIGMAS


def test_more_strength_is_more_to_find() -> None:
    found = [sigmas_of_number(judged(s), "level", "from_prime") for s in (0, 0.5, 0.7, 1)]
    assert found == sorted(found)
