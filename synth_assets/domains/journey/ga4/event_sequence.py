"""Session event sequences: order, time, page and product of each event.

Every event name has a range of positions in its session: first the beginning, then browsing, the
cart, the checkout, the purchase. Events are ordered by their positions, so names with overlapping
ranges are mixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.catalog import (
    COMPLETED,
    FIRST_PRODUCT,
    FIRST_SEARCH,
    HOME,
    OTHER_PAGE_SHARES,
    OTHER_PAGES,
    PAYMENT,
    SEARCHES,
    YOUR_INFO,
    ProductSampler,
)
from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers, categorical
from synth_assets.domains.journey.ga4.sample import IN_ORDER, TYPE, TYPES, WITH_CART
from synth_assets.domains.journey.model import Model
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, high32, lane, random_bits, scale_to
from synth_assets.randomness.streams import RandomStream

# Range of positions in a session of the events of each name, in thousandths.
POSITIONS: dict[str, tuple[int, int]] = {
    "session_start": (0, 1), "first_visit": (1, 2), "page_view": (2, 1000),
    "user_engagement": (20, 1000), "scroll": (20, 1000), "view_promotion": (20, 350),
    "select_promotion": (360, 450), "view_search_results": (100, 600),
    "view_item_list": (100, 600), "select_item": (100, 600), "view_item": (80, 700),
    "add_to_cart": (300, 740), "begin_checkout": (750, 840), "add_shipping_info": (850, 900),
    "add_payment_info": (910, 950), "purchase": (960, 975), "click": (100, 1000),
}  # fmt: skip
BEGINS, ENDS = (np.array([POSITIONS[name][n] for name in TYPES]) for n in (0, 1))
# Events at a position below this are at the time of the session's start.
OPENING_POSITIONS = 3
# Positions of the cart in sessions that fill it during the checkout, and their share.
LATE_CART = (905, 909)
LATE_CARTS = 1 - IN_ORDER / WITH_CART["purchase"]
# Shortest and longest pause between two events, milliseconds.
SHORTEST_PAUSE, LONGEST_PAUSE = 800, 120_000
# The page of the events of a name, where it is not the page of the event before.
PAGE = {
    "view_promotion": HOME, "select_promotion": HOME, "begin_checkout": YOUR_INFO,
    "add_shipping_info": YOUR_INFO, "add_payment_info": PAYMENT, "purchase": COMPLETED,
}  # fmt: skip
PRODUCT_EVENTS = [TYPE[n] for n in ("view_item", "select_item", "add_to_cart")]
SEARCH, PAGE_VIEW, CART = (TYPE[n] for n in ("view_search_results", "page_view", "add_to_cart"))
PURCHASE = TYPE["purchase"]
NOWHERE = -1


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


def event_sequence(scenario: JourneyScenario, model: Model, first: int, last: int) -> EventSequence:
    """The events of a range of sessions.

    Args:
        scenario: Seed of the scenario.
        model: All sessions.
        first: First row of the sessions.
        last: Row after the last one.
    """
    draw, counts = RandomStream(scenario.seed, "journey", "events"), model.counts[first:last]
    flat = counts.ravel().astype(np.int64)
    of = np.repeat(np.arange(len(flat)), flat)
    local, name = of // len(TYPES), of % len(TYPES)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(flat) - flat, flat)
    key = model.key[first:last][local]
    bits = random_bits(draw.substream("event"), (key * len(TYPES) + name) * 256 + nth)
    order = _in_order(draw, local, name, nth, flat[of], key, bits)
    local, name, nth, key = (column[order] for column in (local, name, nth, key))
    bits = bits[order]

    begins = _begins(local)
    start_of = np.flatnonzero(begins)
    place = np.arange(len(local)) - start_of[local]
    at = _times(model, first + local, place, start_of, name, nth, bits)
    product = _product(ProductSampler(draw), key, name, nth)
    order_of = np.full(len(local), -1, dtype=np.int64)
    bought = name == PURCHASE
    order_of[bought] = _orders(model, key[bought], nth[bought])
    page, referrer = _pages(name, nth, product, bits, begins, key, draw)
    return EventSequence(
        session=first + local,
        key=key,
        name=name,
        nth=nth,
        at=at,
        previous=_previous(local, name, at),
        page=page,
        referrer=referrer,
        product=product,
        order=order_of,
        place=place,
        bits=bits,
    )


def _begins(group: Numbers) -> Flags:
    return np.append(True, group[1:] != group[:-1])[: len(group)]


def _in_order(
    draw: RandomStream, local: Numbers, name: Numbers, nth: Numbers, count: Numbers, key: Numbers,
    bits: npt.NDArray[np.uint64],
) -> Numbers:  # fmt: skip
    """The permutation that sorts events by session and position."""
    begins, ends = BEGINS[name] << 10, ENDS[name] << 10
    late = (name == CART) & (
        lane(random_bits(draw.substream("late_cart"), key), TOP_LANE) < LATE_CARTS * 65536
    )
    begins = np.where(late, LATE_CART[0] << 10, begins)
    ends = np.where(late, LATE_CART[1] << 10, ends)
    # Events of one name have disjoint parts of its range, so ``nth`` is in order.
    part_of = (nth << 10) + (lane(bits, TOP_LANE) >> 6)
    at = begins + (ends - begins) * part_of // (count << 10)
    at = np.where((name == PAGE_VIEW) & (nth == 0), begins, at)
    order: Numbers = np.argsort((local << 20) | at, kind="stable")
    return order


def _times(
    model: Model, session: Numbers, place: Numbers, start_of: Numbers, name: Numbers, nth: Numbers,
    bits: npt.NDArray[np.uint64],
) -> Numbers:  # fmt: skip
    """Times of events, microseconds since 1970."""
    # The product of two uniform numbers is skewed towards small values.
    skew = (lane(bits, 2) * lane(bits, 1)) >> 16
    pause = SHORTEST_PAUSE + ((LONGEST_PAUSE - SHORTEST_PAUSE) * skew >> 16)
    opening = (BEGINS[name] < OPENING_POSITIONS) & (nth == 0)
    pause = np.where(opening, 0, pause)
    passed = np.cumsum(pause)
    passed -= np.repeat(passed[start_of], np.diff(np.append(start_of, len(passed))))
    last = np.append(start_of[1:], len(passed)) - 1
    took = np.repeat(passed[last], np.diff(np.append(start_of, len(passed))))
    max_duration = model.max_duration[session]
    passed = np.where(took > max_duration, passed * max_duration // np.maximum(took, 1), passed)
    return (model.start[session] + passed) * 1000 + model.key[session] % 1000


def _previous(local: Numbers, name: Numbers, at: Numbers) -> Numbers:
    """Time of the session's previous event of the same name, 0 if there is none."""
    alike = local * len(TYPES) + name
    order = np.argsort(alike, kind="stable")
    sorted_at, goes_on = at[order], ~_begins(alike[order])
    before = np.zeros_like(at)
    before[order[1:]] = np.where(goes_on[1:], sorted_at[:-1], 0)
    return before


def _product(sampler: ProductSampler, key: Numbers, name: Numbers, nth: Numbers) -> Numbers:
    """The product of each product event; carts hold the products of the later basket."""
    about = np.isin(name, PRODUCT_EVENTS)
    product = np.full(len(name), NOWHERE, dtype=np.int64)
    lines = sampler.lines(key[about], np.zeros(int(about.sum()), dtype=np.int64))
    carted = name[about] == CART
    turn = np.where(carted, nth[about] % lines, nth[about])
    product[about] = sampler.product(key[about], turn)
    return product


def _orders(model: Model, key: Numbers, nth: Numbers) -> Numbers:
    """The order of each purchase: the first, its repetitions, then the second."""
    orders = model.orders
    first = orders.of(key, np.zeros(len(key), dtype=np.int64))
    later: Numbers = (nth >= orders.events[first]).astype(np.int64)
    return first + later


def _pages(
    name: Numbers, nth: Numbers, product: Numbers, bits: npt.NDArray[np.uint64], begins: Flags,
    key: Numbers, draw: RandomStream,
) -> tuple[Numbers, Numbers]:  # fmt: skip
    """The page of each event, and the page before it.

    A page_view has the page that the events after it require, or another one if none is required.
    """
    fixed = np.full(len(TYPES), NOWHERE, dtype=np.int64)
    for event, number in PAGE.items():
        fixed[TYPE[event]] = number
    page = np.where(product >= 0, FIRST_PRODUCT + product, fixed[name])
    searched = FIRST_SEARCH + scale_to(
        high32(random_bits(draw.substream("search"), key)), len(SEARCHES), 32
    )
    page = np.where(name == SEARCH, searched, page)

    # A page visit lasts from a page_view to the next; the first one begins with the session.
    opens = begins | ((name == PAGE_VIEW) & (nth > 0))
    visit = np.cumsum(opens) - 1
    other_pages = np.array(OTHER_PAGES)[categorical(bits[opens], OTHER_PAGE_SHARES, 2)]
    needed = np.full(len(other_pages), NOWHERE, dtype=np.int64)
    places = np.flatnonzero(page >= 0)[::-1]
    needed[visit[places]] = page[places]
    seen = np.where(needed >= 0, needed, other_pages)
    first_visit = np.flatnonzero(begins[opens])
    referrer = np.append(NOWHERE, seen[:-1])[: len(seen)]
    referrer[first_visit] = NOWHERE
    return np.where(page >= 0, page, seen[visit]), referrer[visit]
