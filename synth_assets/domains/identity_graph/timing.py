"""When events happen: shares of days and hours, by the temporal pattern."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np

from synth_assets.domains.identity_graph.kinship import Floats
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import Ints, cdf_thresholds
from synth_assets.randomness.values import DAY, since_epoch

HOURS = 24
# Share of events from 18:00 on and at night (before 06:00), and relative weights of the hours of
# the day and of the evening.
EVENING_SHARE, NIGHT_SHARE = 0.5, 0.05
DAY_WEIGHTS, EVENING_WEIGHTS = (
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
    day, evening = np.array(DAY_WEIGHTS), np.array(EVENING_WEIGHTS)
    night_hours = HOURS - len(day) - len(evening)
    night = np.full(night_hours, NIGHT_SHARE / night_hours)
    rest = 1 - EVENING_SHARE - NIGHT_SHARE
    parts = [night, day / day.sum() * rest, evening / evening.sum() * EVENING_SHARE]
    return tuple(np.concatenate(parts).tolist())


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
            shares = np.array([MONTHS[day.month - 1] for day in days])
        case _:
            shares = np.ones(len(days))
    found: Floats = shares / shares.sum()
    return found


@cache
def day_thresholds(config: IdentityGraphScenario, period: int) -> Ints:
    """The upper end of each day's part of 2**32 equally likely draws.

    Args:
        config: The configuration.
        period: Number of the period, 0 and up.
    """
    return cdf_thresholds(day_shares(config, period))


def period_start(config: IdentityGraphScenario, period: int) -> int:
    """Seconds since 1970 at which a period begins.

    Args:
        config: The configuration.
        period: Number of the period, 0 and up.
    """
    days = period * config.engagement_config.time_period_days
    return since_epoch(config.start_date) + days * DAY
