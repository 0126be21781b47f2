"""The generated export has the statistics of the public sample."""

from __future__ import annotations

import os

import polars as pl
import pytest

from synth_assets.core import sources
from synth_assets.domains.journey.ga4 import sample
from synth_assets.domains.journey.ga4.checks import param
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
