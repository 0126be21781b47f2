"""Sessions by kind, and events, on each of the sample's days.

The published statistics of the sample (``sample``) are points on these curves. Between the points
the curves are assumptions: a rise in November, a peak before Christmas, a decline in January, and
more activity on weekdays than on weekends.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.sample import (
    DAYS,
    EVENTS,
    FUNNEL,
    KNOWN_DAYS,
    LOW,
    PEAK,
    SESSIONS,
    WEEKS,
    YEARS,
)
from synth_assets.domains.journey.scenario import FIRST_DAY

Curve = npt.NDArray[np.float64]

# The furthest step of a session: none, an item, the checkout, the payment, a purchase.
KINDS = ("plain", "view", "checkout", "payment", "purchase")

# Sessions per day, and events per session, in the middle of each week of the sample.
SESSIONS_PER_DAY = (
    2950,
    3300,
    3600,
    4100,
    4900,
    5900,
    5300,
    3700,
    3250,
    3500,
    3650,
    3900,
    3600,
    3100,
)
EVENTS_PER_SESSION = (
    10.5,
    11.2,
    11.6,
    12.0,
    12.6,
    13.0,
    12.8,
    11.3,
    10.6,
    11.3,
    11.7,
    11.8,
    11.7,
    11.4,
)
# Factors of the weekdays, Monday to Sunday.
WEEKDAYS = (1.03, 1.08, 1.07, 1.04, 1.0, 0.88, 0.9)
# Sessions of the days with a known number of users.
KNOWN_SESSIONS = {PEAK: 7_040, LOW: 2_615, FIRST_DAY: 2_470}
# Purchases per session that views an item, in the weeks before those of ``sample.WEEKS``.
EARLY_WEEKS = (0.048, 0.050, 0.053, 0.059, 0.074, 0.079)


def day_of(number: int) -> date:
    """The date of a day.

    Args:
        number: Number of the day, 0 for the first of the sample.
    """
    return FIRST_DAY + timedelta(days=number)


def day_number(day: date) -> int:
    """The number of a day, 0 for the first of the sample.

    Args:
        day: Its date.
    """
    return (day - FIRST_DAY).days


def _between(weeks: tuple[float, ...]) -> Curve:
    days = np.arange(DAYS)
    return np.interp(days, np.arange(len(weeks)) * 7 + 3, np.asarray(weeks, dtype=np.float64))


def _pinned(curve: Curve, total: float, known: dict[date, float]) -> Curve:
    """The curve with some days set to known values, and the others scaled to reach a total."""
    free = np.ones(DAYS, dtype=bool)
    pinned = curve.copy()
    for day, value in known.items():
        pinned[day_number(day)], free[day_number(day)] = value, False
    pinned[free] *= (total - pinned[~free].sum()) / pinned[free].sum()
    return pinned


@cache
def sessions() -> Curve:
    """Sessions of each day."""
    weekday = np.array([WEEKDAYS[day_of(d).weekday()] for d in range(DAYS)])
    return _pinned(_between(SESSIONS_PER_DAY) * weekday, SESSIONS, dict(KNOWN_SESSIONS))


@cache
def events() -> Curve:
    """Events of each day."""
    known = {day: float(count) for day, (count, _) in KNOWN_DAYS.items()}
    return _pinned(_between(EVENTS_PER_SESSION) * sessions(), EVENTS, known)


def _by_year(curve: Curve, totals: dict[int, int], free: npt.NDArray[np.bool_]) -> Curve:
    """Scales the free days of a curve such that each year has its total."""
    years, scaled = np.array([day_of(d).year for d in range(DAYS)]), curve.copy()
    for year, total in totals.items():
        here = years == year
        rest = total - scaled[here & ~free].sum()
        scaled[here & free] *= rest / scaled[here & free].sum()
    return scaled


@cache
def by_kind() -> dict[str, Curve]:
    """Sessions of each day, by kind."""
    every = np.ones(DAYS, dtype=bool)
    views = _by_year(sessions(), {year: seen for year, (seen, _) in YEARS.items()}, every)
    mondays = [day_of(d) - timedelta(days=day_of(d).weekday()) for d in range(DAYS)]
    early = dict(zip(sorted({m for m in mondays if m < min(WEEKS)}), EARLY_WEEKS, strict=True))
    shares = np.array([(early | WEEKS).get(monday, 0.05) for monday in mondays])
    free = np.array([monday not in WEEKS for monday in mondays])
    bought = _by_year(views * shares, {year: n for year, (_, n) in YEARS.items()}, free)
    # Sessions that end between the two follow the average of the two curves.
    half_way = (views / views.sum() + bought / bought.sum()) / 2
    checkout = half_way * (FUNNEL["begin_checkout"] - FUNNEL["add_payment_info"])
    payment = half_way * (FUNNEL["add_payment_info"] - FUNNEL["purchase"])
    return {
        "plain": sessions() - views,
        "view": views - checkout - payment - bought,
        "checkout": checkout,
        "payment": payment,
        "purchase": bought,
    }
