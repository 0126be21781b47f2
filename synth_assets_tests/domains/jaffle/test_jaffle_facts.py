"""Properties of the shop's columns, references and checks.

Every statistical bound comes from ``chance`` and errs with probability below 1e-9.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.domains.jaffle.menu import amounts
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.jaffle.facts import (
    HOURS,
    ORDERS,
    START,
    of_a_run,
)
from synth_assets_tests.domains.jaffle.made import Frames, days, stored
from synth_assets_tests.quality.memory import judge
from synth_assets_tests.randomness.chance import binomial, chi_square, contingency

STATUSES = {"placed": 13, "shipped": 13, "completed": 67, "return_pending": 2, "returned": 4}
METHODS = {"credit_card": 55, "bank_transfer": 33, "coupon": 13, "gift_card": 12}


def counts(column: pl.Series, of: dict[str, int]) -> list[int]:
    seen = dict(column.value_counts().iter_rows())
    assert set(seen) == set(of)
    return [seen[name] for name in of]


# --- columns ------------------------------------------------------------------------------


def test_shares_of_statuses_and_payment_methods(frames: Frames) -> None:
    orders = frames[ORDERS]
    for partitions in (of_a_run(orders), orders, orders.filter(pl.col("day") > START)):
        found = dict(partitions["status"].value_counts(normalize=True).iter_rows())
        assert all(abs(found[s] - n / 99) < 0.015 for s, n in STATUSES.items()), found
    methods = frames["raw_payments_training"]["payment_method"]
    assert chi_square(counts(methods, METHODS), list(METHODS.values())) < 1


def test_orders_age(frames: Frames) -> None:
    midnight = pl.col("order_date").dt.date().cast(pl.Datetime("us")) + timedelta(days=1)
    aged = frames[ORDERS].with_columns(hours=(midnight - pl.col("order_date")).dt.total_hours())
    young, old = aged.filter(pl.col("hours") < 2), aged.filter(pl.col("hours") >= 16)
    assert (young["status"] == "placed").mean() > 0.95  # type: ignore[operator]
    assert set(old["status"]) <= {"completed", "return_pending", "returned"}
    assert (aged["status_updated_at"] >= aged["order_date"]).all()
    assert aged.select((pl.col("status_updated_at") < midnight).all()).item()
    # Returns come last.
    waited = aged.with_columns(wait=pl.col("status_updated_at") - pl.col("order_date"))
    mean = dict(waited.group_by("status").agg(pl.col("wait").mean()).iter_rows())
    steps = ("placed", "shipped", "completed", "return_pending", "returned")
    assert [mean[s] for s in steps] == sorted(mean.values())


def test_orders_are_baskets_of_the_menu_paid_in_one_or_two_parts(frames: Frames) -> None:
    payments = frames["raw_payments_training"]
    per_order = payments.group_by("order_id").agg(
        pl.len(), pl.sum("amount"), pl.min("amount").name.suffix("_least")
    )
    assert set(per_order["order_id"]) == set(frames[ORDERS]["id"])
    assert set(per_order["len"]) == {1, 2}
    assert binomial(int((per_order["len"] == 2).sum()), len(per_order), 0.5) < 1
    assert per_order["amount_least"].min() > 0  # type: ignore[operator]
    both = payments.group_by("order_id").agg(pl.len(), pl.col("payment_method").unique().sort())
    once = both.filter((pl.col("len") == 2) & (pl.col("payment_method").list.len() == 1))
    assert once["payment_method"].list.first().unique().to_list() == ["credit_card"]
    assert binomial(len(once), int((both["len"] == 2).sum()), 0.05) < 1
    shares = amounts(1, 0.06)
    assert set(per_order["amount"]) <= set(shares)
    mode = per_order["amount"].mode().item()
    assert per_order["amount"].min() < mode < per_order["amount"].max() / 2  # type: ignore[operator]
    assert mode == 1_272, "a jaffle of 12 dollars with tax"
    common = {a: share for a, share in shares.items() if share * len(per_order) > 20}
    found = dict(per_order["amount"].value_counts().iter_rows())
    assert chi_square([found[a] for a in common], list(common.values())) < 1
    assert (payments["amount"] % 100 != 0).mean() > 0.9  # type: ignore[operator]


def test_columns_are_independent(frames: Frames) -> None:
    paid = frames["raw_payments_training"].sort("id")
    first = paid.group_by("order_id", maintain_order=True).first().sort("order_id")
    method = first["payment_method"].replace_strict({m: i for i, m in enumerate(METHODS)})
    dollars = first["amount"] // 100 // 8
    hour = frames[ORDERS].sort("id")["order_date"].dt.hour() // 12
    columns = [c.cast(pl.Int64).to_list() for c in (method, dollars.clip(0, 3), hour)]
    for one, other in combinations(columns, 2):
        assert contingency(one, other) < 1
    people = frames["raw_customers_training"]
    initials = people["first_name"].str.slice(0, 1) < "K", people["last_name"] < "N."
    assert contingency(*(c.cast(pl.Int64).to_list() for c in initials)) < 1


def test_names_have_their_frequencies(frames: Frames) -> None:
    people = frames["raw_customers_training"]
    initials = dict(people["last_name"].value_counts(normalize=True).iter_rows())
    # Sharing an initial with Smith is common, with Quinn is not.
    assert initials["S."] > 0.07
    assert initials["S."] > 8 * initials.get("Q.", 0)
    names = people["first_name"].value_counts(sort=True)["count"]
    assert 0.01 < names[0] / len(people) < 0.04
    assert len(names) > 400


def test_ids_rise_with_the_time_of_day_except_of_first_orders(frames: Frames) -> None:
    back = frames[ORDERS].select(
        (
            (pl.col("order_date").diff() < timedelta(0)) & (pl.col("day").diff() == timedelta(0))
        ).mean()
    )
    assert back.item() < 0.2


def test_emails_belong_to_their_customers_and_one_in_31_is_missing(frames: Frames) -> None:
    joined = frames["raw_signups_training"].join(
        frames["raw_customers_training"], left_on="user_id", right_on="id"
    )
    assert len(joined) == len(frames["raw_signups_training"])
    assert binomial(joined["user_email"].null_count(), len(joined), 1 / 31) < 1
    given = joined.drop_nulls("user_email").with_columns(
        expected=pl.concat_str(
            pl.col("first_name").str.to_lowercase(),
            pl.col("last_name").str.slice(0, 1).str.to_lowercase(),
            pl.col("id").cast(pl.String),
            pl.lit("@example.com"),
        )
    )
    assert given["user_email"].equals(given["expected"], check_names=False)
    assert given["user_email"].is_unique().all()
    assert joined["hashed_password"].is_unique().all()


def test_ids_are_dense_and_rise(frames: Frames) -> None:
    for table in ("raw_customers", "raw_signups", "raw_orders"):
        ids = frames[f"{table}_training"]["id"]
        assert ids.to_list() == list(range(1, len(ids) + 1))
    for table in ("raw_customers", "raw_signups", "raw_orders", "raw_payments"):
        ids = frames[f"{table}_validation"]["id"]
        assert ids.is_sorted()
        assert ids.is_unique().all()
        assert ids[0] == 1_000_001
    assert frames["raw_payments_training"]["id"].is_unique().all()
    for name, initial in (("stg_app_sessions", "a"), ("stg_website_sessions", "w")):
        names = frames[name]["session_id"].to_list()
        assert names == [f"{initial}{n}" for n in range(1, len(names) + 1)]


def test_orders_follow_the_hours_of_the_day(frames: Frames) -> None:
    repeated = frames[ORDERS].filter(
        pl.col("order_date") > pl.col("order_date").min().over("user_id")
    )
    hours = repeated["order_date"].dt.hour()
    assert chi_square(np.bincount(hours, minlength=24), HOURS) < 1
    seconds = repeated["order_date"].dt.minute().cast(int) * 60 + repeated["order_date"].dt.second()
    assert chi_square(np.bincount(seconds // 120, minlength=30)) < 1


def test_customers_differ_in_loyalty(frames: Frames) -> None:
    # Only customers of the past, so that the sign-up date has little effect.
    early = frames["raw_customers_training"].filter(pl.col("day") == START)
    per_customer = frames[ORDERS].join(early, left_on="user_id", right_on="id", how="semi")
    orders = per_customer.group_by("user_id").len()["len"].cast(float)
    assert len(orders) == len(early), "every customer orders"
    # Equal probabilities would give a Poisson distribution, with a variance near the mean.
    assert orders.var() > 3 * orders.mean()  # type: ignore[operator]
    assert orders.max() < 80  # type: ignore[operator]
    assert (orders == 1).sum() > 0


# --- references ---------------------------------------------------------------------------


@pytest.mark.parametrize("touches", [1, 5])
def test_a_row_refers_only_to_rows_of_its_day_or_before(
    frames: Frames, touched: Frames, shop: Domain, touches: int
) -> None:
    made = frames if touches == 1 else touched
    for table in shop.tables:
        references = [r for r in checks_of(table) if r.name.startswith("fk_")]
        for check in references if table.name in made else []:
            (parent,), column = check.reads, check.name.removeprefix("fk_")
            if parent not in made or table.name == "raw_signups_validation":
                continue
            child = made[table.name].drop_nulls(column).select(column, "day")
            there = made[parent].select(pl.col("id").alias(column), pl.col("day").alias("since"))
            joined = child.join(there, on=column, how="left")
            assert joined["since"].null_count() == 0, f"{table.name}.{column} has orphans"
            assert (joined["since"] <= joined["day"]).all(), f"{table.name} refers to the future"


def test_no_order_precedes_its_customers_signup(frames: Frames) -> None:
    made = frames["raw_signups_training"].select("user_id", "signup_date")
    orders = frames[ORDERS].join(made, on="user_id")
    assert len(orders) == len(frames[ORDERS])
    assert (orders["signup_date"] < orders["order_date"]).all()


# --- the tables' own checks ----------------------------------------------------------------


def test_all_checks_pass_on_generated_rows(shop: Domain) -> None:
    reader = stored(shop)
    for table in shop.tables:
        for check in checks_of(table):
            if table.tags["dataset"] == "validation" and (check.detects or check.name == "drift"):
                continue  # these are meant to fail
            failed = [v for v in judge(check, shop, table.name, reader) if not v.passed]
            assert not failed, f"{table.name}: {check.name}: {failed[:2]}"


def test_all_checks_evaluate_a_few_stored_days_too(shop: Domain) -> None:
    reader = stored(shop, 4)
    table = shop.table(ORDERS)
    for check in checks_of(table):
        results = judge(check, shop, ORDERS, reader, days(shop, 2, 3))
        assert all(v.passed for v in results), check.name
