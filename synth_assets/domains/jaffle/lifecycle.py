"""How far an order has come when its row is written: at the end of the day on which it arrives.

The shop delivers on the same day, so the status at midnight follows from the order's age. An order
is shipped and delivered after some hours; a few of those delivered are returned. Rows are written
once, those of the past like all others.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.history import Version
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES
from synth_assets.randomness.values import HOUR

# In the order in which an order may reach them.
STATUSES = ("placed", "shipped", "completed", "return_pending", "returned")
# Durations are between these multiples of their mean.
LEAST, MOST = 0.25, 1.75
# Mean hours from the delivery to the request of a return, and from there to the refund.
HOURS_TO_REQUEST, HOURS_TO_REFUND = 0.9, 3.1
# Values of each duration by which the probabilities of statuses are computed.
QUANTILES = 16


def steps(scenario: JaffleScenario) -> list[tuple[int, int]]:
    """The shortest and the longest time of each step in seconds, shipping first.

    Args:
        scenario: The mean durations.
    """
    hours = (
        scenario.hours_to_ship,
        scenario.hours_to_deliver,
        HOURS_TO_REQUEST,
        HOURS_TO_REFUND,
    )
    return [(int(mean * LEAST * HOUR), int(mean * MOST * HOUR)) for mean in hours]


def with_status(
    frame: pl.LazyFrame, scenario: JaffleScenario, bits: pl.Expr, returned: pl.Expr
) -> pl.LazyFrame:
    """Adds ``status`` and ``updated``, the seconds at which it was reached.

    Args:
        frame: Rows with the columns ``ordered`` and ``written`` in seconds.
        scenario: The mean durations.
        bits: 64 random bits a row, for the durations.
        returned: Whether an order is returned once it has been delivered.
    """
    names, at = [], pl.col("ordered")
    frame = frame.with_columns(__bits=bits, __returned=returned)
    for number, (low, high) in enumerate(steps(scenario)):
        name = f"__step{number}"
        frame = frame.with_columns(
            (at + _duration(pl.col("__bits"), number, low, high)).alias(name)
        )
        names.append(name)
        at = pl.col(name)
    written = pl.col("written")
    reached = [
        (pl.col(name) < written) & (pl.col("__returned") if number > 1 else True)
        for number, name in enumerate(names)
    ]
    code = pl.sum_horizontal(flag.cast(pl.UInt8) for flag in reached)
    updated = pl.col("ordered")
    for name, flag in zip(names, reached, strict=True):
        updated = pl.when(flag).then(pl.col(name)).otherwise(updated)
    return frame.with_columns(status=gather(STATUSES, code), updated=updated)


def _duration(bits: pl.Expr, number: int, low: int, high: int) -> pl.Expr:
    """The seconds that a step takes, by its lane of a row's random bits."""
    lane = bits // u64(1 << 16 * number) % u64(LANE_VALUES)
    return low + (lane.cast(pl.Int64) * (high - low)) // LANE_VALUES


def history(scenario: JaffleScenario, bits: pl.Expr) -> list[Version]:
    """The versions of an order: with each status that it has reached when its row is written.

    Args:
        scenario: The mean durations.
        bits: The bits that ``with_status`` had for the order.
    """
    at, last = pl.col("order_date"), pl.col("status_updated_at")
    versions = [Version(at, {"status": pl.lit(STATUSES[0]), "status_updated_at": at})]
    for number, (low, high) in enumerate(steps(scenario)):
        at = at + pl.duration(seconds=_duration(bits, number, low, high))
        values = {"status": pl.lit(STATUSES[number + 1]), "status_updated_at": at}
        versions.append(Version(pl.when(at <= last).then(at), values))
    return versions


def status_shares(scenario: JaffleScenario, age: int) -> npt.NDArray[np.float64]:
    """The probability of each status of an order of an age.

    Args:
        scenario: The mean durations.
        age: Seconds from the order to the end of the day on which it arrived.
    """
    passed = [np.searchsorted(times, age) / len(times) for times in _times(scenario)]
    often = np.array([1.0, 1.0, scenario.return_share, scenario.return_share])
    reached = np.concatenate([[1.0], np.array(passed) * often, [0.0]])
    shares: npt.NDArray[np.float64] = reached[:-1] - reached[1:]
    return shares


@lru_cache(maxsize=4)
def _times(scenario: JaffleScenario) -> list[npt.NDArray[np.float64]]:
    """Times from the order to the end of each step, sorted, at equal probabilities."""
    grid = (np.arange(QUANTILES) + 0.5) / QUANTILES
    found, times = [], np.zeros(1)
    for low, high in steps(scenario):
        times = np.sort((times[:, None] + low + grid * (high - low)).ravel())
        found.append(times)
    return found
