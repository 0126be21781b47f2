"""When people act: weights of days, and times of day.

Weights are relative, so that a domain decides volumes. Which days are holidays in a country is from
the package ``holidays``. The shares of hours and weekdays below are defaults of scenarios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import RandomStream, categorical_u16

HOUR = 3_600
DAYS_A_YEAR = 365.25
# Orders of an online shop by hour of the day, in local time: Instacart Online Grocery Shopping
# Dataset 2017 (3.4 million orders), in thousandths.
ORDER_HOURS = (
    6.7, 3.6, 2.2, 1.6, 1.6, 2.8, 8.9, 26.9, 52.1, 75.4, 84.3, 83.2,
    79.8, 81.3, 82.7, 82.9, 79.7, 66.9, 53.5, 41.1, 30.5, 22.8, 18.0, 11.7,
)  # fmt: skip
# Sales of online retailers by month, against the mean: U.S. Census Bureau, Monthly Retail Trade,
# nonstore retailers, not adjusted, rounded.
ONLINE_MONTHS = (0.93, 0.87, 0.97, 0.95, 0.98, 0.96, 0.97, 0.97, 0.94, 1.00, 1.14, 1.32)
SINGLES_DAY = (11, 11)
# Digits of weights.
DIGITS = 9


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November.

    Args:
        year: The year.
    """
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country.

    Args:
        country: ISO 3166-1 alpha-2 code.
        year: The year.

    Returns:
        The days; none for a country that the package does not know.
    """
    # Half a second to import; few tables need it.
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def day_weights(
    first: date,
    days: int,
    *,
    weekdays: Sequence[float] = (1.0,) * 7,
    months: Sequence[float] = (1.0,) * 12,
    events: Mapping[date, float] = {},
    annual_growth: float = 0.0,
) -> npt.NDArray[np.float64]:
    """Relative weights of consecutive days; 1 is an ordinary day at the start.

    Months are joined smoothly, as each month's weight is that of its middle.

    Args:
        first: The first day.
        days: Number of days.
        weekdays: Weight of each day of the week, Monday first.
        months: Weight of each month, January first.
        events: Factors of single days (holidays, sales), 1 for the others.
        annual_growth: Growth a year, compounded (0.1 for 10%).
    """
    ordinals = np.arange(first.toordinal(), first.toordinal() + days)
    weights = np.asarray(weekdays, np.float64)[(ordinals - 1) % 7]
    dates = [date.fromordinal(int(ordinal)) for ordinal in ordinals]
    of_year = np.array([day.timetuple().tm_yday for day in dates])
    middles = (np.arange(12) + 0.5) / 12 * DAYS_A_YEAR
    weights = weights * np.interp(of_year, middles, months, period=DAYS_A_YEAR)
    weights *= np.array([events.get(day, 1.0) for day in dates])
    weights *= (1 + annual_growth) ** ((ordinals - ordinals[0]) / DAYS_A_YEAR)
    # Powers may differ in their last digit from machine to machine.
    rounded: npt.NDArray[np.float64] = np.round(weights, DIGITS)
    return rounded


def seconds_of_day(
    stream: RandomStream, row: pl.Expr, hours: Sequence[float] = ORDER_HOURS
) -> pl.Expr:
    """A random time of day, in seconds since midnight (Int64).

    Args:
        stream: The stream that decides.
        row: Row numbers.
        hours: Weight of each of the 24 hours.
    """
    bits = stream.bits(row)
    hour = categorical_u16(bits, hours).cast(pl.Int64)
    return hour * HOUR + (bits // u64(1 << 16) % u64(HOUR)).cast(pl.Int64)
