"""Orders as the browser reports them: price, id, and number of events.

A session that buys has one or two orders. Each order is one purchase event, or several if it is
sent again. Prices are whole dollars, as in the sample; a coupon lowers them by whole percents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.catalog import ProductSampler
from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers, low_discrepancy
from synth_assets.domains.journey.ga4.periods import Period
from synth_assets.domains.journey.ga4.sample import (
    FUNNEL,
    NAMES,
    NOT_SET,
    NULL_IDS,
    REPEATED_KEYS,
    REPEATS,
    REVENUE,
    SHARED,
    TAX,
    USABLE_KEYS,
    WITHOUT_REVENUE,
)
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, lane, random_bits
from synth_assets.randomness.splitmix64 import Words

PURCHASES = NAMES["purchase"][0]
SECOND_ORDER = (PURCHASES - REPEATS) / FUNNEL["purchase"] - 1
UNIT = 1 << 16
# Ids of orders without one: null and the placeholder.
NO_ID, PLACEHOLDER = -1, -2
FIRST_ID, IDS, IDS_A_PERIOD = 100_000, 899_981, 60_000
# Tax in millionths of the revenue.
TAX_RATE = round(TAX / REVENUE * 1_000_000)
# Sessions among which one has no id.
EARLY = 40
# Coupons by number; the second one is for the season before Christmas (month and day).
COUPONS = ("", "SAVE10", "HOLIDAY")
USUAL_COUPON, SEASONAL_COUPON = 1, 2
SEASON = ((11, 15), (12, 31))


@dataclass(frozen=True)
class Orders:
    """All orders, ordered by session key.

    ``place`` is 0 for a session's first order and 1 for its second, ``revenue`` is in cents,
    ``things`` counts items. ``coupon`` is the number of the coupon (0 for none), ``percent`` what
    the customer pays of each price. ``paid`` is 0 if the revenue is missing. ``first`` is the first
    order of each session that buys, ``count`` their number, ``base`` the key of the first such
    session.
    """

    session: Numbers
    place: Numbers
    id: Numbers
    events: Numbers
    revenue: Numbers
    things: Numbers
    lines: Numbers
    paid: Numbers
    coupon: Numbers
    percent: Numbers
    first: Numbers
    count: Numbers
    base: int

    @property
    def recorded(self) -> Numbers:
        """The total revenue of each order's events, repetitions included."""
        return self.revenue * self.events * self.paid

    def of(self, session: Numbers, place: Numbers) -> Numbers:
        """The row of an order.

        Args:
            session: Key of the session.
            place: First (0) or second (1) order of the session.
        """
        return self.first[session - self.base] + place


def tax_cents(revenue: Numbers) -> Numbers:
    """The tax of an amount, in cents.

    Args:
        revenue: Amount in cents.
    """
    return (revenue * TAX_RATE + 500_000) // 1_000_000


def transaction_ids(numbers: Numbers) -> pl.Series:
    """Ids of orders as text.

    Args:
        numbers: Ids; ``PLACEHOLDER`` becomes `(not set)`, ``NO_ID`` null.
    """
    text = pl.Series(numbers).cast(pl.String)
    text = text.set(pl.Series(numbers == PLACEHOLDER), "(not set)")
    return text.set(pl.Series(numbers == NO_ID), None)


def orders_of(
    scenario: JourneyScenario, sessions: Numbers, visitor: Numbers, in_season: Flags,
    sampler: ProductSampler, period: Period,
) -> Orders:  # fmt: skip
    """The orders of the sessions that buy.

    Args:
        scenario: Defects of the export.
        sessions: Keys of these sessions, which are consecutive.
        visitor: Visitor of each of them.
        in_season: Whether each of these sessions is in the season of the seasonal coupon.
        sampler: Baskets of the sessions.
        period: Their period.
    """
    draw = sampler.draw.substream("order", f"{period.first}")
    count = 1 + (
        lane(low_discrepancy(np.arange(len(sessions)), 4, draw), TOP_LANE) < SECOND_ORDER * UNIT
    )
    session = np.repeat(sessions, count)
    first = np.cumsum(count) - count
    place = np.arange(len(session)) - np.repeat(first, count)
    number, buyer = np.arange(len(session)), np.repeat(visitor, count)
    cost, things = sampler.totals(session, place)
    coupon, percent = _coupons(scenario, low_discrepancy(number, 6, draw), in_season, count)

    # Missing ids and revenue affect all orders of a session. Baskets use the first dimensions; the
    # same one would make their sizes depend on these defects.
    # One of the first sessions has no id, so that this defect occurs in small exports, too.
    nth = np.repeat(np.arange(len(sessions)), count)
    early = low_discrepancy([draw.key % EARLY], 5, draw)
    lost = lane(low_discrepancy(nth, 5, draw) - early, TOP_LANE)
    null = lost < _share(NULL_IDS)
    unset = ~null & (lost < _share(NULL_IDS + NOT_SET))
    unpaid = lost < _share(WITHOUT_REVENUE)
    name = FIRST_ID + ((number + period.number * IDS_A_PERIOD) * 370_661 + 10_007) % IDS
    if scenario.shared_transactions:
        shared = (
            lane(random_bits(draw.substream("shared"), number), TOP_LANE)
            < SHARED / USABLE_KEYS * UNIT
        )
        other = np.maximum(number - 7, 0)
        shared &= ~shared[other] & (buyer != buyer[other])
        name = np.where(shared, name[other], name)
    usable = ~null & ~unset
    if scenario.placeholder_transactions:
        name = np.where(unset, PLACEHOLDER, name)
    if scenario.null_transactions:
        name = np.where(null, NO_ID, name)
    repeated = (
        _repetitions(low_discrepancy(number, 7, draw), usable)
        if scenario.repeated_purchases
        else 0 * number
    )
    return Orders(
        session=session,
        place=place,
        id=name,
        events=1 + repeated,
        revenue=cost * percent,
        things=things,
        lines=sampler.lines(session, place),
        paid=1 - (unpaid & scenario.missing_revenue).astype(np.int64),
        coupon=coupon,
        percent=percent,
        first=first,
        count=count,
        base=int(sessions[0]) if len(sessions) else 0,
    )


def _coupons(
    scenario: JourneyScenario, bits: Words, in_season: Flags, orders: Numbers
) -> tuple[Numbers, Numbers]:
    """The coupon of each order, and what it leaves of prices, percent."""
    used = lane(bits, TOP_LANE) < scenario.coupon_share * UNIT
    seasonal = np.repeat(in_season, orders) & (
        lane(bits, 2) < scenario.seasonal_coupon_share * UNIT
    )
    coupon = np.where(used, np.where(seasonal, SEASONAL_COUPON, USUAL_COUPON), 0)
    lowered = np.array([0, scenario.coupon_percent, scenario.seasonal_coupon_percent])
    return coupon, 100 - lowered[coupon]


def _share(events: int) -> int:
    return round(events / (PURCHASES - REPEATS) * UNIT)


def _repetitions(bits: np.ndarray, usable: np.ndarray) -> Numbers:
    """Number of repeated events of each order."""
    once, twice = REPEATED_KEYS / USABLE_KEYS, (REPEATS - REPEATED_KEYS) / USABLE_KEYS
    unit = lane(bits, TOP_LANE)
    times = (unit < once * UNIT).astype(np.int64) + (unit < twice * UNIT)
    return np.where(usable, times, 0)
