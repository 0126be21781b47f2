"""How many rows there are: a past, steady growth, weekdays and seasons.

Every statistical bound comes from ``chance`` and errs with probability below 1e-9.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from synth_assets.domains.jaffle.model import open_model
from synth_assets_tests.domains.jaffle.facts import (
    OPENED,
    ORDERS,
    START,
    of_a_run,
    visits,
)
from synth_assets_tests.domains.jaffle.made import Frames, all_made, jaffle

TIMED = [
    ("raw_signups_training", "signup_date"),
    ("raw_signups_validation", "signup_date"),
    (ORDERS, "order_date"),
    ("raw_orders_validation", "order_date"),
    ("stg_google_ads", "date"),
    ("stg_facebook_ads", "date"),
    ("stg_instagram_ads", "date"),
    ("stg_website_sessions", "started_at"),
    ("stg_app_sessions", "started_at"),
    ("stg_website_sessions_validation", "started_at"),
]


@pytest.mark.parametrize(
    ("table", "rows", "within"),
    [
        ("raw_customers_training", 2_000, 1),
        ("raw_signups_training", 2_000, 1),
        (ORDERS, 15_000, 2),
        ("raw_payments_training", 22_500, 400),
        ("raw_customers_validation", 200, 1),
        ("raw_orders_validation", 1_500, 100),
    ],
)
def test_volumes_of_eight_partitions(frames: Frames, table: str, rows: int, within: int) -> None:
    assert abs(len(of_a_run(frames[table])) - rows) <= within


def test_a_third_of_three_thousand_sessions_is_anonymous(frames: Frames) -> None:
    sessions = of_a_run(visits(frames))
    assert abs(len(sessions) - 3_000) <= 30
    assert abs(len(of_a_run(frames["stg_website_sessions"])) - 1_875) <= 40
    assert abs(sessions["customer_id"].null_count() - 1_000) <= 30
    # Anonymous sessions are spread over all days, not collected at the end.
    by_day = visits(frames).group_by(pl.col("started_at").dt.date())
    shares = by_day.agg(pl.col("customer_id").is_null().mean())
    assert shares["customer_id"].is_between(0.08, 0.60).all()
    assert shares["customer_id"].std() > 0.03, "no day has the exact share"  # type: ignore[operator]


def test_the_past_is_in_the_first_partition(frames: Frames) -> None:
    for name, column in TIMED:
        rows = frames[name].with_columns(on=pl.col(column).dt.date())
        first = rows.filter(pl.col("day") == START)
        assert first["on"].min() == OPENED, name
        # Of three visits a day, a platform has none on some days.
        few = 45 if name.endswith("sessions_validation") else 53
        assert few <= first["on"].n_unique() <= 53, name
        late = 3 if name == "raw_orders_validation" else 0
        waited = rows.filter(pl.col("day") > START)
        days = (waited["day"] - waited["on"]).dt.total_days()
        assert days.is_between(0, late).all(), name


def daily(frames: Frames, table: str, column: str) -> npt.NDArray[np.float64]:
    """Rows by date, from the first day of the shop on."""
    return (
        frames[table]
        .group_by(on=pl.col(column).dt.date())
        .len()
        .sort("on")["len"]
        .cast(pl.Float64)
        .to_numpy()
    )


def test_volumes_are_steady_from_the_second_week_of_the_shop_on(frames: Frames) -> None:
    orders = daily(frames, ORDERS, "order_date")
    assert len(orders) == 112
    weeks = orders.reshape(16, 7).sum(axis=1)
    # A tenth a month: about 2.3% a week, plus the season and the noise of a day.
    assert (np.abs(np.diff(weeks[1:]) / weeks[1:-1]) < 0.16).all()


@pytest.mark.parametrize(
    ("table", "column"), [(ORDERS, "order_date"), ("raw_signups_training", "signup_date")]
)
@pytest.mark.parametrize("growth", [0, 0.1, 0.5])
def test_growth_is_the_monthly_growth(table: str, column: str, growth: float) -> None:
    made = all_made(jaffle(monthly_growth=growth, season_effect=0, daily_noise=0), 61, [table])
    counts = daily(made, table, column)
    # Four weeks about the start date, and four weeks 30 days later on the same weekdays or nearly.
    month = counts[52 + 4 : 52 + 32].sum() / counts[52 - 24 : 52 + 4].sum()
    expected = np.mean(1 + growth * np.arange(4, 32) / 30) / np.mean(
        [(1 + growth) ** (n / 30) if n < 0 else 1 + growth * n / 30 for n in range(-24, 4)]
    )
    assert abs(month / expected - 1) < 0.02


def test_volumes_peak_at_weekends(frames: Frames) -> None:
    for table, column in ((ORDERS, "order_date"), ("raw_signups_training", "signup_date")):
        counts = daily(frames, table, column)[7:]
        weekday = np.array([(OPENED + timedelta(days=d + 7)).weekday() for d in range(len(counts))])
        mean = [counts[weekday == d].mean() for d in range(7)]
        assert int(np.argmax(mean)) == 5, "Saturday is the best day"
        assert mean[5] / mean[1] > 1.2


def test_seasons_show_over_a_year() -> None:
    shop = jaffle(monthly_growth=0, daily_noise=0, season_effect=3, weekday_effect=0)
    orders = open_model(shop.scenario, "training", 400).usual_orders  # type: ignore[arg-type]
    months: dict[int, list[int]] = {}
    for day, count in enumerate(orders[10:375], start=10):
        months.setdefault((OPENED + timedelta(days=day)).month, []).append(count)
    mean = {month: np.mean(counts) for month, counts in months.items()}
    assert min(mean, key=mean.__getitem__) == 1
    assert max(mean, key=mean.__getitem__) in (5, 6)
    assert mean[6] / mean[1] > 1.15


@pytest.mark.parametrize("history", [0, 7, 200])
def test_any_past_gives_the_volumes(history: int) -> None:
    names = ["raw_customers_training", ORDERS]
    stop = max(60 - history, 8)
    made = all_made(jaffle(history_days=history), stop, names)
    past = START - timedelta(days=history)
    orders = made[ORDERS]
    assert orders["order_date"].dt.date().min() == past
    recent = orders.filter(pl.col("order_date").dt.date() > START + timedelta(days=stop - 61))
    assert abs(len(recent) - 15_000) <= 2
    if history < 60:
        assert abs(len(made["raw_customers_training"]) - 2_000) <= 1
