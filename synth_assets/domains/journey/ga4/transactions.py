"""Orders as the browser reports them: what they cost, under which id, and how often.

A session that buys has one order, or two. Each is a purchase event, and another one where it is
sent again. Money is whole dollars, as in the sample; tax is cents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_assets.domains.journey.ga4.catalog import Shelf
from synth_assets.domains.journey.ga4.even import Numbers, even
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

PURCHASES = NAMES["purchase"][0]
SECOND_ORDER = (PURCHASES - REPEATS) / FUNNEL["purchase"] - 1
UNIT = 1 << 16
# The id of an order that has none.
NO_ID, PLACEHOLDER = -1, -2
FIRST_ID, IDS = 100_000, 899_981
# Tax of each dollar, in 1/10,000 of a cent.
TAX_RATE = round(TAX / REVENUE * 1_000_000)


@dataclass(frozen=True)
class Orders:
    """Every order, by its session's key: its place there, id, events, dollars, things, lines.

    ``paid`` is 0 where the revenue was lost; ``first`` is where a session's orders begin.
    """

    session: Numbers
    place: Numbers
    id: Numbers
    events: Numbers
    revenue: Numbers
    things: Numbers
    lines: Numbers
    paid: Numbers
    first: Numbers
    base: int

    @property
    def recorded(self) -> Numbers:
        """The revenue that purchase events of each order tell in all."""
        return self.revenue * self.events * self.paid

    def of(self, session: Numbers, place: Numbers) -> Numbers:
        """The row of a session's first (0) or second (1) order."""
        return self.first[session - self.base] + place


def tax_cents(revenue: Numbers) -> Numbers:
    """The tax of so many dollars."""
    return (revenue * TAX_RATE + 5_000) // 10_000


def plan_orders(
    scenario: JourneyScenario, sessions: Numbers, visitor: Numbers, shelf: Shelf
) -> Orders:
    """The orders of the sessions that buy, whose keys are consecutive."""
    draw = shelf.draw.substream("order")
    count = 1 + (lane(even(np.arange(len(sessions)), 0, draw), TOP_LANE) < SECOND_ORDER * UNIT)
    session = np.repeat(sessions, count)
    first = np.cumsum(count) - count
    place = np.arange(len(session)) - np.repeat(first, count)
    number = np.arange(len(session))
    revenue, things = shelf.totals(session, place)

    # Browsers that lose one thing of an order lose it in the whole session.
    lost = lane(even(session - (sessions[0] if len(sessions) else 0), 1, draw), TOP_LANE)
    null = lost < _share(NULL_IDS)
    unset = ~null & (lost < _share(NULL_IDS + NOT_SET))
    unpaid = lost < _share(WITHOUT_REVENUE)
    name = FIRST_ID + (number * 370_661 + 10_007) % IDS
    if scenario.shared_transactions:
        shared = (
            lane(random_bits(draw.substream("shared"), number), TOP_LANE)
            < SHARED / USABLE_KEYS * UNIT
        )
        other = np.maximum(number - 7, 0)
        shared &= ~shared[other] & (visitor[session] != visitor[session[other]])
        name = np.where(shared, name[other], name)
    usable = ~null & ~unset
    if scenario.placeholder_transactions:
        name = np.where(unset, PLACEHOLDER, name)
    if scenario.null_transactions:
        name = np.where(null, NO_ID, name)
    again = _again(even(number, 2, draw), usable) if scenario.repeated_purchases else 0 * number
    return Orders(
        session=session,
        place=place,
        id=name,
        events=1 + again,
        revenue=revenue,
        things=things,
        lines=shelf.lines(session, place),
        paid=1 - (unpaid & scenario.missing_revenue).astype(np.int64),
        first=first,
        base=int(sessions[0]) if len(sessions) else 0,
    )


def _share(events: int) -> int:
    return round(events / (PURCHASES - REPEATS) * UNIT)


def _again(bits: np.ndarray, usable: np.ndarray) -> Numbers:
    """How often each order is sent again."""
    once, twice = REPEATED_KEYS / USABLE_KEYS, (REPEATS - REPEATED_KEYS) / USABLE_KEYS
    unit = lane(bits, TOP_LANE)
    times = (unit < once * UNIT).astype(np.int64) + (unit < twice * UNIT)
    return np.where(usable, times, 0)
