"""Session event sequences: order, page and product of each event.

Every event happens during a page visit (``page_visits``). Within a visit each name has a range of
positions: what the page sends when it is loaded, then what the visitor does on it, then leaving.
Times are in ``event_times``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.catalog import ProductSampler
from synth_assets.domains.journey.ga4.event_times import Opening, event_times
from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers
from synth_assets.domains.journey.ga4.page_visits import NOWHERE, PageVisits, page_visits
from synth_assets.domains.journey.ga4.positions import (
    BEGINS,
    ENDS,
    IS_LOADED,
    LATE_CART,
    LATE_CARTS,
)
from synth_assets.domains.journey.ga4.sample import LOGIN, SIGN_UP, TYPE, TYPES, VIEW_CART
from synth_assets.domains.journey.model import Model
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, lane, random_bits
from synth_assets.randomness.streams import RandomStream

# Promotions are on the first third of the pages.
PROMOTED_PART = 3
# Page of the checkout on which the events of a name happen; -1 is the basket.
CHECKOUT_STEPS = {
    "begin_checkout": 0, "add_shipping_info": 0, "add_payment_info": 1, LOGIN: 0, SIGN_UP: 0,
    VIEW_CART: -1,
}  # fmt: skip


@dataclass(frozen=True)
class EventSequence:
    """Events in row order.

    ``session`` is the session's row in the model and ``key`` its key. ``nth`` counts the session's
    events of that name, ``place`` all its events, both from 0. ``at`` is the time in microseconds
    since 1970, ``previous`` that of the previous event of the same name (0 if there is none).
    ``page`` and ``referrer`` are numbers of pages, ``product`` is the number of the product and
    ``order`` the row of the purchase's order; -1 means none.
    """

    session: Numbers
    key: Numbers
    name: Numbers
    nth: Numbers
    at: Numbers
    previous: Numbers
    page: Numbers
    referrer: Numbers
    product: Numbers
    order: Numbers
    place: Numbers
    bits: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.session)

    def has_name(self, *names: str) -> Flags:
        """Whether each event has one of these names.

        Args:
            names: Names of events.
        """
        included = np.zeros(len(TYPES), dtype=bool)
        included[[TYPE[name] for name in names]] = True
        found: Flags = included[self.name]
        return found


@dataclass(frozen=True)
class _Events:
    """Events of a range of sessions before they are ordered, sorted by session and name.

    ``count`` is the number of the session's events of that name.
    """

    local: Numbers
    name: Numbers
    nth: Numbers
    count: Numbers
    key: Numbers
    bits: npt.NDArray[np.uint64]

    def of(self, name: str) -> npt.NDArray[np.int64]:
        """Indexes of the events of a name."""
        return np.flatnonzero(self.name == TYPE[name])

    def spread(self, events: npt.NDArray[np.int64], limit: Numbers) -> Numbers:
        """A number below the limit for each event, rising with ``nth``."""
        part = (self.nth[events] << 16) + lane(self.bits[events], TOP_LANE)
        found: Numbers = part * limit // (self.count[events] << 16)
        return found


def event_sequence(scenario: JourneyScenario, model: Model, first: int, last: int) -> EventSequence:
    """The events of a range of sessions.

    Args:
        scenario: Seed of the scenario.
        model: All sessions.
        first: First row of the sessions.
        last: Row after the last one.
    """
    draw, counts = RandomStream(scenario.seed, "journey", "events"), model.counts[first:last]
    sampler, keys = ProductSampler(draw), model.key[first:last]
    events = _events(counts, keys, draw)
    visits = page_visits(counts, model.orders_of(first, last), keys, sampler)
    order_of = _orders(model, events)
    visit, position, turn = _places(model, events, visits, order_of, sampler)
    product = np.full(len(turn), NOWHERE, dtype=np.int64)
    about = turn != NOWHERE
    product[about] = sampler.product(events.key[about], turn[about])

    order = np.argsort((events.local << 26) | (visit << 17) | position, kind="stable")
    local, name, nth, visit = (a[order] for a in (events.local, events.name, events.nth, visit))
    bits = events.bits[order]
    begins = np.append(True, local[1:] != local[:-1])[: len(local)]
    start_of = np.flatnonzero(begins)
    place = np.arange(len(local)) - start_of[local]
    opening = Opening(begins, name, nth, IS_LOADED[name] & (position[order] == BEGINS[name]))
    at = event_times(scenario, model, first + local, opening, bits)
    seen = visits.first[local] + visit
    return EventSequence(
        session=first + local,
        key=events.key[order],
        name=name,
        nth=nth,
        at=at,
        previous=_previous(local, name, at),
        page=visits.page[seen],
        referrer=np.where(visit > 0, visits.page[np.maximum(seen - 1, 0)], NOWHERE),
        product=product[order],
        order=order_of[order],
        place=place,
        bits=bits,
    )


def _events(counts: npt.NDArray[np.int16], keys: Numbers, draw: RandomStream) -> _Events:
    flat = counts.ravel().astype(np.int64)
    of = np.repeat(np.arange(len(flat)), flat)
    local, name = of // len(TYPES), of % len(TYPES)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(flat) - flat, flat)
    key = keys[local]
    bits = random_bits(draw.substream("event"), (key * len(TYPES) + name) * 256 + nth)
    return _Events(local, name, nth, flat[of], key, bits)


def _orders(model: Model, events: _Events) -> Numbers:
    """The order of each purchase: the first, its repetitions, then the second; -1 for others."""
    found = np.full(len(events.name), NOWHERE, dtype=np.int64)
    bought, orders = events.of("purchase"), model.orders
    key = events.key[bought]
    first = orders.of(key, np.zeros(len(key), dtype=np.int64))
    found[bought] = first + (events.nth[bought] >= orders.events[first])
    return found


def _places(
    model: Model, events: _Events, visits: PageVisits, order_of: Numbers, sampler: ProductSampler
) -> tuple[Numbers, Numbers, Numbers]:
    """Visit, position in it, and which of the session's products (-1: none), of each event."""
    every = np.arange(len(events.name))
    visit = np.zeros(len(every), dtype=np.int64)
    turn = np.full(len(every), NOWHERE, dtype=np.int64)
    position = BEGINS[events.name] + events.spread(every, (ENDS - BEGINS)[events.name])

    def put(name: str, at: Numbers) -> None:
        visit[events.of(name)] = at

    def session(name: str) -> Numbers:
        return events.local[events.of(name)]

    put("page_view", events.nth[events.of("page_view")])
    for name in ("scroll", "user_engagement"):
        put(name, events.spread(events.of(name), visits.total[session(name)]))
    for name in ("click", "view_item_list"):
        put(name, events.spread(events.of(name), visits.browsing[session(name)]))
    promoted = (visits.browsing + PROMOTED_PART - 1) // PROMOTED_PART
    of = events.of("view_promotion")
    put("view_promotion", events.spread(of, promoted[events.local[of]]))
    put("select_promotion", promoted[session("select_promotion")] - 1)
    put("view_search_results", visits.search[session("view_search_results")])
    for name, step in CHECKOUT_STEPS.items():
        put(name, visits.of_checkout(session(name), step))
    of = events.of("purchase")
    put("purchase", visits.of_checkout(events.local[of], 2 + model.orders.place[order_of[of]]))

    for name in ("view_item", "select_item", "add_to_cart"):
        of = events.of(name)
        local, known = events.local[of], visits.products[events.local[of]]
        if name == "add_to_cart":
            known = np.minimum(known, sampler.lines(events.key[of], np.zeros_like(known)))
        turn[of] = events.nth[of] * np.minimum(known, events.count[of]) // events.count[of]
        visit[of] = visits.of_product(local, turn[of])
    # Lists of items are on the page before that of the item.
    of = events.of("select_item")
    visit[of] = np.maximum(visit[of] - 1, 0)
    _fill_late(events, visits, sampler.draw, visit, position)
    # The first event that a page sends is at the beginning of its visit.
    loaded = IS_LOADED[events.name]
    same = (visit[1:] == visit[:-1]) & (events.local[1:] == events.local[:-1])
    again = np.append(False, same & (events.name[1:] == events.name[:-1]))[: len(visit)]
    position = np.where(loaded & ~again, BEGINS[events.name], position + (loaded & again))
    return visit, position, turn


def _fill_late(
    events: _Events, visits: PageVisits, draw: RandomStream, visit: Numbers, position: Numbers
) -> None:
    """Moves the carts of some sessions into the checkout, where they are filled late."""
    of = events.of("add_to_cart")
    local = events.local[of]
    likely = lane(random_bits(draw.substream("late_cart"), events.key[of]), TOP_LANE)
    checks = visits.total[local] > visits.browsing[local]
    late = checks & (likely < LATE_CARTS * 65536)
    of, local = of[late], local[late]
    visit[of] = visits.of_checkout(local, 0)
    width = np.full(len(of), LATE_CART[1] - LATE_CART[0], dtype=np.int64)
    position[of] = LATE_CART[0] + events.spread(of, width)


def _previous(local: Numbers, name: Numbers, at: Numbers) -> Numbers:
    """Time of the session's previous event of the same name, 0 if there is none."""
    alike = local * len(TYPES) + name
    order = np.argsort(alike, kind="stable")
    group = alike[order]
    goes_on = np.append(False, group[1:] == group[:-1])[: len(group)]
    before = np.zeros_like(at)
    before[order[1:]] = np.where(goes_on[1:], at[order][:-1], 0)
    return before
