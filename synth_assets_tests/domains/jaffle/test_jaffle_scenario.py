"""The shop's settings: error messages, fingerprint, and unusual scenarios."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from synth_assets.core import sources
from synth_assets.core.errors import UserError
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.jaffle.made import all_made, days, jaffle, stored
from synth_assets_tests.quality.memory import judge

# One other valid value for every plain field, and for the start date.
OTHERS: dict[str, Any] = {
    "seed": 43,
    "start_date": date(2025, 12, 31),
    "training_customers": 2_001,
    "training_orders": 15_001,
    "validation_customers": 201,
    "validation_orders": 1_501,
    "monthly_growth": 0.11,
    "touches_per_customer": 2,
    "next_day_share": 0.31,
    "anonymous_share": 0.3,
    "website_share": 0.6,
    "ads_per_platform": 101,
    "history_days": 53,
    "founding_share": 0.21,
    "order_half_life": 21,
    "regular_share": 0.26,
    "weekday_effect": 0.9,
    "season_effect": 0.9,
    "daily_noise": 0.11,
    "price_level": 1.1,
    "sales_tax": 0.07,
    "split_payments": 0.51,
    "hours_to_ship": 5.8,
    "hours_to_deliver": 2.5,
    "return_share": 0.1,
    "cost_per_customer": 31,
    "ad_budget_spread": 90,
    "ad_quality_spread": 0.6,
    "seasonal_ads": 0.5,
    "anomaly_days": 0.16,
    "volume_every": 25,
    "two_cards": 0.06,
    "session_minutes": 6,
    "anonymous_minutes": 3,
    "session_spread": 1,
    "medium_effect": 0.5,
    "lost_status": 0.51,
    "late_order": 0.31,
    "blank_name": 0.51,
    "zero_payment": 0.21,
    "new_category": 0.21,
    "duplicate_email": 0.51,
    "orphan_signup": 0.31,
    "missing_signup": 0.31,
    "unknown_ad": 0.31,
    "endless_session": 0.31,
    "volume_drop": 0.81,
    "volume_spike": 2.1,
}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"training_orders": -1}, ["training_orders = -1", "greater than or equal to 60"]),
        ({"training_customers": 59}, ["training_customers = 59", "equal to 60"]),
        ({"training_customers": 10**12}, [str(10**12), "less than or equal to 2000000"]),
        ({"training_orders": "lots"}, ["training_orders = 'lots'", "integer"]),
        ({"anomaly_days": 1.5}, ["anomaly_days = 1.5", "less than or equal to 1"]),
        ({"touches_per_customer": 0}, ["touches_per_customer = 0", "equal to 1"]),
        ({"touches_per_customer": 21}, ["touches_per_customer = 21", "equal to 20"]),
        ({"anonymous_share": 1.0}, ["anonymous_share = 1.0", "less than or equal to 0.9"]),
        ({"customers": 5}, ["'customers'", "training_customers", "validation_orders"]),
        ({"start_date": "2026-02-30"}, ["start_date = '2026-02-30'", "date"]),
        ({"start_date": "soon"}, ["start_date = 'soon'", "date"]),
        (
            {"training_customers": 100, "training_orders": 99},
            ["training_orders = 99", "training_customers = 100", "at least"],
        ),
        (
            {"validation_customers": 2_000},
            ["validation_orders = 1500", "validation_customers = 2000", "at least"],
        ),
        (
            {"start_date": "0001-01-20"},
            ["history_days = 52", "start_date = 0001-01-20", "not so many days"],
        ),
        (
            {"start_date": "2026-01-02", "end_date": "2026-01-02"},
            ["end_date = 2026-01-02", "after", "start_date = 2026-01-02"],
        ),
        ({"volume_drop": 0.3}, ["volume_drop = 0.3", "0 (off) or at least 0.6"]),
        ({"volume_spike": 0.5}, ["volume_spike = 0.5", "0 (off) or at least 1.0"]),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    values: dict[str, Any], named: list[str]
) -> None:
    with pytest.raises(UserError) as caught:
        JaffleScenario.of(values)
    message = str(caught.value)
    assert all(part in message for part in named), message
    assert "field  =" not in message, f"a field without a name: {message}"
    assert "{" not in message, f"all the values at once: {message}"


def test_the_environment_configures_the_domain() -> None:
    domain = jaffle(start_date="2026-03-01", end_date="2026-03-04", training_customers=70)
    assert domain.scenario == JaffleScenario(
        start_date=date(2026, 3, 1), end_date=date(2026, 3, 4), training_customers=70
    )
    for table in domain.tables:
        assert list(table.partitioning.keys()) == ["2026-03-01", "2026-03-02", "2026-03-03"]


def test_dates_are_no_launchpad_fields_and_all_others_are() -> None:
    fields = JaffleScenario.launchpad_fields()
    assert set(JaffleScenario.model_fields) - set(fields) == {"start_date", "end_date"}


@pytest.mark.parametrize("field", sorted(set(JaffleScenario.model_fields) - {"end_date"}))
def test_the_fingerprint_changes_with_every_field_that_changes_rows(field: str) -> None:
    assert field in OTHERS, "give the new field another valid value above"
    changed = JaffleScenario.of({field: OTHERS[field]})
    assert changed.fingerprint() != JaffleScenario().fingerprint()


def test_the_end_date_stays_out_of_the_fingerprint() -> None:
    ended = JaffleScenario(end_date=date(2026, 3, 1))
    assert ended.fingerprint() == JaffleScenario().fingerprint()
    # The same values in another notation.
    assert JaffleScenario.of({"start_date": "2026-01-01", "seed": "42"}) == JaffleScenario()


# --- unusual scenarios ------------------------------------------------------------------------

SMALL = {
    f"{dataset}_{what}": 60
    for dataset in ("training", "validation")
    for what in ("customers", "orders")
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [
        SMALL | {"ads_per_platform": 1},
        SMALL | {"anomaly_days": 1, "touches_per_customer": 20, "ads_per_platform": 2},
        {"start_date": "2020-02-29", "history_days": 0},
        {"history_days": 365, "founding_share": 0, "price_level": 5, "daily_noise": 0},
        {"start_date": "2026-12-30", "next_day_share": 1, "website_share": 1},
        {"next_day_share": 0, "anonymous_share": 0, "website_share": 0, "monthly_growth": 0},
    ],
    ids=[
        "sixty",
        "sixty_struck",
        "leap_day",
        "long_past",
        "new_year_all_late_all_web",
        "all_same_day_all_app",
    ],
)
def test_unusual_scenarios_pass_every_check(fields: dict[str, Any]) -> None:
    domain = jaffle(**fields)
    reader = stored(domain, 70)
    first = domain.scenario.start_date  # type: ignore[attr-defined]
    assert days(domain, 0, 1) == [first.isoformat()]
    for table in domain.tables:
        for check in checks_of(table):
            validation = table.tags["dataset"] == "validation"
            if validation and (check.detects or check.name == "drift"):
                continue  # these are meant to fail
            failed = [v for v in judge(check, domain, table.name, reader) if not v.passed]
            assert not failed, f"{table.name}: {check.name}: {failed[:2]}"


@pytest.mark.parametrize("start", ["2020-02-29", "1999-12-31", "2031-07-14"])
def test_the_start_date_may_be_any_day(start: str) -> None:
    domain = jaffle(start_date=start)
    frames = all_made(domain, 3)
    opened = date.fromisoformat(start)
    for name, frame in frames.items():
        if name != "validation_anomalies":
            assert frame["day"].unique().sort().to_list() == [
                opened + timedelta(days=d) for d in range(3)
            ], name
    orders = frames["raw_orders_training"].filter(pl.col("day") > opened)
    assert (orders["order_date"].dt.date() == orders["day"]).all()


def test_volumes_are_as_requested() -> None:
    fields = {"training_customers": 500, "training_orders": 900, "monthly_growth": 1}
    domain = jaffle(**fields)
    for name, expected in (("raw_customers_training", 500), ("raw_orders_training", 900)):
        assert (
            abs(sources.generated(domain.table(name)).rows_before(domain.scenario, 8) - expected)
            <= 2
        )
