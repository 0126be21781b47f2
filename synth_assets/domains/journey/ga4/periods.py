"""Periods: consecutive quarters of a year, each of which is simulated on its own.

Quarters begin in November, February, May and August, so that one is exactly the public sample's 92
days. With the calendar ``sample`` this quarter has the sample's sessions; every other one has
seasons: weekdays, months, Black Friday, Christmas and growth. Visitors come back within a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from synth_assets.domains.journey.ga4 import calendar
from synth_assets.domains.journey.ga4.calendar import KINDS, WEEKDAYS, Curve
from synth_assets.domains.journey.ga4.low_discrepancy import Flags
from synth_assets.domains.journey.ga4.sample import DAYS, FUNNEL, SESSIONS
from synth_assets.domains.journey.scenario import FIRST_DAY, SAMPLE_CALENDAR, JourneyScenario
from synth_assets.randomness.seasonality import (
    DAYS_A_YEAR,
    ONLINE_MONTHS,
    black_friday,
    day_weights,
)

ORIGIN, QUARTER = 2000, 3
# Distance between the session keys, and the visitors' numbers, of two periods.
KEYS, VISITORS = 10**8, 3 * 10**6
# Sessions of special days against usual ones: from Black Friday to the Monday after it (Adobe,
# Cyber Monday, 2023: online sales of the two are 2.4 and 3.1 times those of a mean day of November;
# smaller differences in visits are an assumption), and the days of Christmas, on which the sample
# has half.
BLACK_FRIDAY, CYBER_MONDAY = 1.5, 1.6
CHRISTMAS, CHRISTMAS_DAYS = 0.55, ((12, 24), (12, 25), (12, 26), (1, 1))
# Share of months in visits; the rest of a month's sales are more purchases per visit.
VISITS_SHARE = 0.5


@dataclass(frozen=True)
class Period:
    """A quarter.

    Attributes:
        number: Quarters since November 1999.
        first: First day.
        days: Number of days.
        of_sample: Whether it is the public sample, with its sessions and defects of days.
    """

    number: int
    first: date
    days: int
    of_sample: bool

    def day(self, number: int) -> date:
        """The date of a day.

        Args:
            number: Number of the day in the period, from 0.
        """
        return self.first + timedelta(days=number)

    def between(self, first: tuple[int, int], last: tuple[int, int]) -> Flags:
        """Whether each day is between two days of a year.

        Args:
            first: Month and day.
            last: Month and day.
        """
        days = [self.day(number) for number in range(self.days)]
        return np.array([first <= (day.month, day.day) <= last for day in days])


def period_number(day: date) -> int:
    """The number of the period that contains a day.

    Args:
        day: The day.
    """
    return ((day.year - ORIGIN) * 12 + day.month + 1) // QUARTER


@lru_cache(maxsize=256)
def period_of(number: int, kind: str) -> Period:
    """A period.

    Args:
        number: Its number.
        kind: The scenario's ``calendar``.
    """
    first, after = (_first_day(n) for n in (number, number + 1))
    sample = kind == SAMPLE_CALENDAR and first == FIRST_DAY
    return Period(number, first, (after - first).days, sample)


def _first_day(number: int) -> date:
    year, month = divmod(number * QUARTER - 2, 12)
    return date(ORIGIN + year, month + 1, 1)


def by_kind(period: Period, scenario: JourneyScenario) -> list[Curve]:
    """Sessions of each day at scale 1, for each of ``calendar.KINDS``.

    Args:
        period: The period.
        scenario: Growth.
    """
    if period.of_sample:
        known = calendar.by_kind()
        return [known[kind] for kind in KINDS]
    return list(_seasonal(period, scenario.annual_growth))


@lru_cache(maxsize=64)
def _seasonal(period: Period, growth: float) -> tuple[Curve, ...]:
    sessions = _visits(period, growth) * (SESSIONS / _visits(period_of_sample(), 0.0).sum())
    views = sessions * FUNNEL["view_item"] / SESSIONS
    # Purchases per view of an item follow the rest of the season.
    season = day_weights(period.first, period.days, months=ONLINE_MONTHS)
    of_sample = day_weights(FIRST_DAY, DAYS, months=ONLINE_MONTHS).mean()
    bought = views * FUNNEL["purchase"] / FUNNEL["view_item"] * (season / of_sample)
    half_way = (views / FUNNEL["view_item"] + bought / FUNNEL["purchase"]) / 2
    checkout = half_way * (FUNNEL["begin_checkout"] - FUNNEL["add_payment_info"])
    payment = half_way * (FUNNEL["add_payment_info"] - FUNNEL["purchase"])
    return sessions - views, views - checkout - payment - bought, checkout, payment, bought


def period_of_sample() -> Period:
    """The quarter of the public sample."""
    return period_of(period_number(FIRST_DAY), SAMPLE_CALENDAR)


def _visits(period: Period, growth: float) -> Curve:
    years = {period.first.year, period.day(period.days - 1).year}
    events = {date(year, *day): CHRISTMAS for year in years for day in CHRISTMAS_DAYS}
    for friday in map(black_friday, years):
        events |= {friday: BLACK_FRIDAY, friday + timedelta(days=3): CYBER_MONDAY}
    months = [1 + (weight - 1) * VISITS_SHARE for weight in ONLINE_MONTHS]
    weights = day_weights(
        period.first, period.days, weekdays=WEEKDAYS, months=months, events=events
    )
    passed = (period.first - FIRST_DAY).days / DAYS_A_YEAR
    visits: Curve = weights * round((1 + growth) ** passed, 9)
    return visits
