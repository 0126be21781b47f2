"""The distribution of event counts: how likely a session has events of a name, and how many.

A session has a depth between 0 and 1. A deeper session is more likely to have events such as a
scroll or a search, and has more events of every name. Means are solved from the sample's totals and
follow the calendar's events per day. Counts are computed from whole numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.calendar import KINDS, Curve, by_kind, day_number, events
from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers
from synth_assets.domains.journey.ga4.periods import Period
from synth_assets.domains.journey.ga4.sample import DAYS, FUNNEL, NAMES, SESSIONS, TYPES, WITH_CART
from synth_assets.domains.journey.scenario import FIRST_DAY, JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, lane
from synth_assets.randomness.splitmix64 import Words

# Probabilities are fractions of 2**16, means of 2**12.
SURE, UNIT = 1 << 16, 1 << 12
# Most events of a name in a session.
MOST = 150
# Ratio of the deepest session's extra events to the mean, before normalization.
MAX_SKEW = 5.0
# Strength of the correlation between depth and the probability of an event.
CORRELATION = 0.7
# Share of sessions of each kind that have an event of a name. The audits have no such shares; these
# reproduce the sample's users with an event of that name.
SHARES: dict[str, tuple[float, float, float, float, float]] = {
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
# Share of sessions with a viewed promotion that select one, and of those that do so twice.
FOLLOW_PROMOTION, TWICE = 0.0692, 0.14
NO_SESSION_START = 1 - NAMES["session_start"][0] / SESSIONS
# Some sessions of the first day began on the day before and have no page view.
NO_PAGE_VIEW_AT_FIRST = 0.03
# Share of sessions with a cart, among those that view an item, check out, and buy. Some sessions
# have a cart by habit (see ``session_counts``), which the factor takes into account.
_CARTS = (
    0.908
    * (WITH_CART["add_to_cart"] - WITH_CART["begin_checkout"])
    / (FUNNEL["view_item"] - FUNNEL["begin_checkout"])
)
_CHECKED = (WITH_CART["begin_checkout"] - WITH_CART["purchase"]) / (
    FUNNEL["begin_checkout"] - FUNNEL["purchase"]
)
_BOUGHT = WITH_CART["purchase"] / FUNNEL["purchase"]
# Names with counts that vary by day, and weights of the extra events by kind of session.
BROWSING = ("page_view", "user_engagement", "scroll", "view_item")
EXTRA_WEIGHTS: dict[str, tuple[float, ...]] = {
    "page_view": (1.0, 3.2, 6.5, 8.0, 9.5),
    "user_engagement": (1.0, 3.0, 6.0, 7.5, 9.0),
    "scroll": (1.0, 1.8, 2.6, 3.0, 3.4),
    "view_item": (0.0, 1.0, 1.6, 1.9, 2.2),
}
EQUAL_WEIGHTS = (1.0,) * len(KINDS)
# Days on which few, or no, add_to_cart events were sent, and the share that was sent.
CARTS_RARE, CARTS_ABSENT = range(15), range(20, 24)
CARTS_RARE_SHARE = 0.3


@dataclass(frozen=True)
class EventCounts:
    """By name, for each kind of session and day: probability, and mean of the events after one."""

    probability: dict[str, Numbers]
    extra_mean: dict[str, Numbers]

    def has(self, name: str, kind: Numbers, day: Numbers, depth: Numbers, bits: Words) -> Flags:
        """Whether each session has events of a name.

        Args:
            name: Name of the events.
            kind: Kind of each session (index).
            day: Day of each session.
            depth: Depth of each session, 16 bits.
            bits: Random bits of each session.
        """
        likely = self.probability[name][kind, day]
        pull = (
            np.minimum(likely, SURE - likely) * (2 * depth - SURE) * int(CORRELATION * UNIT)
        ) >> 28
        found: Flags = lane(bits, TOP_LANE) < likely + pull
        return found

    def count(self, name: str, kind: Numbers, day: Numbers, depth: Numbers, bits: Words) -> Numbers:
        """Number of events of a name in each session that has any.

        Args:
            name: Name of the events.
            kind: Kind of each session (index).
            day: Day of each session.
            depth: Depth of each session, 16 bits.
            bits: Random bits of each session, for rounding.
        """
        further = (self.extra_mean[name][kind, day] * _skew_curve()[kind, depth]) >> 12
        count: Numbers = np.minimum(1 + ((further + (lane(bits, TOP_LANE) >> 4)) >> 12), MOST)
        return count


@cache
def _skew_curve() -> Numbers:
    """Ratio of extra events to their mean, by kind and depth of a session: an exponential curve.

    Sessions that check out vary less.
    """
    unit = (np.arange(SURE) + 0.5) / SURE
    times = np.minimum(-np.log1p(-unit), MAX_SKEW)
    times /= times.mean()
    calm = (1 + times) / 2
    table: Numbers = np.rint(np.array([times, times, calm, calm, calm]) * UNIT).astype(np.int64)
    return table


def _cart_days(scenario: JourneyScenario) -> Curve:
    days = np.ones(DAYS)
    if scenario.missing_carts:
        days[CARTS_RARE] = CARTS_RARE_SHARE
        days[CARTS_ABSENT] = 0.0
    return days


def _likely(scenario: JourneyScenario, sizes: Curve) -> dict[str, Curve]:
    """Probability of each name, by kind and day."""
    likely = {n: np.repeat(np.array([s]).T, DAYS, axis=1) for n, s in SHARES.items()}
    if scenario.missing_page_views:
        likely["page_view"][:, day_number(FIRST_DAY)] = 1 - NO_PAGE_VIEW_AT_FIRST
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


def _expected(likely: Curve, more: Curve) -> Curve:
    """Mean events of a session, from probability and extra mean."""
    # Deep sessions both have events more often and have more of them.
    pulled = likely + 0.5 * CORRELATION * np.minimum(likely, 1 - likely)
    return likely + pulled * more


def _weights(name: str) -> Curve:
    return np.array([EXTRA_WEIGHTS.get(name, EQUAL_WEIGHTS)]).T * np.ones(DAYS)


@cache
def event_counts(scenario: JourneyScenario, period: Period) -> EventCounts:
    """The event counts that reproduce the sample's totals; other periods have its averages.

    Args:
        scenario: The defects that remove events.
        period: The period.
    """
    known = _of_sample(scenario)
    if period.of_sample:
        return known
    curves = by_kind()
    sizes = np.array([curves[kind] for kind in KINDS])

    def average(of_day: Numbers) -> Numbers:
        mean = (of_day * sizes).sum(axis=1) / sizes.sum(axis=1)
        return np.repeat(np.rint(mean).astype(np.int64)[:, None], period.days, axis=1)

    return EventCounts(
        {name: average(values) for name, values in known.probability.items()},
        {name: average(values) for name, values in known.extra_mean.items()},
    )


@cache
def _of_sample(scenario: JourneyScenario) -> EventCounts:
    curves = by_kind()
    sizes = np.array([curves[kind] for kind in KINDS])
    likely = _likely(scenario, sizes)
    # Means are those with all defects; a scenario with fewer defects has more events.
    usual = _likely(JourneyScenario(), sizes)
    names = [name for name in TYPES if name in likely]
    more = {name: _weights(name) for name in names}
    lively = np.ones(DAYS)
    for _ in range(12):
        for name in names:
            shape = _weights(name) * (lively if name in BROWSING else 1.0)
            once = (sizes * usual[name]).sum()
            further = (sizes * (_expected(usual[name], shape) - usual[name])).sum()
            more[name] = shape * max(NAMES[name][0] - once, 0.0) / further
        lively *= _browsing_factor(sizes, usual, more, names)
    fixed = {n: np.rint(p * SURE).astype(np.int64) for n, p in likely.items()}
    return EventCounts(fixed, {n: np.rint(m * UNIT).astype(np.int64) for n, m in more.items()})


def _browsing_factor(
    sizes: Curve, likely: dict[str, Curve], more: dict[str, Curve], names: list[str]
) -> Curve:
    """Factor on each day's browsing events with which the day has the calendar's events."""
    once = sum((sizes * likely[name]).sum(axis=0) for name in BROWSING)
    by_name = {n: (sizes * _expected(likely[n], more[n])).sum(axis=0) for n in names}
    browsing = sum(by_name[name] for name in BROWSING) - once
    others = sum(by_name[name] for name in names if name not in BROWSING)
    others = others + _other_events(sizes)
    factor: npt.NDArray[np.float64] = (events() - others - once) / browsing
    return np.maximum(factor, 0.2)


def _other_events(sizes: Curve) -> Curve:
    """Mean of other events: session starts, first visits, purchases, selected promotions."""
    every, bought = sizes.sum(axis=0), sizes[KINDS.index("purchase")]
    of_all = sum(NAMES[n][0] for n in ("session_start", "first_visit", "select_promotion"))
    of_buyers = NAMES["purchase"][0] / FUNNEL["purchase"]
    events_of_day: Curve = every * of_all / SESSIONS + bought * of_buyers
    return events_of_day
