"""Content that is viewed, and for how long: tables of quantiles, by a draw of 16 bits."""

from __future__ import annotations

from functools import cache

import numpy as np

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import Ints, cdf_thresholds
from synth_assets.randomness.streams import LANE_VALUES

# Pieces of content in each category, and the step between the content ids of categories.
CONTENTS, CATEGORY_STEP = 2_000, 1_000_000
# The id of the n-th most popular piece is n times this, modulo their number, with which it has no
# common divisor: so ids do not tell popularity.
SCATTER = 1_237
# Seconds between two events of a session: median, standard deviation of the logarithm, and most,
# below the half hour after which a session ends.
PAUSE, PAUSE_SPREAD, PAUSE_MOST = 8.0, 1.3, 1_500
PROBABILITY = (np.arange(LANE_VALUES) + 0.5) / LANE_VALUES


@cache
def popular_contents(exponent: float) -> Ints:
    """Numbers of pieces of content within their category, 1 and up: few are popular.

    Args:
        exponent: Exponent of Zipf's law.
    """
    ends = cdf_thresholds(1 / np.arange(1, CONTENTS + 1) ** exponent, 16)
    rank = np.searchsorted(ends, np.arange(LANE_VALUES), side="right")
    numbers: Ints = (rank * SCATTER % CONTENTS + 1).astype(np.int64)
    return numbers


@cache
def view_seconds(config: IdentityGraphScenario) -> Ints:
    """Durations of views, for each of ``terms.DEVICES`` in turn: ``LANE_VALUES`` quantiles each.

    Args:
        config: The configuration.
    """
    of = config.engagement_config
    low, high = of.duration_range.min, of.duration_range.max
    if of.view_duration.distribution == "square":
        usual = low + (PROBABILITY**2 * (high - low + 1)).astype(np.int64)
        return np.tile(usual, len(terms.DEVICES))
    shape, parts = of.view_duration.shape, []
    for device in terms.DEVICES:
        scale = of.view_duration.scale_seconds[device]
        # The distribution within the range.
        first, last = (-np.expm1(-((limit / scale) ** shape)) for limit in (low, high + 1))
        inside = first + PROBABILITY * (last - first)
        parts.append(scale * (-np.log1p(-inside)) ** (1 / shape))
    seconds: Ints = np.clip(np.concatenate(parts), low, high).astype(np.int64)
    return seconds


@cache
def pauses() -> Ints:
    """Seconds between two events of a session: ``LANE_VALUES`` quantiles."""
    # Importing scipy takes a third of a second, which every command would wait for.
    from scipy.special import ndtri

    seconds = np.clip(PAUSE * np.exp(PAUSE_SPREAD * ndtri(PROBABILITY)), 1, PAUSE_MOST)
    found: Ints = np.rint(seconds).astype(np.int64)
    return found
