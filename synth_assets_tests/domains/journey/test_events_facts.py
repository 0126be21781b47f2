"""The generated export has the statistics of the public sample."""

from __future__ import annotations

import os
from datetime import date

import polars as pl
import pytest

from synth_assets.core import sources
from synth_assets.domains.journey.ga4 import sample
from synth_assets.domains.journey.ga4.devices import versions
from synth_assets.domains.journey.ga4.param import param
from synth_assets_tests.domains.journey.figures import figures, in_order
from synth_assets_tests.domains.journey.made import DAYS, journey, made, whole

SCALE = 0.05


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    return whole(scale=SCALE)


def test_the_statistics_are_those_of_the_sample(events: pl.DataFrame) -> None:
    found = figures(events, SCALE)
    assert len(found) > 65
    assert not [figure for figure in found if figure.deviates]


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "seed"), [(0.05, 7), (0.1, 42), (0.3, 1)])
def test_other_scales_and_seeds_have_the_same_statistics(scale: float, seed: int) -> None:
    found = figures(whole(scale=scale, seed=seed), scale)
    assert not [figure for figure in found if figure.deviates]
    whole.cache_clear()


def test_the_peak_and_the_low_are_those_days(events: pl.DataFrame) -> None:
    by_day = events.group_by("event_date").agg(pl.len()).sort("len")["event_date"].to_list()
    assert (by_day[0], by_day[-1]) == (f"{sample.LOW:%Y%m%d}", f"{sample.PEAK:%Y%m%d}")
    assert len(by_day) == sample.DAYS


def test_carts_are_missing_when_they_are_in_the_sample(events: pl.DataFrame) -> None:
    carts = events.filter(event_name="add_to_cart").group_by("event_date").agg(pl.len())
    by_day = dict(carts.iter_rows())
    assert not by_day.keys() & {"20201121", "20201122", "20201123", "20201124"}
    usual = sum(by_day.get(f"202012{d:02d}", 0) for d in range(1, 16))
    assert 0 < sum(by_day.get(f"202011{d:02d}", 0) for d in range(1, 16)) < 0.4 * usual


def test_some_sessions_have_the_steps_out_of_order(events: pl.DataFrame) -> None:
    closed = sample.WITH_CART["purchase"] * SCALE
    assert 0.5 * closed < in_order(events) < 0.9 * closed


def test_parameters_are_as_frequent_as_in_the_sample(events: pl.DataFrame) -> None:
    keys = events.select(pl.col("event_params").list.eval(pl.element().struct.field("key")))
    shares = dict(
        keys.explode("event_params")
        .group_by("event_params")
        .agg(pl.len() / len(events))
        .iter_rows()
    )
    for key, expected in {
        "page_title": 0.995, "engaged_session_event": 0.958, "session_engaged": 0.930,
        "debug_mode": 0.857, "page_referrer": 0.747, "clean_event": 0.658,
        "engagement_time_msec": 0.566, "medium": 0.333, "percent_scrolled": 0.115,
        "entrances": 0.077, "gclid": 0.0276,
    }.items():  # fmt: skip
        assert abs(shares[key] - expected) < max(0.15 * expected, 0.01), (key, shares[key])


def test_pauses_have_tails_and_visits_are_split_by_them(events: pl.DataFrame) -> None:
    at = pl.col("event_timestamp") / 60e6
    times = events.select("user_pseudo_id", session=param("ga_session_id"), at=at)
    within = times.select(pl.col("at").diff().over("user_pseudo_id", "session"))["at"].drop_nulls()
    assert within.quantile(0.5) < 0.1
    assert 4 < within.quantile(0.99) < 7
    assert 15 < within.max() < 30
    sessions = times.group_by("user_pseudo_id", "session").agg(
        pl.col("at").min(), ended=pl.col("at").max()
    )
    pauses = (
        sessions.sort("user_pseudo_id", "at")
        .select(pl.col("at") - pl.col("ended").shift().over("user_pseudo_id"))["at"]
        .drop_nulls()
    )
    assert pauses.min() >= 30
    assert 0.02 < (pauses < 60).mean() < 0.12


def test_engagement_takes_time(events: pl.DataFrame) -> None:
    rows = events.select(
        "user_pseudo_id", "event_name", at=pl.col("event_timestamp") / 1e6,
        session=param("ga_session_id"), engaged=param("session_engaged", "string_value") == "1",
        spent=param("engagement_time_msec"),
    )  # fmt: skip
    assert rows.filter(event_name="session_start")["spent"].null_count() == len(
        rows.filter(event_name="session_start")
    )
    sessions = rows.group_by("user_pseudo_id", "session").agg(
        engaged=pl.col("engaged").any(),
        waited=pl.col("at").filter("engaged").min() - pl.col("at").min(),
    )
    assert 0.8 < sessions["engaged"].mean() < 0.95
    waited = sessions["waited"].drop_nulls()
    assert 2 < waited.quantile(0.1) < 15 < waited.quantile(0.5) < 60 < waited.quantile(0.9)


def test_coupons_are_as_frequent_as_in_the_sample_and_have_seasons(events: pl.DataFrame) -> None:
    bought = events.filter(pl.col("ecommerce").struct.field("purchase_revenue").is_not_null())
    codes = bought.select("event_date", code=param("coupon", "string_value"))
    assert abs(codes["code"].is_not_null().mean() - 0.5866) < 0.05
    seasonal = codes.filter(code="HOLIDAY")["event_date"]
    assert len(seasonal) > 20
    assert seasonal.is_between("20201115", "20201231").all()


def test_there_are_many_pages_devices_and_places(events: pl.DataFrame) -> None:
    device, geo = pl.col("device").struct, pl.col("geo").struct
    found = events.select(
        pages=param("page_location", "string_value").n_unique(),
        machines=pl.struct(
            device.field("mobile_model_name"), device.field("operating_system_version"),
            device.field("web_info"),
        ).n_unique(),
        countries=geo.field("country").n_unique(),
        places=pl.col("geo").n_unique(),
    ).row(0, named=True)  # fmt: skip
    at_least = {"pages": 1_000, "machines": 300, "countries": 80, "places": 1_000}
    assert all(found[name] >= least for name, least in at_least.items()), found
    visitors = events.unique("user_pseudo_id")
    shares = visitors.group_by(geo.field("country")).agg(pl.len() / len(visitors))
    assert abs(dict(shares.iter_rows())["United States"] - 0.44) < 0.02


def test_versions_are_those_of_the_time() -> None:
    then, later = versions(date(2020, 12, 15)), versions(date(2024, 11, 15))
    assert (then["Chrome-0"], then["Firefox-0"], then["ios"]) == ("88.0", "83.0", "14.2")
    assert (later["Chrome-0"], later["ios"], later["android"]) == ("131.0", "18.2", "15")
    assert versions(date(2025, 11, 15))["ios"] == "26.2"


def test_the_small_default_has_typical_days() -> None:
    of = journey()
    assert of.scenario.scale == SCALE
    assert of.table("events").partitioning.keys()[-1] == "2020-12-31"
    frames = made(of, DAYS)
    assert [abs(len(frame) / (39_300 * SCALE) - 1) < 0.15 for frame in frames.values()] == [
        True
    ] * 2


@pytest.mark.slow
@pytest.mark.skipif("SYNTH_LARGE" not in os.environ, reason="takes a minute and a gigabyte")
def test_the_whole_size() -> None:
    of = journey(scale=1, end_date="2021-02-01")
    table = of.table("events")
    rows = sum(
        frame.select(param("ga_session_id").null_count(), pl.len()).collect().row(0)[1]
        for _, frame in sources.frames(table, of.scenario, table.partitioning.keys())
    )
    assert abs(rows / sample.EVENTS - 1) < 0.002
