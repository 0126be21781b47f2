"""First traffic sources of visitors.

Values are spread evenly over the visitors of a tier, ordered from few events to many, so that every
channel has visitors of similar activity.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.low_discrepancy import Numbers, categorical, low_discrepancy
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.streams import RandomStream

SHOP = "shop.googlemerchandisestore.com"
OTHER, DELETED = "<Other>", "(data deleted)"
# Medium, campaign name, source; share of visitors who view no item, and of those who do. Those of
# organic search and direct visits follow from the sample; the others are assumptions.
CHANNELS: tuple[tuple[tuple[str, str, str], float, float], ...] = (
    (("organic", "(organic)", "google"), 0.4383, 0.1946),
    (("(none)", "(direct)", "(direct)"), 0.2335, 0.2280),
    ((OTHER, OTHER, OTHER), 0.1410, 0.2040),
    (("referral", "(referral)", SHOP), 0.0650, 0.1700),
    ((DELETED, DELETED, DELETED), 0.0562, 0.0970),
    (("cpc", OTHER, "google"), 0.0420, 0.0600),
    (("referral", "(referral)", OTHER), 0.0240, 0.0464),
)
# The sources behind the placeholders, for an export without this defect.
ACTUAL_SOURCES = {
    2: ("email", "newsletter", "newsletter"),
    3: ("referral", "(referral)", "blog.example.com"),
    4: ("affiliate", "partners", "partner.example.net"),
    5: ("cpc", "brand", "google"),
    6: ("referral", "(referral)", "forum.example.org"),
}
ORGANIC, DIRECT, PAID = 0, 1, 5


def channels(scenario: JourneyScenario) -> pl.DataFrame:
    """Every channel as it is in the export, in the order of ``CHANNELS``.

    Args:
        scenario: Whether sources are placeholders.
    """
    rows = [channel for channel, *_ in CHANNELS]
    if not scenario.placeholder_sources:
        rows = [ACTUAL_SOURCES.get(number, channel) for number, channel in enumerate(rows)]
    return pl.DataFrame(rows, schema=["medium", "name", "source"], orient="row")


def channel_of(position: Numbers, views: Numbers, draw: RandomStream) -> Numbers:
    """The channel of each visitor.

    Args:
        position: Index of each visitor among those of the tier.
        views: 1 for visitors who view an item, else 0.
        draw: The random stream.

    Returns:
        Row numbers of ``channels``.
    """
    bits = low_discrepancy(position, 4, draw)
    around, closer = (tuple(shares[n] for _, *shares in CHANNELS) for n in (0, 1))
    return np.where(views == 1, categorical(bits, closer), categorical(bits, around))
