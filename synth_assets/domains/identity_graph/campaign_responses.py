"""Responses to exposures: which exposures bring one, of which kind, when, and of what value.

A click comes within minutes of its exposure, another response up to twelve days after it. One that
would come after the flight, or after the end of all data, does not happen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.campaign_delivery import Exposures
from synth_assets.domains.identity_graph.campaign_plan import campaigns_of
from synth_assets.domains.identity_graph.model import open_model
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.domains.identity_graph.session_starts import WAITING, WAITING_UNIT
from synth_assets.randomness.random_arrays import (
    Ints,
    categorical_u16,
    high32,
    lane,
    random_bits,
    scale_to,
)
from synth_assets.randomness.streams import LANE_VALUES
from synth_assets.randomness.values import DAY, HOUR, since_epoch

# Shares of clicks, visits and engagements among the responses that are no conversions.
NON_CONVERSION_SHARES = (0.63, 0.26, 0.11)
# Ranges of hours between exposure and response, and the share of responses in each.
# Of clicks ``click_minutes`` decides.
DELAYS, DELAY_SHARES = ((0, 48), (48, 168), (168, 288)), (0.70, 0.27, 0.03)
# Seconds after an exposure by which every response has come.
LONGEST_DELAY = DELAYS[-1][1] * HOUR
# Standard deviations from the middle of a lognormal distribution of values to both its ends.
SPAN = 2.2


@cache
def conversion_cents(config: IdentityGraphScenario) -> Ints:
    """What conversions are worth in US cents, by a draw of 16 bits.

    Args:
        config: The configuration.
    """
    of = config.campaign_config
    least, most = (round(limit * 100) for limit in (
        of.conversion_value_range.min, of.conversion_value_range.max
    ))  # fmt: skip
    if of.conversion_values == "uniform":
        return least + scale_to(np.arange(LANE_VALUES), most - least + 1)
    # Importing scipy takes a third of a second, which every command would wait for.
    from scipy.special import ndtr, ndtri

    probability = (np.arange(LANE_VALUES) + 0.5) / LANE_VALUES
    inside = ndtr(-SPAN) + probability * (ndtr(SPAN) - ndtr(-SPAN))
    middle, width = math.log(least * most) / 2, math.log(most / least) / (2 * SPAN)
    values: Ints = np.clip(np.rint(np.exp(middle + width * ndtri(inside))), least, most).astype(
        np.int64
    )
    return values


@dataclass(frozen=True)
class Responses:
    """Responses in order of exposure.

    ``exposure`` is the index of the exposure, ``kind`` an index into ``terms.RESPONSES``, ``at`` in
    seconds since 1970, ``value`` in US cents, 0 unless the response is a conversion.
    """

    exposure: Ints
    kind: Ints
    at: Ints
    value: Ints


def responses(config: IdentityGraphScenario, exposed: Exposures) -> Responses:
    """The responses to exposures within the flight and before the end.

    Args:
        config: The configuration.
        exposed: The exposures of a partition.
    """
    model, campaigns = open_model(config), campaigns_of(config)
    bits = random_bits(model.stream("response_events", "responds"), exposed.number)
    of_channel = config.campaign_config.channel_response
    factor = np.array([round(of_channel[name] * 100) for name in terms.CHANNELS], dtype=np.int64)
    probability = campaigns.rate[exposed.campaign] * (100 + exposed.propensity) // 100
    probability = probability * factor[exposed.channel] // 100
    exposure = np.flatnonzero(high32(bits) < probability)
    number = exposed.number[exposure]
    how = random_bits(model.stream("response_events", "how"), number)
    rate = config.campaign_config.conversion_rate
    shares = (*(share * (1 - rate) for share in NON_CONVERSION_SHARES), rate)
    kind = categorical_u16(how, shares, 0).astype(np.int64)
    low, high = (np.array(DELAYS, dtype=np.int64) * HOUR)[categorical_u16(how, DELAY_SHARES, 1)].T
    delay = random_bits(model.stream("response_events", "delay"), number)
    later = low + scale_to(high32(delay), high - low, 32)
    minutes = config.campaign_config.click_minutes
    if minutes is not None:
        soon = np.minimum(WAITING[lane(delay, 0)] * round(minutes * 60) // WAITING_UNIT, HOUR)
        later = np.where(kind == terms.RESPONSES.index("click"), soon, later)
    at = exposed.at[exposure] + 1 + later
    value = conversion_cents(config)[lane(how, 2)]
    flight = campaigns.start + campaigns.days
    end = np.minimum(since_epoch(config.start_date) + flight * DAY, since_epoch(config.end))
    kept = at < end[exposed.campaign[exposure]]
    value = np.where(kind == terms.RESPONSES.index("conversion"), value, 0)
    return Responses(exposure[kept], kind[kept], at[kept], value[kept])
