"""Any window of days can be made, and a day does not depend on the window."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from dagster import RunRequest, build_schedule_context

from synth_assets.core import sources
from synth_assets.orchestration.schedules import schedules_of
from synth_assets_tests.domains.journey.figures import slim
from synth_assets_tests.domains.journey.made import journey, made

AUTUMN = ["2024-10-31", "2024-11-03", "2024-11-29"]


def test_any_window_has_its_days_and_none_depends_on_it() -> None:
    window = journey(scale=0.01, start_date="2024-10-20", end_date="open")
    frames = made(window, AUTUMN)
    for key, frame in frames.items():
        assert set(frame["event_date"]) == {key.replace("-", "")}
    for start, end in (("2024-10-31", "2024-12-01"), ("2024-08-01", "2024-11-30")):
        other = made(journey(scale=0.01, start_date=start, end_date=end), AUTUMN)
        assert all(other[key].equals(frames[key]) for key in AUTUMN)
    # Black Friday, against a Sunday.
    assert len(frames[AUTUMN[2]]) > 1.3 * len(frames[AUTUMN[1]])


def test_a_run_of_days_crosses_the_end_of_a_period() -> None:
    days = [f"2026-10-{day}" for day in range(28, 32)] + [f"2026-11-0{day}" for day in range(1, 4)]
    window = journey(scale=0.01, start_date="2026-10-01", end_date="2027-01-01")
    together = made(window, days)
    for key in days:
        assert made(window, [key])[key].equals(together[key])


def test_visitors_sessions_and_transactions_of_periods_are_distinct() -> None:
    frames = made(journey(scale=0.02, start_date="2026-07-15", end_date="2026-08-15"),
                  ["2026-07-28", "2026-07-29", "2026-08-04", "2026-08-05"])  # fmt: skip
    earlier, later = (slim(pl.concat([*frames.values()][part])) for part in (slice(2), slice(2, 4)))
    assert earlier.join(later, on="user_pseudo_id", how="semi").is_empty()
    ids = earlier.drop_nulls("transaction").filter(pl.col("transaction") != "(not set)")
    assert ids.join(later, on="transaction", how="semi").is_empty()


def test_the_seasonal_calendar_replaces_the_samples() -> None:
    days = ["2020-11-21", "2020-11-22"]
    usual, seasonal = (pl.concat(made(journey(scale=0.05, calendar=c), days).values())
                       for c in ("sample", "seasonal"))  # fmt: skip
    carts = [f.filter(event_name="add_to_cart").height for f in (usual, seasonal)]
    assert carts[0] == 0 < carts[1]
    growing = [journey(scale=0.05, start_date=f"{year}-05-01", end_date=f"{year}-08-01",
                       annual_growth=0.2) for year in (2023, 2024)]  # fmt: skip
    first, second = (
        sources.generated(of.table("events")).rows_before(of.scenario, 92) for of in growing
    )
    assert abs(second / first - 1.2) < 0.02


def test_the_daily_schedule_runs_while_days_come() -> None:
    running = schedules_of(journey(start_date="2024-11-01", end_date="open"))
    assert [schedule.name for schedule in running] == ["journey_daily"]
    with build_schedule_context(scheduled_execution_time=datetime(2024, 11, 28, 4, 20)) as context:
        request = running[0](context)
    assert isinstance(request, RunRequest)
    assert request.partition_key == "2024-11-27"
