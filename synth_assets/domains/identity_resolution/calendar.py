"""The days of sales: which day an order or a receipt has in each market, and at what time.

A person's orders are in the order of their numbers: the n-th of k is in the n-th of k equal parts
of the sales of the three years, so that the first and the last one are closed formulas.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.identity_resolution.locales import LOCALES, Locale
from synth_assets.domains.identity_resolution.scenario_calendar import CalendarScenario
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.seasonality import (
    SINGLES_DAY,
    black_friday,
    day_weights,
    public_holidays,
    seconds_of_day,
)
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_table
from synth_assets.randomness.values import DAY, since_epoch

# Start and end of sales, in local time; people and products are older.
SALES_BEGIN, SALES_END = datetime(2023, 1, 1), datetime(2026, 1, 1)
DAYS = (SALES_END - SALES_BEGIN).days
# First registrations; they grow by this share a year.
REGISTRATIONS_BEGIN, REGISTRATION_GROWTH = datetime(2015, 1, 1), 0.10
YEARS = range(SALES_BEGIN.year, SALES_END.year)
# Days after Black Friday of the sale's last day.
CYBER_MONDAY = 3
# Countries without Black Friday, and those where stores are closed on Sundays.
NO_BLACK_FRIDAY, CLOSED_ON_SUNDAY = ("CN", "KR"), ("DE",)
# Factors of days between the first and the last day of the Black Friday sale.
BETWEEN = 0.7


class Calendar:
    """Days and times of sales in every market.

    Args:
        scenario: Weights of days and hours.
    """

    def __init__(self, scenario: CalendarScenario) -> None:
        self._scenario = scenario
        self._online, self._in_stores = (
            pl.Series(
                np.concatenate([_days(scenario, lo, stores) for lo in LOCALES]), dtype=pl.Int16
            )
            for stores in (False, True)
        )
        days = (SALES_END - REGISTRATIONS_BEGIN).days
        weights = day_weights(
            REGISTRATIONS_BEGIN.date(),
            days,
            weekdays=scenario.ecom_weekdays,
            annual_growth=REGISTRATION_GROWTH,
        )
        self._registrations = pl.Series(categorical_table(tuple(weights)), dtype=pl.Int16)

    def day(
        self,
        stream: RandomStream,
        number: pl.Expr,
        nth: pl.Expr | int = 0,
        count: pl.Expr | int = 1,
        *,
        stores: bool = False,
    ) -> pl.Expr:
        """Day of a sale, since the first day of sales; reads ``locale``.

        Args:
            stream: The random stream of days.
            number: Number of the order or receipt.
            nth: Which one of the person's it is, 0 and up.
            count: How many the person has.
            stores: Whether the sale is in a store.
        """
        lane = (stream.bits(number) % u64(LANE_VALUES)).cast(pl.Int64)
        part = (nth * LANE_VALUES + lane) // count
        days = self._in_stores if stores else self._online
        return gather(days, pl.col("locale") * LANE_VALUES + part).cast(pl.Int64)

    def moment(
        self, stream: RandomStream, number: pl.Expr, day: pl.Expr, *, stores: bool = False
    ) -> pl.Expr:
        """Seconds since 1970 (UTC) at a time of a day; reads ``clock``.

        Args:
            stream: The random stream of times of day.
            number: Number of the order, receipt or record.
            day: The local day, since the first day of sales.
            stores: Whether the time is in opening hours of stores.
        """
        return self.local(stream, number, day, stores=stores) - pl.col("clock")

    def local(
        self, stream: RandomStream, number: pl.Expr, day: pl.Expr, *, stores: bool = False
    ) -> pl.Expr:
        """``moment`` on the local clock."""
        hours = self._scenario.store_hours if stores else self._scenario.ecom_hours
        time = seconds_of_day(stream, number, hours)
        return since_epoch(SALES_BEGIN) + day * DAY + time

    def registered(self, stream: RandomStream, number: pl.Expr, begin: datetime) -> pl.Expr:
        """Day of a registration, since the first day of sales.

        Args:
            stream: The random stream of days.
            number: Number of the record.
            begin: The first day; days before it are moved into the time since.
        """
        lane = (stream.bits(number) % u64(LANE_VALUES)).cast(pl.Int64)
        first = (begin - REGISTRATIONS_BEGIN).days
        before = int((self._registrations < first).sum())
        # Only the part of the distribution that is not before the first day.
        part = before + lane * (LANE_VALUES - before) // LANE_VALUES
        since = (SALES_BEGIN - REGISTRATIONS_BEGIN).days
        return gather(self._registrations, part).cast(pl.Int64) - since


def weights_of_days(
    scenario: CalendarScenario, locale: Locale, *, stores: bool
) -> npt.NDArray[np.float64]:
    """Weight of each day of sales in a market.

    Args:
        scenario: Weights of weekdays, months and events.
        locale: The market.
        stores: Whether the sales are in stores.
    """
    weekdays = list(scenario.store_weekdays if stores else scenario.ecom_weekdays)
    if stores and locale.country in CLOSED_ON_SUNDAY:
        weekdays[-1] = 0.0
    return day_weights(
        SALES_BEGIN.date(),
        DAYS,
        weekdays=weekdays,
        months=scenario.store_months if stores else scenario.ecom_months,
        events=events(scenario, locale.country, stores=stores),
        annual_growth=scenario.annual_growth,
    )


def _days(scenario: CalendarScenario, locale: Locale, stores: bool) -> npt.NDArray[np.int64]:
    """The day of each value of a lane."""
    return categorical_table(tuple(weights_of_days(scenario, locale, stores=stores)))


def events(scenario: CalendarScenario, country: str, *, stores: bool) -> dict[date, float]:
    """Factors of the sales of single days in a country.

    Args:
        scenario: The factors.
        country: ISO 3166 code.
        stores: Whether the sales are in stores.
    """
    holiday = scenario.holiday_store_factor if stores else scenario.holiday_ecom_factor
    found = {day: holiday for year in YEARS for day in public_holidays(country, year)}
    for year in YEARS:
        if country not in NO_BLACK_FRIDAY:
            most = scenario.black_friday_factor
            for after in range(CYBER_MONDAY + 1):
                edge = after in (0, CYBER_MONDAY)
                day = black_friday(year) + timedelta(days=after)
                found[day] = most if edge else max(1.0, most * BETWEEN)
        if country == "CN" and not stores:
            found[date(year, *SINGLES_DAY)] = scenario.singles_day_factor
    return found
