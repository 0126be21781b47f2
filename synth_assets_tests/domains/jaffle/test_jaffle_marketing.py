"""Ads, sessions and the journeys from them to a first order.

Every statistical bound comes from ``chance`` and errs with probability below 1e-9.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from synth_assets_tests.domains.jaffle.facts import (
    HOURS,
    OPENED,
    ORDERS,
    SOURCES,
    START,
    journeys,
    of_a_run,
    visits,
)
from synth_assets_tests.domains.jaffle.made import Frames
from synth_assets_tests.randomness.chance import binomial, chi_square

PLATFORMS = ("google", "facebook", "instagram")


def ads_of(frames: Frames) -> pl.DataFrame:
    """Ads of all platforms, with their cost as a number."""
    ads = pl.concat(frames[f"stg_{p}_ads"].with_columns(utm_source=pl.lit(p)) for p in PLATFORMS)
    return ads.with_columns(pl.col("cost").cast(pl.Float64), on=pl.col("date").dt.date())


def test_ads_are_live_47_of_60_days(frames: Frames) -> None:
    live: list[int] = []
    total = 0
    for platform in ("google", "facebook", "instagram"):
        ads = of_a_run(frames[f"stg_{platform}_ads"]).with_columns(on=pl.col("date").dt.date())
        per_ad = dict(ads.group_by("ad_id").agg(pl.len()).iter_rows())
        assert set(per_ad) == {f"{platform[0]}{n}" for n in range(1, 101)}
        assert per_ad.pop(f"{platform[0]}1") == 60, "the first ad never pauses"
        assert all(43 <= count <= 51 for count in per_ad.values())
        assert ads.select("ad_id", "on").is_unique().all()
        assert ads.group_by("on").len()["len"].is_between(50, 100).all()
        live += per_ad.values()
        total += len(ads)
    # Days are even in 43..51, so the standard error over 297 ads is 0.15.
    assert abs(np.mean(live) - 47) < 6.5 * 2.582 / np.sqrt(len(live))
    assert abs(total - 14_200) < 300


def test_an_ad_keeps_its_medium_and_has_a_campaign_of_the_season(frames: Frames) -> None:
    ads = ads_of(frames)
    per_ad = ads.group_by("ad_id").agg(
        pl.col("utm_medium").n_unique().alias("mediums"),
        pl.col("utm_campain").unique().alias("campaigns"),
    )
    assert per_ad["mediums"].max() == 1
    seasonal = {"holiday_deals", "flash_sale", "spring_sale"}
    of_season = per_ad.filter(pl.col("campaigns").list.set_intersection(list(seasonal)) != [])
    # An ad has one campaign, or the one of each season it has seen.
    others = per_ad.join(of_season, on="ad_id", how="anti")
    assert others["campaigns"].list.len().max() == 1
    assert set(of_season["campaigns"].explode()) <= seasonal
    assert binomial(len(of_season), len(per_ad), 0.4) < 1
    months = dict(ads.group_by("utm_campain").agg(pl.col("on").dt.month().unique()).iter_rows())
    assert set(months["holiday_deals"]) == {11, 12}
    assert set(months["flash_sale"]) == {1, 2}
    mediums = ads.group_by("utm_source").agg(pl.col("utm_medium").unique())
    found = {source: set(values) for source, values in mediums.iter_rows()}
    assert "paid_search" in found["google"] - found["facebook"] - found["instagram"]
    assert "social" in found["facebook"] & found["instagram"] - found["google"]


def test_advertising_buys_customers_at_a_price(frames: Frames) -> None:
    run = {name: of_a_run(frame) for name, frame in frames.items()}
    spend = ads_of(run)["cost"].sum()
    customers = sum(len(run[f"raw_customers_{d}"]) for d in ("training", "validation"))
    assert abs(spend / customers - 30) < 0.5
    paid = pl.concat(run[f"raw_payments_{d}"] for d in ("training", "validation"))
    revenue = paid["amount"].sum() / 100
    assert 0.17 < spend / revenue < 0.23
    amounts = paid.group_by("order_id").agg(pl.sum("amount"))
    first = pl.concat(
        run[f"raw_orders_{d}"].sort("order_date").group_by("user_id").first()
        for d in ("training", "validation")
    ).join(amounts, left_on="id", right_on="order_id")
    assert 0.55 < first["amount"].sum() / 100 / spend < 0.70


def test_clicks_follow_spend(frames: Frames) -> None:
    run = {name: of_a_run(frame) for name, frame in frames.items()}
    clicks = visits(run).group_by("ad_id").len("clicks")
    spend = ads_of(run).group_by("ad_id", "utm_source").agg(pl.sum("cost"))
    pairs = spend.join(clicks, on="ad_id", how="left").fill_null(0)
    assert pairs.select(pl.corr("cost", "clicks", method="spearman")).item() > 0.6
    # The quality that no table has: clicks vary more than chance at the same cost.
    expected = pairs["cost"] / pairs["cost"].sum() * pairs["clicks"].sum()
    assert (((pairs["clicks"] - expected) ** 2) / expected).sum() > 2 * len(pairs)
    by_day = ads_of(frames).group_by("on").agg(pl.sum("cost"))
    sessions = visits(frames).group_by(on=pl.col("started_at").dt.date()).len("sessions")
    days = by_day.join(sessions, on="on").filter(pl.col("on") > OPENED)
    assert days.select(pl.corr("cost", "sessions", method="spearman")).item() > 0.6


@pytest.mark.parametrize("name", ["google", "facebook", "instagram"])
def test_ads_are_billed_by_the_hours_of_the_day(frames: Frames, name: str) -> None:
    hours = frames[f"stg_{name}_ads"]["date"].dt.hour()
    assert chi_square(np.bincount(hours, minlength=24), HOURS) < 1


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
        on = ["ad_id", "on"]
        clicked = clicked.with_columns(on=pl.col("started_at").dt.date())
        ads = frames[f"stg_{source}_ads"].with_columns(on=pl.col("date").dt.date())
        assert clicked.join(ads, on=on, how="anti").is_empty()
        assert clicked["ad_id"].n_unique() > 60, "clicks are spread over the ads"


def test_sessions_do_not_pile_up_before_midnight(frames: Frames) -> None:
    hours = np.bincount(visits(frames)["started_at"].dt.hour(), minlength=24)
    assert hours.argmax() in range(8, 15)
    assert hours[23] < 2 * hours[22]
    assert hours[23] < hours[12] / 2
    assert hours[:5].sum() < 0.12 * hours.sum(), "nights are quiet"


def test_sessions_last_one_to_45_minutes(frames: Frames) -> None:
    seconds = visits(frames).select(pl.col("ended_at") - pl.col("started_at")).to_series()
    assert seconds.dt.total_seconds().is_between(60, 2_700).all()
    assert seconds.n_unique() > 500
    minutes = seconds.dt.total_seconds() / 60
    assert minutes.median() < 6 < minutes.mean() + 1, "most are short, few are long"  # type: ignore[operator]
    assert (minutes > 20).mean() < 0.05  # type: ignore[operator]


def test_search_converts_more_often_than_display(frames: Frames) -> None:
    kinds = ads_of(frames).select("ad_id", "utm_medium").unique()
    shares = dict(
        visits(frames)
        .join(kinds, on="ad_id")
        .group_by("utm_medium")
        .agg(pl.col("customer_id").is_not_null().mean())
        .iter_rows()
    )
    assert shares["paid_search"] > shares["display"] + 0.2
    assert shares["shopping"] > shares["video"] + 0.1


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
    paths = journeys(frames).with_columns(on=pl.col("started_at").dt.date())
    waited = paths.filter(pl.col("on") < START + timedelta(days=59)).with_columns(
        wait=(pl.col("order_date").dt.date() - pl.col("on")).dt.total_days()
    )
    assert set(waited["wait"]) == {0, 1}
    by_day = waited.group_by("on").agg(pl.len(), pl.sum("wait")).sort("on")
    stray = by_day["wait"].cum_sum() - 0.3 * by_day["len"].cum_sum()
    assert stray.abs().max() <= 1  # type: ignore[operator]
    assert (
        frames[ORDERS]
        .filter(pl.col("order_date").dt.date() == OPENED)
        .join(
            waited.filter(pl.col("wait") == 0),
            left_on="user_id",
            right_on="customer_id",
            how="anti",
        )
        .is_empty()
    ), "on the first day all orders follow a session of the same day"


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
    assert abs(len(of_a_run(touched["raw_customers_training"])) - 2_000) <= 1
    assert abs(len(of_a_run(touched[ORDERS])) - 15_000) <= 2
    unknown = visits(touched)["customer_id"].is_null()
    assert abs(float(unknown.mean()) - 1 / 3) < 0.001  # type: ignore[arg-type]
