"""When events happen: shares of days and hours, by the temporal pattern.

Times are local ones, of the place where the household lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np

from synth_assets.domains.identity_graph.activity import present_until
from synth_assets.domains.identity_graph.kinship import Floats
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness import seasonality
from synth_assets.randomness.random_arrays import LANE_BITS, Ints, cdf_thresholds
from synth_assets.randomness.streams import LANE_VALUES
from synth_assets.randomness.values import DAY, HOUR, since_epoch

HOURS = 24
# Bits of a rank: the part of a period's events that lies before a time.
RANK_BITS = 31
# Share of events from 18:00 on and at night (before 06:00), and relative weights of the hours of
# the night, the day and the evening.
EVENING_SHARE, NIGHT_SHARE = 0.5, 0.05
NIGHT_WEIGHTS, DAY_WEIGHTS, EVENING_WEIGHTS = (
    (3, 1.6, 0.8, 0.5, 0.5, 1),
    (0.5, 0.7, 0.9, 1, 1, 1, 1.1, 1.1, 1, 1, 1.1, 1.2),
    (1, 1.2, 1.3, 1.2, 0.9, 0.6),
)
# Weekday number of Saturday, and the share of a week's events on Saturday and Sunday.
WEEKEND, WEEKEND_SHARE = 5, 0.4
# Events per day in each month, January to December, relative to the others; most in November and
# December.
MONTHS = (0.9, 0.85, 0.9, 0.95, 1.0, 1.0, 0.95, 0.95, 1.0, 1.05, 1.25, 1.4)


def hour_shares(pattern: str) -> tuple[float, ...]:
    """Share of events in each hour of the day.

    Args:
        pattern: One of ``terms.PATTERNS``; all but ``uniform`` have the same hours.
    """
    if pattern == "uniform":
        return (1 / HOURS,) * HOURS
    shares = (NIGHT_SHARE, 1 - EVENING_SHARE - NIGHT_SHARE, EVENING_SHARE)
    weights = (NIGHT_WEIGHTS, DAY_WEIGHTS, EVENING_WEIGHTS)
    parts = [np.array(w) / sum(w) * share for w, share in zip(weights, shares, strict=True)]
    return tuple(np.concatenate(parts).tolist())


def by_hours(config: IdentityGraphScenario, seconds: Ints) -> Ints:
    """Times on the same days at the hours of the temporal pattern; their order is kept.

    Args:
        config: The configuration.
        seconds: Seconds since 1970, at any time of the day alike. The last one of a day is left
            free, for what comes a second later.
    """
    shares = np.array(hour_shares(config.engagement_config.temporal_pattern))
    ends = np.concatenate([[0.0], np.cumsum(shares / shares.sum())]) * DAY
    clock_time = np.interp(seconds % DAY, ends, np.arange(HOURS + 1) * float(HOUR))
    found: Ints = seconds - seconds % DAY + np.minimum(clock_time.astype(np.int64), DAY - 2)
    return found


def day_shares(config: IdentityGraphScenario, period: int) -> Floats:
    """Share of a period's events on each of its days.

    Args:
        config: The configuration.
        period: Number of the period, 0 and up.
    """
    of = config.engagement_config
    first = config.start_date + timedelta(days=period * of.time_period_days)
    days = [first + timedelta(days=n) for n in range(of.time_period_days)]
    match of.temporal_pattern:
        case "weekly":
            rest, off = (1 - WEEKEND_SHARE) / WEEKEND, WEEKEND_SHARE / (7 - WEEKEND)
            shares = np.array([off if day.weekday() >= WEEKEND else rest for day in days])
        case "seasonal":
            shares = seasonality.day_weights(
                first, of.time_period_days, weekdays=of.weekday_weights, months=MONTHS
            )
        case "daily":
            shares = np.array([of.weekday_weights[day.weekday()] for day in days])
        case _:
            shares = np.ones(len(days))
    found: Floats = shares / shares.sum()
    return found


def present_day_shares(config: IdentityGraphScenario, period: int) -> Floats:
    """Share of a period's sessions on each of its days, by those who are not away.

    Args:
        config: The configuration.
        period: Number of the period, 0 and up.
    """
    ends = np.concatenate([[0.0], np.cumsum(day_shares(config, period))])
    share = config.engagement_config.break_share
    present = np.diff([present_until(share, end) for end in ends.tolist()])
    found: Floats = present / present.sum()
    return found


@dataclass(frozen=True)
class Clock:
    """The inverse distribution function of times in a period, hour by hour.

    ``ends`` is the upper end of each hour's part of ``2**RANK_BITS`` ranks, ``nearby`` the hour at
    which each of ``LANE_VALUES`` equal parts of ranks begins, and ``most`` how many hours begin in
    one of them, at most.
    """

    ends: Ints
    nearby: Ints
    most: int


@cache
def clock(config: IdentityGraphScenario, period: int) -> Clock:
    """The distribution of times in a period.

    Args:
        config: The configuration.
        period: Number of the period, 0 and up.
    """
    hours = np.array(hour_shares(config.engagement_config.temporal_pattern))
    shares = np.outer(day_shares(config, period), hours / hours.sum()).ravel()
    ends = cdf_thresholds(shares, RANK_BITS)
    lots = np.arange(LANE_VALUES + 1, dtype=np.int64) << (RANK_BITS - LANE_BITS)
    nearby = np.searchsorted(ends, lots, side="right")
    return Clock(ends, nearby[:-1], int(np.diff(nearby).max()))


def seconds_at(config: IdentityGraphScenario, period: int, rank: Ints) -> Ints:
    """Seconds since 1970 of a rank: the time before which such a part of events lies.

    Args:
        config: The configuration.
        period: Number of the period, 0 and up.
        rank: Parts of a period, in units of ``2**-RANK_BITS``.
    """
    of = clock(config, period)
    hour = of.nearby[rank >> (RANK_BITS - LANE_BITS)]
    for _ in range(of.most):
        hour += rank >= of.ends[hour]
    size = np.diff(of.ends, prepend=0)[hour]
    within = (rank - of.ends[hour] + size) * HOUR // size
    found: Ints = period_start(config, period) + hour * HOUR + within
    return found


def period_start(config: IdentityGraphScenario, period: int) -> int:
    """Seconds since 1970 at which a period begins.

    Args:
        config: The configuration.
        period: Number of the period, 0 and up.
    """
    days = period * config.engagement_config.time_period_days
    return since_epoch(config.start_date) + days * DAY
