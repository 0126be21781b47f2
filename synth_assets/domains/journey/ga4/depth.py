"""What a session holds: how likely each kind of event is in it, and how many there are.

A session has a depth, a number between 0 and 1. The deeper, the likelier it has a scroll or a
search, and the more of everything it has. Means are solved from the sample's totals, and follow
the calendar's events a day. All that decides a count is a whole number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.calendar import KINDS, Curve, by_kind, events, number_of
from synth_assets.domains.journey.ga4.even import Flags, Numbers
from synth_assets.domains.journey.ga4.sample import DAYS, FUNNEL, NAMES, SESSIONS, TYPES, WITH_CART
from synth_assets.domains.journey.scenario import FIRST_DAY, JourneyScenario
from synth_assets.randomness.permutations import Words
from synth_assets.randomness.random_arrays import TOP_LANE, lane

# Probabilities are fractions of 2**16, means of 2**12.
SURE, UNIT = 1 << 16, 1 << 12
# Most events of a kind in a session.
MOST = 150
# How many times the mean the deepest session has.
DEEPEST = 5.0
# How much likelier a deep session has an event.
PULL = 0.7
# Share of sessions of each kind that have an event of a name. Sessions are not in the audits,
# users are: these shares give the users that the sample has.
HAVE: dict[str, tuple[float, float, float, float, float]] = {
    "page_view": (0.994, 0.996, 0.999, 0.999, 0.999),
    "user_engagement": (0.700, 0.960, 1.0, 1.0, 1.0),
    "scroll": (0.395, 0.690, 0.900, 0.920, 0.950),
    "view_promotion": (0.308, 0.411, 0.462, 0.462, 0.462),
    "view_search_results": (0.030, 0.080, 0.120, 0.120, 0.120),
    "view_item_list": (0.0001, 0.0002, 0.0002, 0.0002, 0.0002),
    "select_item": (0.0, 0.1715, 0.235, 0.253, 0.271),
    "view_item": (0.0, 1.0, 1.0, 1.0, 1.0),
    "begin_checkout": (0.0, 0.0, 1.0, 1.0, 1.0),
    "add_shipping_info": (0.0, 0.0, 1.0, 1.0, 1.0),
    "add_payment_info": (0.0, 0.0, 0.0, 1.0, 1.0),
    "click": (0.0025, 0.0040, 0.0050, 0.0050, 0.0050),
}
# Of the sessions that see a promotion, the share that follows one.
FOLLOW_PROMOTION, TWICE = 0.0692, 0.14
NO_SESSION_START = 1 - NAMES["session_start"][0] / SESSIONS
# On the first day many sessions had begun the day before, and only go on.
NO_PAGE_VIEW_AT_FIRST = 0.03
# Of sessions that view an item and of those that check out, the share with a cart.
# Some who only view an item have a cart by habit (see ``plan``), the rest by this share.
_CARTS = (
    0.908
    * (WITH_CART["add_to_cart"] - WITH_CART["begin_checkout"])
    / (FUNNEL["view_item"] - FUNNEL["begin_checkout"])
)
_CHECKED = (WITH_CART["begin_checkout"] - WITH_CART["purchase"]) / (
    FUNNEL["begin_checkout"] - FUNNEL["purchase"]
)
_BOUGHT = WITH_CART["purchase"] / FUNNEL["purchase"]
# Events of these names make a deep day deep; kinds of sessions differ in how many they have.
BROWSING = ("page_view", "user_engagement", "scroll", "view_item")
MORE_OF: dict[str, tuple[float, ...]] = {
    "page_view": (1.0, 3.2, 6.5, 8.0, 9.5),
    "user_engagement": (1.0, 3.0, 6.0, 7.5, 9.0),
    "scroll": (1.0, 1.8, 2.6, 3.0, 3.4),
    "view_item": (0.0, 1.0, 1.6, 1.9, 2.2),
}
ALIKE = (1.0,) * len(KINDS)
# Days on which the shop's add_to_cart was hardly, or not at all, sent.
UNRELIABLE, ABSENT = range(15), range(20, 24)
UNRELIABLE_SHARE = 0.3


@dataclass(frozen=True)
class Depths:
    """For each name: by kind of session and day, how likely, and how many more than one."""

    likely: dict[str, Numbers]
    more: dict[str, Numbers]

    def has(self, name: str, kind: Numbers, day: Numbers, depth: Numbers, bits: Words) -> Flags:
        """Whether each session has an event of a name; ``depth`` is of 16 bits."""
        likely = self.likely[name][kind, day]
        pull = (np.minimum(likely, SURE - likely) * (2 * depth - SURE) * int(PULL * UNIT)) >> 28
        found: Flags = lane(bits, TOP_LANE) < likely + pull
        return found

    def many(self, name: str, kind: Numbers, day: Numbers, depth: Numbers, bits: Words) -> Numbers:
        """How many events of a name a session has that has any."""
        further = (self.more[name][kind, day] * _deepening()[kind, depth]) >> 12
        count: Numbers = np.minimum(1 + ((further + (lane(bits, TOP_LANE) >> 4)) >> 12), MOST)
        return count


@cache
def _deepening() -> Numbers:
    """How many times the mean a session of each kind and depth has: few have very many.

    Those who check out know what they want, and differ less.
    """
    unit = (np.arange(SURE) + 0.5) / SURE
    times = np.minimum(-np.log1p(-unit), DEEPEST)
    times /= times.mean()
    calm = (1 + times) / 2
    table: Numbers = np.rint(np.array([times, times, calm, calm, calm]) * UNIT).astype(np.int64)
    return table


def _cart_days(scenario: JourneyScenario) -> Curve:
    days = np.ones(DAYS)
    if scenario.missing_carts:
        days[UNRELIABLE] = UNRELIABLE_SHARE
        days[ABSENT] = 0.0
    return days


def _likely(scenario: JourneyScenario, sizes: Curve) -> dict[str, Curve]:
    """How likely each name is, by kind and day."""
    likely = {n: np.repeat(np.array([s]).T, DAYS, axis=1) for n, s in HAVE.items()}
    if scenario.missing_page_views:
        likely["page_view"][:, number_of(FIRST_DAY)] = 1 - NO_PAGE_VIEW_AT_FIRST
    else:
        likely["page_view"][:] = 1.0
    days = _cart_days(scenario)
    often = _CARTS, _CHECKED, _CHECKED, _BOUGHT
    if not scenario.missing_carts:
        often = _CARTS, 1.0, 1.0, 1.0
    lost = (sizes * days).sum(axis=1) / sizes.sum(axis=1)
    shares = np.array([0.0, *often]) / lost
    likely["add_to_cart"] = np.minimum(shares[:, None] * days, 1.0)
    return likely


def _expected(name: str, likely: Curve, more: Curve) -> Curve:
    """Mean events of a session, where it is likely to have one and has so many more."""
    # The deep ones both have it more often and have more of it.
    pulled = likely + 0.5 * PULL * np.minimum(likely, 1 - likely)
    return likely + pulled * more


def _weights(name: str) -> Curve:
    return np.array([MORE_OF.get(name, ALIKE)]).T * np.ones(DAYS)


@cache
def depths(scenario: JourneyScenario) -> Depths:
    """The depths that give the sample's totals."""
    curves = by_kind()
    sizes = np.array([curves[kind] for kind in KINDS])
    likely = _likely(scenario, sizes)
    # Without defects there is more of what they take away; means stay as they are with them.
    usual = _likely(JourneyScenario(), sizes)
    names = [name for name in TYPES if name in likely]
    more = {name: _weights(name) for name in names}
    lively = np.ones(DAYS)
    for _ in range(12):
        for name in names:
            shape = _weights(name) * (lively if name in BROWSING else 1.0)
            once = (sizes * usual[name]).sum()
            further = (sizes * (_expected(name, usual[name], shape) - usual[name])).sum()
            more[name] = shape * max(NAMES[name][0] - once, 0.0) / further
        lively *= _correction(sizes, usual, more, names)
    fixed = {n: np.rint(p * SURE).astype(np.int64) for n, p in likely.items()}
    return Depths(fixed, {n: np.rint(m * UNIT).astype(np.int64) for n, m in more.items()})


def _correction(
    sizes: Curve, likely: dict[str, Curve], more: dict[str, Curve], names: list[str]
) -> Curve:
    """By how much each day's browsing has to change for the day to have its events."""
    once = sum((sizes * likely[name]).sum(axis=0) for name in BROWSING)
    by_name = {n: (sizes * _expected(n, likely[n], more[n])).sum(axis=0) for n in names}
    browsing = sum(by_name[name] for name in BROWSING) - once
    others = sum(by_name[name] for name in names if name not in BROWSING)
    others = others + _besides(sizes)
    wanted: npt.NDArray[np.float64] = (events() - others - once) / browsing
    return np.maximum(wanted, 0.2)


def _besides(sizes: Curve) -> Curve:
    """Events that are counted elsewhere: beginnings, first visits, purchases, promotions."""
    every, bought = sizes.sum(axis=0), sizes[KINDS.index("purchase")]
    of_all = sum(NAMES[n][0] for n in ("session_start", "first_visit", "select_promotion"))
    of_buyers = NAMES["purchase"][0] / FUNNEL["purchase"]
    besides: Curve = every * of_all / SESSIONS + bought * of_buyers
    return besides
