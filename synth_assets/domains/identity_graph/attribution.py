"""Attribution: which part each exposure has in a response, by four models.

A response is attributed to the person's earlier exposures to the campaign: to the first, to the
last, to all alike (linear), or to later ones more than to earlier ones (time decay). Weights and
revenue are whole numbers: for each response and model they sum to the whole exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth_assets.domains.identity_graph.campaign_delivery import Exposures
from synth_assets.domains.identity_graph.campaign_responses import Responses
from synth_assets.randomness.random_arrays import Ints, cumcount
from synth_assets.randomness.values import HOUR

MILLION = 1_000_000
# Days after which an exposure counts for half, in the time decay model.
HALF_LIFE_DAYS = 7
# Time decay weight of an exposure so many hours before the response, times 2**40.
DECAY = np.rint(2.0 ** (-np.arange(24 * 732) / (24 * HALF_LIFE_DAYS)) * 2**40).astype(np.int64)


@dataclass(frozen=True)
class Touches:
    """Pairs of a response and an earlier exposure, in order of response and time.

    ``response`` and ``exposure`` are indices; ``sequence`` is the exposure's sequence number.
    ``weights`` (in millionths) and ``revenue`` (in US cents) have a column for each of
    ``terms.MODELS``.
    """

    response: Ints
    exposure: Ints
    sequence: Ints
    weights: Ints
    revenue: Ints


def attributed(exposed: Exposures, responded: Responses) -> Touches:
    """The exposures that responses are attributed to, with their parts by each model.

    Args:
        exposed: The exposures of a partition.
        responded: The responses to them.
    """
    counts = _touch_counts(exposed, responded)
    of = np.repeat(np.arange(len(responded.exposure)), counts)
    sequence = cumcount(counts)
    exposure = exposed.first[responded.exposure][of] + sequence
    starts = np.cumsum(counts) - counts
    decayed = DECAY[(responded.at[of] - exposed.at[exposure]) // HOUR]
    sums = np.add.reduceat(decayed, starts) if len(starts) else decayed
    last = sequence == counts[of] - 1
    weights = np.stack(
        [
            np.where(sequence == 0, MILLION, 0),
            np.where(last, MILLION, 0),
            MILLION // counts[of],
            decayed * MILLION // sums[of],
        ],
        axis=1,
    )
    one = np.full(len(responded.exposure), MILLION, dtype=np.int64)
    weights = _exact(weights, one, starts, last)
    revenue = responded.value[of][:, None] * weights // MILLION
    revenue = _exact(revenue, responded.value, starts, last)
    return Touches(of, exposure, sequence, weights, revenue)


def _touch_counts(exposed: Exposures, responded: Responses) -> Ints:
    """How many exposures of the person to the campaign precede each response."""
    first, count = exposed.first[responded.exposure], exposed.count[responded.exposure]
    counts = np.zeros(len(responded.exposure), dtype=np.int64)
    for sequence in range(int(count.max()) if len(count) else 0):
        index = np.minimum(first + sequence, first + count - 1)
        counts += (sequence < count) & (exposed.at[index] < responded.at)
    return counts


def _exact(parts: Ints, wholes: Ints, starts: Ints, last: npt.NDArray[np.bool_]) -> Ints:
    """Parts that sum to the whole of their group: the last one takes the rounding difference."""
    if not len(starts):
        return parts
    missing = wholes[:, None] - np.add.reduceat(parts, starts, axis=0)
    exact = parts.copy()
    exact[last] += missing
    return exact
