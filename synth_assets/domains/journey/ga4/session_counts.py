"""How many events of each name each session has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.event_counts import (
    FOLLOW_PROMOTION,
    NO_SESSION_START,
    TWICE,
    event_counts,
)
from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers, low_discrepancy
from synth_assets.domains.journey.ga4.sample import LOGIN, SIGN_UP, TYPE, TYPES, VIEW_CART
from synth_assets.domains.journey.ga4.sessions import Sessions, index_in_run
from synth_assets.domains.journey.scenario import SCHEMA_2025, JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, lane, random_bits

# Share of returns in which a visitor has a cart exactly if the first session has one.
HABIT = 0.55


def session_counts(
    scenario: JourneyScenario, sessions: Sessions, visitor: Numbers, rank: Numbers, is_new: Flags
) -> npt.NDArray[np.int16]:
    """Events of each name in each session, except purchases (0).

    Args:
        scenario: Size and defects.
        sessions: All sessions.
        visitor: Visitor of each session.
        rank: Index among the visitor's sessions.
        is_new: Whether each session is the first of a visitor without earlier visits.

    Returns:
        One row for each session, one column for each name (``sample.TYPES``).
    """
    known, draw = event_counts(scenario, sessions.period), sessions.draw.substream("count")
    place = index_in_run(sessions.kind)
    depth = lane(low_discrepancy(place, 0, draw.substream("depth")), TOP_LANE)
    counts = np.zeros((len(sessions.key), len(TYPES)), dtype=np.int16)
    for name in known.probability:
        # Whether there is an event is spread evenly; only the rounding of fractions is random.
        bits = low_discrepancy(place, 1 + TYPE[name] % 7, draw.substream(name))
        has = known.has(name, sessions.kind, sessions.day, depth, bits)
        if name == "add_to_cart":
            possible = known.probability[name][sessions.kind, sessions.day] > 0
            has = _with_habit(sessions, has, visitor) & possible
        rounding = random_bits(draw.substream(name, "rounding"), sessions.key)
        many = known.count(name, sessions.kind, sessions.day, depth, rounding)
        counts[:, TYPE[name]] = has * many
    follow = lane(sessions.bits("follow"), TOP_LANE) < FOLLOW_PROMOTION * 65536
    seen = counts[:, TYPE["view_promotion"]] > 0
    twice = lane(sessions.bits("follow"), 2) < TWICE * 65536
    counts[:, TYPE["select_promotion"]] = (seen & follow) * (1 + twice)
    counts[:, TYPE["first_visit"]] = is_new
    begun = counts[:, TYPE["page_view"]] == 0
    if scenario.missing_session_starts:
        kept = low_discrepancy(place, 7, draw.substream("session_start"))
        begun = begun | (lane(kept, TOP_LANE) >= NO_SESSION_START * 65536)
    else:
        begun = np.ones_like(begun)
    counts[:, TYPE["session_start"]] = begun
    if scenario.export_schema == SCHEMA_2025:
        _add_custom_events(scenario, sessions, visitor, rank, counts)
    return counts


def _add_custom_events(
    scenario: JourneyScenario, sessions: Sessions, visitor: Numbers, rank: Numbers,
    counts: npt.NDArray[np.int16],
) -> None:  # fmt: skip
    """Logins, sign-ups and views of the cart, all in the checkout."""
    checks = counts[:, TYPE["begin_checkout"]] > 0
    of_visitor = random_bits(sessions.draw.substream("account"), visitor)
    member = lane(of_visitor, TOP_LANE) < scenario.member_share * 65536
    signs_up = ~member & (lane(of_visitor, 2) < scenario.checkout_signup_share * 65536)
    # The first checkout of each visitor.
    first = np.full(int(visitor.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, visitor[checks], rank[checks])
    is_first = first[visitor] == rank
    counts[:, TYPE[SIGN_UP]] = checks & signs_up & is_first
    counts[:, TYPE[LOGIN]] = checks & (member | (signs_up & ~is_first))
    counts[:, TYPE[VIEW_CART]] = checks & (counts[:, TYPE["add_to_cart"]] > 0)


def _with_habit(sessions: Sessions, has: Flags, visitor: Numbers) -> Flags:
    """Replaces the flag of some returns by that of the visitor's first session."""
    own = np.zeros(int(sessions.users.sum()), dtype=bool)
    own[visitor[sessions.first]] = has[sessions.first]
    kept = sessions.first | (lane(sessions.bits("habit"), TOP_LANE) >= HABIT * 65536)
    return np.where(kept, has, own[visitor])
