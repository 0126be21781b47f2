"""Orders as the browser reports them: price, id, and number of events.

A session that buys has one or two orders. Each order is one purchase event, or several if it is
sent again. Amounts are whole dollars, as in the sample; tax is in cents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.catalog import ProductSampler
from synth_assets.domains.journey.ga4.low_discrepancy import Numbers, low_discrepancy
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
# Ids of orders without one: null and the placeholder.
NO_ID, PLACEHOLDER = -1, -2
FIRST_ID, IDS = 100_000, 899_981
# Tax of each dollar, in 1/10,000 of a cent.
TAX_RATE = round(TAX / REVENUE * 1_000_000)


@dataclass(frozen=True)
class Orders:
    """All orders, ordered by session key.

    ``place`` is 0 for a session's first order and 1 for its second, ``revenue`` is in dollars,
    ``things`` counts items. ``paid`` is 0 if the revenue is missing. ``first`` is the first order
    of each session that buys, ``base`` the key of the first such session.
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
        revenue: Amount in dollars.
    """
    return (revenue * TAX_RATE + 5_000) // 10_000


def transaction_ids(numbers: Numbers) -> pl.Series:
    """Ids of orders as text.

    Args:
        numbers: Ids; ``PLACEHOLDER`` becomes `(not set)`, ``NO_ID`` null.
    """
    text = pl.Series(numbers).cast(pl.String)
    text = text.set(pl.Series(numbers == PLACEHOLDER), "(not set)")
    return text.set(pl.Series(numbers == NO_ID), None)


def orders_of(
    scenario: JourneyScenario, sessions: Numbers, visitor: Numbers, sampler: ProductSampler
) -> Orders:
    """The orders of the sessions that buy.

    Args:
        scenario: Defects of the export.
        sessions: Keys of these sessions, which are consecutive.
        visitor: Visitor of every session, by key.
        sampler: Baskets of the sessions.
    """
    draw = sampler.draw.substream("order")
    count = 1 + (
        lane(low_discrepancy(np.arange(len(sessions)), 0, draw), TOP_LANE) < SECOND_ORDER * UNIT
    )
    session = np.repeat(sessions, count)
    first = np.cumsum(count) - count
    place = np.arange(len(session)) - np.repeat(first, count)
    number = np.arange(len(session))
    revenue, things = sampler.totals(session, place)

    # Missing ids and revenue affect all orders of a session.
    lost = lane(low_discrepancy(session - (sessions[0] if len(sessions) else 0), 1, draw), TOP_LANE)
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
    repeated = (
        _repetitions(low_discrepancy(number, 2, draw), usable)
        if scenario.repeated_purchases
        else 0 * number
    )
    return Orders(
        session=session,
        place=place,
        id=name,
        events=1 + repeated,
        revenue=revenue,
        things=things,
        lines=sampler.lines(session, place),
        paid=1 - (unpaid & scenario.missing_revenue).astype(np.int64),
        first=first,
        base=int(sessions[0]) if len(sessions) else 0,
    )


def _share(events: int) -> int:
    return round(events / (PURCHASES - REPEATS) * UNIT)


def _repetitions(bits: np.ndarray, usable: np.ndarray) -> Numbers:
    """Number of repeated events of each order."""
    once, twice = REPEATED_KEYS / USABLE_KEYS, (REPEATS - REPEATED_KEYS) / USABLE_KEYS
    unit = lane(bits, TOP_LANE)
    times = (unit < once * UNIT).astype(np.int64) + (unit < twice * UNIT)
    return np.where(usable, times, 0)
