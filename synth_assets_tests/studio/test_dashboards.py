"""What dashboards have in common: ranges of dates, and the days of records."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from synth_assets.studio import formats, look, preview
from synth_assets.studio.context import Studio
from synth_assets.studio.dashboards.period import Period, choose_period
from synth_assets.studio.dashboards.records import beginning
from synth_assets.studio.warehouse import NotBuiltError
from synth_assets_tests.studio.conftest import SECONDS

# What every sample has.
NAMED = {name: pl.DataFrame({"id": [1]}) for name in ("individuals", "content_engagements")}
SIZES = dict.fromkeys(("individuals", "content_engagements", "people"), 1)
DAYS = ((1, 23), (2, 0), (3, 23), (4, 0))


def test_a_period_has_both_of_its_days() -> None:
    hours = pl.DataFrame({"at": [datetime(2026, 1, day, hour) for day, hour in DAYS]})
    inside = hours.filter(Period(date(2026, 1, 2), date(2026, 1, 3)).has("at"))
    assert inside["at"].dt.day().to_list() == [2, 3]


@pytest.mark.parametrize(
    ("days", "ticks", "labels"),
    [(0, None, None), (9, ("day", 1), "%b %-d"), (90, ("week", 3), "%b %-d"),
     (4_000, None, "%b %Y")],
)  # fmt: skip
def test_an_axis_of_days_has_labels_that_differ(
    days: int, ticks: tuple[str, int] | None, labels: str | None
) -> None:
    frame = pl.DataFrame({"day": [date(2020, 1, 1), date(2020, 1, 1) + timedelta(days)]})
    axis = look.days(frame, "day").to_dict()["axis"]
    assert axis.get("format") == labels
    assert axis.get("tickCount") == (ticks and {"interval": ticks[0], "step": ticks[1]})


def test_data_without_days_are_not_built() -> None:
    with pytest.raises(NotBuiltError):
        choose_period("nothing", None, None)


def _dates() -> None:
    from datetime import date

    import streamlit as st

    from synth_assets.studio.dashboards.period import choose_period

    days = choose_period("some", date(2026, 1, 1), date(2026, 1, 31))
    st.text(f"{days.first} {days.last} {days.whole}")


def test_a_period_begins_whole_and_ends_with_the_data_while_one_day_is_chosen() -> None:
    test = AppTest.from_function(_dates, default_timeout=SECONDS).run()
    assert test.text[0].value == "2026-01-01 2026-01-31 True"
    test.date_input[0].set_value((date(2026, 1, 5),)).run()
    assert test.text[0].value == "2026-01-05 2026-01-31 False"
    test.date_input[0].set_value((date(2026, 1, 5), date(2026, 1, 6))).run()
    assert test.text[0].value == "2026-01-05 2026-01-06 False"


def test_dates_without_data_are_said_to_have_none() -> None:
    test = AppTest.from_function(_dates, default_timeout=SECONDS).run()
    test.date_input[0].set_value((date(2025, 12, 1), date(2026, 1, 6))).run()
    assert test.text[0].value == "2025-12-01 2026-01-06 False"
    assert test.caption[0].value == "The data are from 2026-01-01 to 2026-01-31."
    test.date_input[0].set_value((date(2025, 12, 1), date(2026, 2, 6))).run()
    assert test.text[0].value == "2025-12-01 2026-02-06 True"
    test.date_input[0].set_value((date(2027, 1, 1), date(2027, 1, 2))).run()
    assert "no data in these dates" in test.exception[0].message
    assert not test.text


def test_plots_of_names_have_the_order_of_their_fields() -> None:
    brackets = pl.Enum(["<30K", "30K-60K", "60K+"])
    values = pl.Series("bracket", ["60K+", "60K+", "30K-60K", "<30K", "60K+"], brackets)
    assert preview.distribution(values)["value"].to_list() == ["<30K", "30K-60K", "60K+"]
    named = values.cast(pl.String)
    assert preview.distribution(named)["value"][0] == "60K+"


def test_an_estimate_of_seconds_does_not_depend_on_how_long_a_sample_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preview, "_speeds", lambda: {"people": preview.Speed(0.5, 0.001)})
    people = {name: pl.DataFrame({"id": range(3_000)}) for name in ("people",)}
    scenario = preview._default(2_000)
    monkeypatch.setattr(preview, "CAMPAIGNS", "none")
    found = [
        preview.estimate(scenario, preview.Sample(NAMED | people, SIZES, {"people": took})).seconds
        for took in (0.1, 9.0)
    ]
    assert found == [6.5, 6.5]


def test_a_number_is_written_without_an_exponent() -> None:
    assert [formats.plain(number) for number in (9.9e-05, 0.0001, 8, 2.5, 1e7, 0)] == [
        "0.000099", "0.0001", "8", "2.5", "10000000", "0",
    ]  # fmt: skip


def test_a_record_begins_with_the_first_moment_of_its_table(studio: Studio) -> None:
    domain = studio.domain("identity_resolution")
    moments = {
        "crm_customers": "created_at",
        "ecom_transactions": "order_date",
        "loyalty_members": "enrollment_date",
        "mobile_app_users": "first_open_date",
        "pos_transactions": "transaction_date",
        "product_reviews": "submitted_at",
        "survey_responses": "submitted_at",
    }
    assert {name: beginning(domain.table(name)) for name in moments} == moments
