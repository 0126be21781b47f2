"""The simulation's state: all sessions of a period, and their visitors.

A visitor is one person over time, and a returning visitor must have had earlier sessions. All
sessions of a quarter (``ga4.periods``) are therefore computed at once, as a few whole numbers each,
from the seed and the scale alone; which days are stored makes no difference. A session's events are
a function of its row here, and a day is a range of rows. Quantities are spread evenly within each
kind of session (``low_discrepancy``), so that totals match the sample's at any scale.

The steps are in ``ga4``: ``sessions``, ``session_counts``, ``transactions`` and ``visitors``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.calendar import KINDS
from synth_assets.domains.journey.ga4.catalog import ProductSampler
from synth_assets.domains.journey.ga4.channels import channel_of
from synth_assets.domains.journey.ga4.devices import device_of
from synth_assets.domains.journey.ga4.low_discrepancy import Numbers
from synth_assets.domains.journey.ga4.page_visits import with_needed_pages
from synth_assets.domains.journey.ga4.periods import Period, period_of
from synth_assets.domains.journey.ga4.places import place_of
from synth_assets.domains.journey.ga4.sample import TYPE
from synth_assets.domains.journey.ga4.session_counts import session_counts
from synth_assets.domains.journey.ga4.sessions import Sessions
from synth_assets.domains.journey.ga4.transactions import SEASON, Orders, orders_of
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import high32, random_bits, scale_to
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, since_epoch

PURCHASE = KINDS.index("purchase")
# Most days before the period on which an earlier visit can be.
OLD_DAYS = 150
MILLION = 1_000_000


@dataclass(frozen=True)
class Visitors:
    """All visitors; ``first_touch`` is their first visit, microseconds since 1970."""

    device: Numbers
    place: Numbers
    channel: Numbers
    first_touch: Numbers

    def __len__(self) -> int:
        return len(self.device)


@dataclass(frozen=True)
class Model:
    """All sessions in row order, and their visitors.

    ``key`` identifies a session in random streams, ``number`` counts the visitor's sessions.
    ``start`` is in milliseconds since 1970, ``max_duration`` in milliseconds. ``counts`` has the
    events by name, ``offsets`` the first event of each session, ``days`` the first session of each
    day, ``spent`` the cents that the visitor spent before the session.
    """

    period: Period
    visitors: Visitors
    key: Numbers
    visitor: Numbers
    kind: Numbers
    number: Numbers
    start: Numbers
    max_duration: Numbers
    id: Numbers
    counts: npt.NDArray[np.int16]
    offsets: Numbers
    days: Numbers
    spent: Numbers
    orders: Orders

    def orders_of(self, first: int, last: int) -> Numbers:
        """The number of orders of each of a range of sessions.

        Args:
            first: First row of the sessions.
            last: Row after the last one.
        """
        found = np.zeros(last - first, dtype=np.int64)
        buys = self.kind[first:last] == PURCHASE
        found[buys] = self.orders.count[self.key[first:last][buys] - self.orders.base]
        return found

    def rows_before(self, day: int) -> int:
        """Events before a day of the period.

        Args:
            day: Number of the day, from 0.
        """
        return int(self.offsets[self.days[day]])


@lru_cache(maxsize=2)
def model_of(scenario: JourneyScenario, number: int) -> Model:
    """The model of a scenario and a period, cached.

    Args:
        scenario: Seed, size and defects.
        number: Number of the period.
    """
    return _build(scenario, period_of(number, scenario.calendar))


def open_model(scenario: JourneyScenario, number: int) -> Model:
    """The model of a period, computed once for all scenarios that differ in other fields only.

    Args:
        scenario: Seed, size and defects.
        number: Number of the period.
    """
    return model_of(_relevant(scenario), number)


def day_offsets(scenario: JourneyScenario, number: int) -> tuple[int, ...]:
    """Events before each day of a period, and in all of it.

    Args:
        scenario: Seed, size and defects.
        number: Number of the period.
    """
    return _day_offsets(_relevant(scenario), number)


@lru_cache(maxsize=256)
def _day_offsets(scenario: JourneyScenario, number: int) -> tuple[int, ...]:
    model = model_of(scenario, number)
    return tuple(model.rows_before(day) for day in range(model.period.days + 1))


def _relevant(scenario: JourneyScenario) -> JourneyScenario:
    relevant = {name: getattr(scenario, name) for name in _MODEL_FIELDS}
    return JourneyScenario.model_construct(**relevant)


# Fields that the model depends on.
_MODEL_FIELDS = [
    "seed", "scale", "export_schema", "member_share", "checkout_signup_share", "calendar",
    "annual_growth", "placeholder_transactions", "null_transactions", "repeated_purchases",
    "shared_transactions", "missing_revenue", "colliding_sessions", "missing_carts",
    "missing_session_starts", "missing_page_views", "timeout_share", "coupon_share",
    "coupon_percent", "seasonal_coupon_share", "seasonal_coupon_percent",
]  # fmt: skip


def _build(scenario: JourneyScenario, period: Period) -> Model:
    """Runs all steps, and sorts the sessions by row: by day, and randomly within it."""
    sessions = Sessions(scenario, period)
    visitor = sessions.visitors()
    rank, start, max_duration = sessions.times(visitor)
    earlier_visits = sessions.earlier_visits()
    is_new = (rank == 0) & (earlier_visits[visitor] == 0)
    counts = session_counts(scenario, sessions, visitor, rank, is_new)
    buys = sessions.kind == PURCHASE
    seasonal = period.between(*SEASON)
    base = RandomStream(scenario.seed, "journey", "events")
    orders = orders_of(
        scenario, sessions.key[buys], visitor[buys], seasonal[sessions.day[buys]],
        ProductSampler(base), period,
    )  # fmt: skip
    bought = orders.session - sessions.key[0]
    counts[:, TYPE["purchase"]] = np.bincount(bought, orders.events, minlength=len(sessions.key))
    of_session = np.zeros(len(sessions.key), dtype=np.int64)
    of_session[buys] = orders.count
    counts = with_needed_pages(counts, of_session)
    spent = _spent(sessions, visitor, rank, orders)
    visitors = _visitors(sessions, visitor, counts, rank, start, earlier_visits)
    order = np.lexsort((sessions.bits("row"), sessions.day))
    length = counts[order].sum(axis=1, dtype=np.int64)
    return Model(
        period=period,
        visitors=visitors,
        key=sessions.key[order],
        visitor=visitor[order],
        kind=sessions.kind[order],
        number=(earlier_visits[visitor] + rank + 1)[order],
        start=start[order],
        max_duration=max_duration[order],
        id=sessions.ids(visitor)[order],
        counts=counts[order],
        offsets=np.concatenate([[0], np.cumsum(length)]),
        days=np.concatenate([[0], np.cumsum(sessions.sizes.sum(axis=0))]),
        spent=spent[order],
        orders=orders,
    )


def _spent(sessions: Sessions, visitor: Numbers, rank: Numbers, orders: Orders) -> Numbers:
    """Cents that each session's visitor spent before it."""
    spent = np.bincount(
        orders.session - sessions.key[0], orders.recorded, minlength=len(sessions.key)
    )
    order = np.lexsort((rank, visitor))
    running = np.cumsum(spent[order]) - spent[order]
    first = np.flatnonzero(rank[order] == 0)
    of_visitor = np.repeat(running[first], np.diff(np.append(first, len(order))))
    before = np.empty(len(sessions.key), dtype=np.int64)
    before[order] = (running - of_visitor).astype(np.int64)
    return before


def _visitors(
    sessions: Sessions, visitor: Numbers, counts: npt.NDArray[np.int16], rank: Numbers,
    start: Numbers, earlier_visits: Numbers,
) -> Visitors:  # fmt: skip
    """The visitors' attributes, spread evenly over visitors of a tier, ordered by activity."""
    events = np.bincount(visitor, counts.sum(axis=1), minlength=len(earlier_visits))
    number = np.arange(len(earlier_visits))
    tier = np.repeat(np.arange(len(KINDS)), sessions.users)
    # Neighbours are similarly active, so an even spread gives each value a similar activity.
    order = np.lexsort((number, events, tier))
    place = np.empty_like(number)
    place[order] = number
    draw = sessions.draw.substream("visitors")
    first_touch = np.zeros(len(earlier_visits), dtype=np.int64)
    begins = rank == 0
    first_touch[visitor[begins]] = start[begins] * 1000 + sessions.index[begins] % 1000
    earlier = 1 + scale_to(
        high32(random_bits(draw.substream("earlier"), number)), OLD_DAYS * DAY - 1, 32
    )
    before = (since_epoch(sessions.period.first) - earlier) * MILLION
    return Visitors(
        device=device_of(place, (tier == PURCHASE).astype(np.int64), draw.substream("device")),
        place=place_of(place, draw.substream("place")),
        channel=channel_of(place, (tier > 0).astype(np.int64), draw.substream("channel")),
        first_touch=np.where(earlier_visits > 0, before, first_touch),
    )
