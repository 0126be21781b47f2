"""Properties of sixty days of the shop: volumes, shares, journeys, references.

Every statistical bound comes from ``chance`` and errs with probability below 1e-9.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from synth_assets.core import sources
from synth_assets.core.model import Domain
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.jaffle.made import Frames, all_made, days, jaffle, stored
from synth_assets_tests.quality.memory import judge
from synth_assets_tests.randomness.chance import binomial, chi_square, contingency

START = date(2026, 1, 1)
HOURS = [1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 2, 1, 1, 1]
STATUSES = {"placed": 13, "shipped": 13, "completed": 67, "return_pending": 2, "returned": 4}
METHODS = {"credit_card": 55, "bank_transfer": 33, "coupon": 13, "gift_card": 12}
SOURCES = {"website": ("google", "facebook"), "app": ("facebook", "instagram")}
ORDERS = "raw_orders_training"
JOURNEY = ("raw_customers_training", "raw_signups_training", ORDERS)
SESSIONS = ("stg_website_sessions", "stg_app_sessions")


def visits(frames: Frames) -> pl.DataFrame:
    """Sessions of both platforms."""
    return pl.concat(frames[name] for name in SESSIONS)


def journeys(frames: Frames) -> pl.DataFrame:
    """One row for each session of a customer, in order, with sign-up and first order if any."""
    first = frames[ORDERS].group_by(customer_id="user_id").agg(pl.col("order_date").min())
    made = frames["raw_signups_training"].select(
        pl.col("user_id").alias("customer_id"), "signup_date"
    )
    return (
        visits(frames)
        .drop_nulls("customer_id")
        .join(made, on="customer_id", how="left")
        .join(first, on="customer_id", how="left")
        .sort("customer_id", "started_at")
    )


def counts(column: pl.Series, of: dict[str, int]) -> list[int]:
    seen = dict(column.value_counts().iter_rows())
    assert set(seen) == set(of)
    return [seen[name] for name in of]


# --- volumes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "rows", "within"),
    [
        ("raw_customers_training", 2_000, 1),
        ("raw_signups_training", 2_000, 1),
        (ORDERS, 15_000, 2),
        ("raw_payments_training", 22_500, 400),
        ("raw_customers_validation", 200, 1),
        ("raw_orders_validation", 1_500, 200),
    ],
)
def test_volumes_after_sixty_days(frames: Frames, table: str, rows: int, within: int) -> None:
    assert abs(len(frames[table]) - rows) <= within


def test_a_third_of_three_thousand_sessions_is_anonymous(frames: Frames) -> None:
    assert abs(len(visits(frames)) - 3_000) <= 2
    assert abs(len(frames["stg_website_sessions"]) - 1_875) <= 2
    assert abs(visits(frames)["customer_id"].null_count() - 1_000) <= 1
    # Anonymous sessions are spread over all days, not collected at the end.
    by_day = visits(frames).group_by("day").agg(pl.col("customer_id").is_null().mean())
    assert by_day["customer_id"].is_between(0.25, 0.42).all()


def test_ads_are_live_47_of_60_days(frames: Frames) -> None:
    live: list[int] = []
    for platform in ("google", "facebook", "instagram"):
        ads = frames[f"stg_{platform}_ads"]
        per_ad = dict(ads.group_by("ad_id").agg(pl.len()).iter_rows())
        assert set(per_ad) == {f"{platform[0]}{n}" for n in range(1, 101)}
        assert per_ad.pop(f"{platform[0]}1") == 60, "the first ad never pauses"
        assert all(43 <= count <= 51 for count in per_ad.values())
        assert ads.select("ad_id", "day").is_unique().all()
        assert ads.group_by("day").len()["len"].is_between(50, 100).all()
        live += per_ad.values()
    # Days are even in 43..51, so the standard error over 297 ads is 0.15.
    assert abs(np.mean(live) - 47) < 6.5 * 2.582 / np.sqrt(len(live))
    assert (
        abs(sum(len(frames[f"stg_{p}_ads"]) for p in ("google", "facebook", "instagram")) - 14_200)
        < 300
    )


def test_an_ad_keeps_its_medium_campaign_and_budget(frames: Frames) -> None:
    for platform in ("google", "facebook", "instagram"):
        ads = (
            frames[f"stg_{platform}_ads"]
            .group_by("ad_id")
            .agg(
                pl.col("utm_medium").n_unique().alias("mediums"),
                pl.col("utm_campain").n_unique().alias("campaigns"),
                low=pl.col("cost").cast(float).min(),
                high=pl.col("cost").cast(float).max(),
            )
        )
        assert ads["mediums"].max() == ads["campaigns"].max() == 1
        assert (ads["high"] / ads["low"]).max() <= 1.2 / 0.8 + 0.01  # type: ignore[operator]
        assert ads["low"].min() >= 5 * 0.8 - 0.01  # type: ignore[operator]
        assert ads["high"].max() <= 500 * 1.2 + 0.01  # type: ignore[operator]


def test_volumes_grow_and_peak_at_weekends(shop: Domain, frames: Frames) -> None:
    orders = frames[ORDERS].group_by("day").len().sort("day")["len"].to_list()
    assert sum(orders[30:]) > sum(orders[:30])
    customers = shop.table("raw_customers_training")
    before = np.array(
        [sources.generated(customers).rows_before(shop.scenario, day) for day in range(729)]
    )
    signups = np.diff(before)
    # Growth of a tenth per month: ratio of the averages of the second and the first year.
    first, second = (1 + 0.1 * np.arange(364 * y, 364 * (y + 1)).mean() / 30 for y in (0, 1))
    ratio = signups[364:].sum() / signups[:364].sum()
    assert abs(ratio / (second / first) - 1) < 0.02
    weekday = np.array([(START + timedelta(days=d)).weekday() for d in range(728)])
    trend = signups / (1 + 0.1 * np.arange(728) / 30)
    mean = [trend[weekday == d].mean() for d in range(7)]
    assert int(np.argmax(mean)) == 5, "Saturday is the best day"
    assert np.mean(mean[5:]) > 1.03 * np.mean(mean[:5])
    assert mean[5] / mean[1] > 1.2


# --- columns ------------------------------------------------------------------------------


def test_shares_of_statuses_and_payment_methods(frames: Frames) -> None:
    assert chi_square(counts(frames[ORDERS]["status"], STATUSES), list(STATUSES.values())) < 1
    methods = frames["raw_payments_training"]["payment_method"]
    assert chi_square(counts(methods, METHODS), list(METHODS.values())) < 1


def test_orders_are_paid_once_or_twice_in_whole_dollars(frames: Frames) -> None:
    payments = frames["raw_payments_training"]
    assert (payments["amount"] % 100 == 0).all()
    assert payments["amount"].is_between(100, 2_900).all()
    per_order = payments.group_by("order_id").agg(pl.len(), pl.sum("amount"))
    assert set(per_order["order_id"]) == set(frames[ORDERS]["id"])
    assert set(per_order["len"]) == {1, 2}
    assert binomial(int((per_order["len"] == 2).sum()), len(per_order), 0.5) < 1
    assert per_order["amount"].max() <= 2_900  # type: ignore[operator]
    alone = per_order.filter(pl.col("len") == 1)["amount"] // 100
    assert chi_square(np.bincount(alone)[1:]) < 1


def test_columns_are_independent(frames: Frames) -> None:
    paid = frames["raw_payments_training"].sort("id")
    first = paid.group_by("order_id", maintain_order=True).first().sort("order_id")
    method = first["payment_method"].replace_strict({m: i for i, m in enumerate(METHODS)})
    dollars = first["amount"] // 100 // 8
    status = frames[ORDERS].sort("id")["status"] == "completed"
    hour = frames[ORDERS].sort("id")["order_date"].dt.hour() // 12
    columns = [c.cast(pl.Int64).to_list() for c in (method, dollars, status, hour)]
    for one, other in combinations(columns, 2):
        assert contingency(one, other) < 1
    people = frames["raw_customers_training"]
    initials = people["first_name"].str.slice(0, 1) < "K", people["last_name"] < "N."
    assert contingency(*(c.cast(pl.Int64).to_list() for c in initials)) < 1


def test_emails_belong_to_their_customers_and_one_in_31_is_missing(frames: Frames) -> None:
    joined = frames["raw_signups_training"].join(
        frames["raw_customers_training"], left_on="user_id", right_on="id"
    )
    assert len(joined) == len(frames["raw_signups_training"])
    assert binomial(joined["user_email"].null_count(), len(joined), 1 / 31) < 1
    given = joined.drop_nulls("user_email").with_columns(
        wanted=pl.concat_str(
            pl.col("first_name").str.to_lowercase(),
            pl.col("last_name").str.slice(0, 1).str.to_lowercase(),
            pl.col("id").cast(pl.String),
            pl.lit("@example.com"),
        )
    )
    assert given["user_email"].equals(given["wanted"], check_names=False)
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


@pytest.mark.parametrize("name", ["google", "facebook", "instagram"])
def test_ads_are_billed_by_the_hours_of_the_day(frames: Frames, name: str) -> None:
    hours = frames[f"stg_{name}_ads"]["date"].dt.hour()
    assert chi_square(np.bincount(hours, minlength=24), HOURS) < 1


def test_orders_follow_the_hours_of_the_day(frames: Frames) -> None:
    repeated = frames[ORDERS].filter(
        pl.col("order_date") > pl.col("order_date").min().over("user_id")
    )
    hours = repeated["order_date"].dt.hour()
    assert chi_square(np.bincount(hours, minlength=24), HOURS) < 1
    seconds = repeated["order_date"].dt.minute().cast(int) * 60 + repeated["order_date"].dt.second()
    assert chi_square(np.bincount(seconds // 120, minlength=30)) < 1


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("raw_signups_training", "signup_date"),
        ("raw_signups_validation", "signup_date"),
        (ORDERS, "order_date"),
        ("stg_google_ads", "date"),
        ("stg_facebook_ads", "date"),
        ("stg_instagram_ads", "date"),
        ("stg_website_sessions", "started_at"),
        ("stg_app_sessions", "started_at"),
    ],
)
def test_timestamps_are_on_the_date_of_the_partition(
    frames: Frames, table: str, column: str
) -> None:
    assert (frames[table][column].dt.date() == frames[table]["day"]).all()
    assert frames[table]["day"].n_unique() == 60


def test_customers_differ_in_loyalty(frames: Frames) -> None:
    # Only customers of the first month, so that the sign-up date has no effect.
    early = frames["raw_customers_training"].filter(pl.col("day") < date(2026, 1, 31))
    per_customer = frames[ORDERS].join(early, left_on="user_id", right_on="id", how="semi")
    orders = per_customer.group_by("user_id").len()["len"].cast(float)
    assert len(orders) == len(early), "every customer orders"
    # Equal probabilities would give a Poisson distribution, with a variance near the mean.
    assert orders.var() > 1.5 * orders.mean()  # type: ignore[operator]
    assert orders.max() < 60  # type: ignore[operator]
    assert (orders == 1).sum() > 0


# --- sessions and attribution -------------------------------------------------------------


@pytest.mark.parametrize("platform", SOURCES)
def test_sessions_follow_an_ad_of_their_platform_live_on_the_day(
    frames: Frames, platform: str
) -> None:
    sessions = frames[f"stg_{platform}_sessions"]
    assert set(sessions["utm_source"]) == set(SOURCES[platform])
    hits = int((sessions["utm_source"] == SOURCES[platform][0]).sum())
    assert binomial(hits, len(sessions), 0.5) < 1
    assert (sessions["ad_id"].str.slice(0, 1) == sessions["utm_source"].str.slice(0, 1)).all()
    for source in SOURCES[platform]:
        clicked = sessions.filter(pl.col("utm_source") == source)
        assert clicked.join(frames[f"stg_{source}_ads"], on=["ad_id", "day"], how="anti").is_empty()
        assert clicked["ad_id"].n_unique() > 90, "clicks are spread over the ads"


def test_sessions_last_one_to_45_minutes(frames: Frames) -> None:
    seconds = visits(frames).select(pl.col("ended_at") - pl.col("started_at")).to_series()
    assert seconds.dt.total_seconds().is_between(60, 2_700).all()
    assert seconds.n_unique() > 1_000


def test_one_session_for_each_customer_before_the_first_order(frames: Frames) -> None:
    paths = journeys(frames)
    assert sorted(paths["customer_id"]) == frames["raw_customers_training"]["id"].to_list()
    ordered = paths.drop_nulls("order_date")
    assert len(ordered) == frames[ORDERS]["user_id"].n_unique()
    gap = ordered.select(pl.col("order_date") - pl.col("started_at")).to_series()
    assert gap.dt.total_seconds().is_between(3_600, 86_400).all()
    # The platform of a session is independent of whether its customer is known.
    known = frames["stg_website_sessions"]["customer_id"].is_not_null()
    assert binomial(int(known.sum()), len(known), 2 / 3) < 1


def test_signups_are_within_the_first_session(frames: Frames) -> None:
    paths = journeys(frames)
    inside = pl.col("signup_date").is_between("started_at", "ended_at")
    before = pl.col("signup_date") < pl.col("order_date").fill_null(date(2100, 1, 1))
    assert paths.select((inside & before).all()).item()


def test_seven_in_ten_order_on_the_day_of_their_session(frames: Frames) -> None:
    # Customers of the last day may order after the sixty days; each cohort is split exactly.
    paths = journeys(frames).filter(pl.col("day") < START + timedelta(days=59))
    waited = paths.with_columns(
        wait=(pl.col("order_date").dt.date() - pl.col("day")).dt.total_days()
    )
    assert set(waited["wait"]) == {0, 1}
    by_day = waited.group_by("day").agg(pl.len(), pl.sum("wait")).sort("day")
    stray = by_day["wait"].cum_sum() - 0.3 * by_day["len"].cum_sum()
    assert stray.abs().max() <= 1  # type: ignore[operator]
    assert (
        frames[ORDERS]
        .filter(pl.col("day") == START)
        .join(
            waited.filter(pl.col("wait") == 0),
            left_on="user_id",
            right_on="customer_id",
            how="anti",
        )
        .is_empty()
    ), "on the start date all orders follow a session of the same day"


@pytest.fixture(scope="module")
def touched() -> Frames:
    names = [*JOURNEY, *SESSIONS]
    return all_made(jaffle(touches_per_customer=5), 60, names)


def test_five_touches_are_in_order_within_a_week(touched: Frames) -> None:
    paths = journeys(touched)
    settled = paths.filter(
        pl.col("customer_id").is_in(
            touched["raw_customers_training"]
            .filter(pl.col("day") < START + timedelta(days=50))["id"]
            .implode()
        )
    )
    per_customer = settled.group_by("customer_id").agg(
        pl.len().alias("touches"),
        pl.col("started_at").n_unique().alias("distinct"),
        pl.col("started_at").min().alias("first"),
        pl.col("started_at").max().alias("last"),
        pl.col("ended_at").first(),
        pl.col("signup_date").first(),
        pl.col("order_date").first(),
        pl.col("session_id").str.slice(0, 1).n_unique().alias("platforms"),
    )
    assert set(per_customer["touches"]) == {5}
    assert per_customer["distinct"].min() == 5
    gap = per_customer.select(pl.col("order_date") - pl.col("last")).to_series()
    assert gap.dt.total_seconds().is_between(3_600, 86_400).all()
    span = per_customer.select(pl.col("order_date") - pl.col("first")).to_series()
    assert span.max() <= timedelta(days=7)  # type: ignore[operator]
    days_between = per_customer.select(
        (pl.col("last").dt.date() - pl.col("first").dt.date()).dt.total_days()
    ).to_series()
    assert set(days_between) == {0, 1, 2, 3, 4, 5}
    assert per_customer.select(pl.col("signup_date").is_between("first", "ended_at").all()).item()
    assert per_customer["platforms"].max() == 2, "journeys cross the platforms"


def test_five_touches_keep_the_volumes(touched: Frames) -> None:
    assert abs(len(touched["raw_customers_training"]) - 2_000) <= 1
    assert abs(len(touched[ORDERS]) - 15_000) <= 2
    unknown = visits(touched)["customer_id"].is_null()
    assert abs(float(unknown.mean()) - 1 / 3) < 0.001  # type: ignore[arg-type]


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
