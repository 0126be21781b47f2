"""When events happen: days and hours of a period, by the temporal pattern."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np

from synth_assets.domains.identity_graph.demography import Floats
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import Ints, cdf_thresholds
from synth_assets.randomness.values import DAY, since_epoch

HOURS = 24
# Half of what happens, happens from 18 o'clock on; little at night.
BUSY, BUSY_SHARE, NIGHT_SHARE = 18, 0.5, 0.05
DAYLIGHT, BUSY_HOURS = (
    (0.5, 0.7, 0.9, 1, 1, 1, 1.1, 1.1, 1, 1, 1.1, 1.2),
    (1, 1.2, 1.3, 1.2, 0.9, 0.6),
)
# Of a week's events, those of Saturday and Sunday.
WEEKEND, WEEKEND_SHARE = 5, 0.4
# Of months against their days, January to December: the year ends busily.
MONTHS = (0.9, 0.85, 0.9, 0.95, 1.0, 1.0, 0.95, 0.95, 1.0, 1.05, 1.25, 1.4)


def hour_shares(pattern: str) -> tuple[float, ...]:
    """Share of each hour of the day."""
    if pattern == "uniform":
        return (1 / HOURS,) * HOURS
    day, busy = np.array(DAYLIGHT), np.array(BUSY_HOURS)
    night = np.full(HOURS - len(day) - len(busy), NIGHT_SHARE / (HOURS - len(day) - len(busy)))
    rest = 1 - BUSY_SHARE - NIGHT_SHARE
    parts = [night, day / day.sum() * rest, busy / busy.sum() * BUSY_SHARE]
    return tuple(np.concatenate(parts).tolist())


def day_shares(config: IdentityGraphScenario, period: int) -> Floats:
    """Share of each day of a period (0 and up)."""
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
def day_steps(config: IdentityGraphScenario, period: int) -> Ints:
    """Where, of 2**32 equal chances, those of each day of a period end."""
    return cdf_thresholds(day_shares(config, period))


def period_start(config: IdentityGraphScenario, period: int) -> int:
    """Seconds since 1970 at which a period begins."""
    days = period * config.engagement_config.time_period_days
    return since_epoch(config.start_date) + days * DAY
