"""The events of some sessions, one after the other: what happens when, on which page, with what.

Every event has a place on its session's way: the beginning first, then browsing, the cart, the
checkout, the purchase. Events keep to the order of these stretches; within one they mix.
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
    PAYMENT,
    SEARCHES,
    WANDERED,
    WANDERING,
    YOUR_INFO,
    Shelf,
)
from synth_assets.domains.journey.ga4.even import Flags, Numbers, lots
from synth_assets.domains.journey.ga4.sample import IN_ORDER, TYPE, TYPES, WITH_CART
from synth_assets.domains.journey.model import Plan
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, high32, lane, random_bits, scale_to
from synth_assets.randomness.streams import RandomStream

# Where on a session's way, in thousandths, events of each name begin and end.
WAY: dict[str, tuple[int, int]] = {
    "session_start": (0, 1), "first_visit": (1, 2), "page_view": (2, 1000),
    "user_engagement": (20, 1000), "scroll": (20, 1000), "view_promotion": (20, 350),
    "select_promotion": (360, 450), "view_search_results": (100, 600),
    "view_item_list": (100, 600), "select_item": (100, 600), "view_item": (80, 700),
    "add_to_cart": (300, 740), "begin_checkout": (750, 840), "add_shipping_info": (850, 900),
    "add_payment_info": (910, 950), "purchase": (960, 975), "click": (100, 1000),
}  # fmt: skip
BEGINS, ENDS = (np.array([WAY[name][n] for name in TYPES]) for n in (0, 1))
# The first events of a session happen at one moment.
AT_ONCE = 3
# Some go to the checkout first, and to the cart from there.
LATE_CART = (905, 909)
LATE_CARTS = 1 - IN_ORDER / WITH_CART["purchase"]
# Milliseconds between two events: mostly few.
LEAST, MOST = 800, 120_000
# The page on which events of each name happen, where it is not the one before.
PAGE = {
    "view_promotion": HOME, "select_promotion": HOME, "begin_checkout": YOUR_INFO,
    "add_shipping_info": YOUR_INFO, "add_payment_info": PAYMENT, "purchase": COMPLETED,
}  # fmt: skip
OF_A_PRODUCT = [TYPE[n] for n in ("view_item", "select_item", "add_to_cart")]
SEARCH, PAGE_VIEW, CART = (TYPE[n] for n in ("view_search_results", "page_view", "add_to_cart"))
PURCHASE = TYPE["purchase"]
NOWHERE = -1


@dataclass(frozen=True)
class Walk:
    """Events in the order of their rows.

    ``session`` is the row of the plan and ``key`` the session's key; ``nth`` counts events of
    their name, ``at`` is a moment in microseconds, ``before`` that of the event of the same name
    before (0 where there is none). ``page`` and ``came_from`` are numbers of pages, ``product``
    of what a product's event is about, ``order`` the row of a purchase's order (-1 elsewhere).
    """

    session: Numbers
    key: Numbers
    name: Numbers
    nth: Numbers
    at: Numbers
    before: Numbers
    page: Numbers
    came_from: Numbers
    product: Numbers
    order: Numbers
    place: Numbers
    bits: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.session)

    def of(self, *names: str) -> Flags:
        """Whether events are of any of these names."""
        wanted = np.zeros(len(TYPES), dtype=bool)
        wanted[[TYPE[name] for name in names]] = True
        found: Flags = wanted[self.name]
        return found


def walk(scenario: JourneyScenario, plan: Plan, first: int, last: int) -> Walk:
    """The events of the plan's sessions from ``first`` up to ``last``."""
    draw, counts = RandomStream(scenario.seed, "journey", "events"), plan.counts[first:last]
    flat = counts.ravel().astype(np.int64)
    of = np.repeat(np.arange(len(flat)), flat)
    local, name = of // len(TYPES), of % len(TYPES)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(flat) - flat, flat)
    key = plan.key[first:last][local]
    bits = random_bits(draw.substream("event"), (key * len(TYPES) + name) * 256 + nth)
    order = _in_order(draw, local, name, nth, flat[of], key, bits)
    local, name, nth, key = (column[order] for column in (local, name, nth, key))
    bits = bits[order]

    begins = _begins(local)
    start_of = np.flatnonzero(begins)
    place = np.arange(len(local)) - start_of[local]
    at = _moments(plan, first + local, place, start_of, name, nth, bits)
    product = _product(Shelf(draw), key, name, nth)
    order_of = np.full(len(local), -1, dtype=np.int64)
    bought = name == PURCHASE
    order_of[bought] = _orders(plan, key[bought], nth[bought])
    page, came_from = _pages(name, nth, product, bits, begins, key, draw)
    return Walk(
        session=first + local,
        key=key,
        name=name,
        nth=nth,
        at=at,
        before=_before(local, name, at),
        page=page,
        came_from=came_from,
        product=product,
        order=order_of,
        place=place,
        bits=bits,
    )


def _begins(group: Numbers) -> Flags:
    return np.append(True, group[1:] != group[:-1])[: len(group)]


def _in_order(
    draw: RandomStream, local: Numbers, name: Numbers, nth: Numbers, many: Numbers, key: Numbers,
    bits: npt.NDArray[np.uint64],
) -> Numbers:  # fmt: skip
    """The order in which events happen."""
    begins, ends = BEGINS[name] << 10, ENDS[name] << 10
    late = (name == CART) & (
        lane(random_bits(draw.substream("late_cart"), key), TOP_LANE) < LATE_CARTS * 65536
    )
    begins = np.where(late, LATE_CART[0] << 10, begins)
    ends = np.where(late, LATE_CART[1] << 10, ends)
    # Each in its own part of the stretch, so that they keep their numbers.
    part_of = (nth << 10) + (lane(bits, TOP_LANE) >> 6)
    at = begins + (ends - begins) * part_of // (many << 10)
    at = np.where((name == PAGE_VIEW) & (nth == 0), begins, at)
    order: Numbers = np.argsort((local << 20) | at, kind="stable")
    return order


def _moments(
    plan: Plan, session: Numbers, place: Numbers, start_of: Numbers, name: Numbers, nth: Numbers,
    bits: npt.NDArray[np.uint64],
) -> Numbers:  # fmt: skip
    """When events happen, microseconds since 1970."""
    # The product of two even numbers is mostly small.
    skew = (lane(bits, 2) * lane(bits, 1)) >> 16
    pause = LEAST + ((MOST - LEAST) * skew >> 16)
    opening = (BEGINS[name] < AT_ONCE) & (nth == 0)
    pause = np.where(opening, 0, pause)
    passed = np.cumsum(pause)
    passed -= np.repeat(passed[start_of], np.diff(np.append(start_of, len(passed))))
    last = np.append(start_of[1:], len(passed)) - 1
    took = np.repeat(passed[last], np.diff(np.append(start_of, len(passed))))
    room = plan.room[session]
    passed = np.where(took > room, passed * room // np.maximum(took, 1), passed)
    return (plan.start[session] + passed) * 1000 + plan.key[session] % 1000


def _before(local: Numbers, name: Numbers, at: Numbers) -> Numbers:
    """When an event of the same name happened before in the session, 0 where none did."""
    alike = local * len(TYPES) + name
    order = np.argsort(alike, kind="stable")
    sorted_at, goes_on = at[order], ~_begins(alike[order])
    before = np.zeros_like(at)
    before[order[1:]] = np.where(goes_on[1:], sorted_at[:-1], 0)
    return before


def _product(shelf: Shelf, key: Numbers, name: Numbers, nth: Numbers) -> Numbers:
    """What events of a product are about: carts hold what the basket will."""
    about = np.isin(name, OF_A_PRODUCT)
    product = np.full(len(name), NOWHERE, dtype=np.int64)
    lines = shelf.lines(key[about], np.zeros(int(about.sum()), dtype=np.int64))
    carted = name[about] == CART
    turn = np.where(carted, nth[about] % lines, nth[about])
    product[about] = shelf.product(key[about], turn)
    return product


def _orders(plan: Plan, key: Numbers, nth: Numbers) -> Numbers:
    """The row of the order of each purchase: the first, all its repetitions, then the second."""
    orders = plan.orders
    first = orders.of(key, np.zeros(len(key), dtype=np.int64))
    later: Numbers = (nth >= orders.events[first]).astype(np.int64)
    return first + later


def _pages(
    name: Numbers, nth: Numbers, product: Numbers, bits: npt.NDArray[np.uint64], begins: Flags,
    key: Numbers, draw: RandomStream,
) -> tuple[Numbers, Numbers]:  # fmt: skip
    """The page of each event, and the one that was seen before it.

    A page_view is of the page that the next events need, if they need one.
    """
    fixed = np.full(len(TYPES), NOWHERE, dtype=np.int64)
    for event, number in PAGE.items():
        fixed[TYPE[event]] = number
    page = np.where(product >= 0, FIRST_PRODUCT + product, fixed[name])
    searched = FIRST_SEARCH + scale_to(
        high32(random_bits(draw.substream("search"), key)), len(SEARCHES), 32
    )
    page = np.where(name == SEARCH, searched, page)

    # A visit of a page lasts from its page_view to the next; the first is where a session begins.
    opens = begins | ((name == PAGE_VIEW) & (nth > 0))
    visit = np.cumsum(opens) - 1
    wandering = np.array(WANDERED)[lots(bits[opens], WANDERING, 2)]
    needed = np.full(len(wandering), NOWHERE, dtype=np.int64)
    places = np.flatnonzero(page >= 0)[::-1]
    needed[visit[places]] = page[places]
    seen = np.where(needed >= 0, needed, wandering)
    first_visit = np.flatnonzero(begins[opens])
    came_from = np.append(NOWHERE, seen[:-1])[: len(seen)]
    came_from[first_visit] = NOWHERE
    return np.where(page >= 0, page, seen[visit]), came_from[visit]


def baskets(shelf: Shelf, walked: Walk, plan: Plan) -> tuple[Numbers, Numbers, Numbers]:
    """Of every line of a basket that an event shows: the event, the product, the quantity."""
    shown = walked.of("begin_checkout", "add_shipping_info", "add_payment_info", "purchase")
    event = np.flatnonzero(shown)
    place = np.zeros(len(event), dtype=np.int64)
    bought = walked.order[event] >= 0
    place[bought] = plan.orders.place[walked.order[event][bought]]
    lines = shelf.lines(walked.key[event], place)
    line = np.arange(int(lines.sum())) - np.repeat(np.cumsum(lines) - lines, lines)
    event, place = np.repeat(event, lines), np.repeat(place, lines)
    product, quantity = shelf.line(walked.key[event], place, line)
    return event, product, quantity
