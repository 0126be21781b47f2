"""Responses to exposures: which exposures bring one, of which kind, when, and of what value.

A response comes up to twelve days after its exposure. One that would come after the flight, or
after the end of all data, does not happen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.campaign_delivery import Exposures
from synth_assets.domains.identity_graph.campaign_plan import campaigns_of
from synth_assets.domains.identity_graph.model import open_model
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import (
    Ints,
    categorical_u16,
    high32,
    lane,
    random_bits,
    scale_to,
)
from synth_assets.randomness.values import DAY, HOUR, since_epoch

# Shares of clicks, visits and engagements among the responses that are no conversions.
NON_CONVERSION_SHARES = (0.63, 0.26, 0.11)
# Ranges of hours between exposure and response, and the share of responses in each.
DELAYS, DELAY_SHARES = ((0, 48), (48, 168), (168, 288)), (0.70, 0.27, 0.03)


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
    probability = campaigns.rate[exposed.campaign] * (100 + exposed.propensity) // 100
    exposure = np.flatnonzero(high32(bits) < probability)
    number = exposed.number[exposure]
    how = random_bits(model.stream("response_events", "how"), number)
    rate = config.campaign_config.conversion_rate
    shares = (*(share * (1 - rate) for share in NON_CONVERSION_SHARES), rate)
    kind = categorical_u16(how, shares, 0).astype(np.int64)
    low, high = (np.array(DELAYS, dtype=np.int64) * HOUR)[categorical_u16(how, DELAY_SHARES, 1)].T
    delay = random_bits(model.stream("response_events", "delay"), number)
    at = exposed.at[exposure] + 1 + low + scale_to(high32(delay), high - low, 32)
    span = config.campaign_config.conversion_value_range
    least, most = round(span.min * 100), round(span.max * 100)
    value = least + scale_to(lane(how, 2), most - least + 1)
    flight = campaigns.start + campaigns.days
    end = np.minimum(since_epoch(config.start_date) + flight * DAY, since_epoch(config.end))
    kept = at < end[exposed.campaign[exposure]]
    value = np.where(kind == terms.RESPONSES.index("conversion"), value, 0)
    return Responses(exposure[kept], kind[kept], at[kept], value[kept])
