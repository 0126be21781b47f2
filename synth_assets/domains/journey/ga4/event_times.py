"""Times of events, and how long their pages were in view.

The pause before an event depends on what it is. What a page sends when it is loaded comes within
about a second. What the visitor does comes after a pause with a Weibull distribution of a shape
below one: most are short, some take many minutes. C. Liu, R. W. White and S. Dumais, Understanding
Web Browsing Behaviors through Weibull Analysis of Dwell Time (SIGIR 2010), find this shape for the
time that people stay on a page. No pause within a session reaches half an hour, since GA4 then
begins another session.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers
from synth_assets.domains.journey.ga4.sample import TYPE, TYPES
from synth_assets.domains.journey.model import Model
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import lane
from synth_assets.randomness.streams import LANE_VALUES

# Milliseconds of a technical pause: shortest, and the longest difference from it.
QUICK, QUICK_SPAN = 60, 1_400
# Shortest pause of a visitor, and longest one within a session, milliseconds.
SHORTEST_PAUSE, LONGEST_PAUSE = 700, 29 * 60 * 1_000
# Events after which the next page is loaded at once.
LEAVING = np.isin(TYPES, ("user_engagement", "select_item", "select_promotion", "click"))
OPENING = np.isin(TYPES, ("session_start", "first_visit", "page_view"))
PAGE_VIEW, PROMOTION = TYPE["page_view"], TYPE["view_promotion"]


@dataclass(frozen=True)
class Opening:
    """What decides the pause before an event, by event.

    ``begins`` is whether it is the session's first, ``loaded`` whether a page sends it when loaded.
    """

    begins: Flags
    name: Numbers
    nth: Numbers
    loaded: Flags


@cache
def pauses(scale: float, shape: float) -> Numbers:
    """Quantiles of the visitors' pauses, milliseconds.

    Args:
        scale: Scale of the Weibull distribution, seconds.
        shape: Its shape.
    """
    unit = (np.arange(LANE_VALUES) + 0.5) / LANE_VALUES
    found = SHORTEST_PAUSE + 1_000 * scale * (-np.log1p(-unit)) ** (1 / shape)
    table: Numbers = np.rint(np.minimum(found, LONGEST_PAUSE)).astype(np.int64)
    return table


def event_times(
    scenario: JourneyScenario, model: Model, session: Numbers, opening: Opening,
    bits: npt.NDArray[np.uint64],
) -> Numbers:  # fmt: skip
    """Times of events, microseconds since 1970.

    Args:
        scenario: Distribution of the pauses.
        model: All sessions.
        session: Session of each event, a row of the model.
        opening: What decides the pauses.
        bits: Random bits of each event.
    """
    begins, name = opening.begins, opening.name
    left = np.append(False, LEAVING[name[:-1]])[: len(name)] & ~begins
    quick = opening.loaded | (name == PROMOTION) | ((name == PAGE_VIEW) & left)
    table = pauses(scenario.pause_scale_seconds, scenario.pause_shape)
    pause = np.where(quick, QUICK + (QUICK_SPAN * lane(bits, 2) >> 16), table[lane(bits, 2)])
    pause = np.where(begins | (OPENING[name] & (opening.nth == 0)), 0, pause)
    start_of = np.flatnonzero(begins)
    sizes = np.diff(np.append(start_of, len(pause)))
    passed = np.cumsum(pause)
    passed -= np.repeat(passed[start_of], sizes)
    took = np.repeat(passed[start_of + sizes - 1], sizes)
    # A session that would last too long goes faster.
    most = model.max_duration[session]
    passed = np.where(took > most, passed * most // np.maximum(took, 1), passed)
    found: Numbers = (model.start[session] + passed) * 1000 + model.key[session] % 1000
    return found


def engagement(
    at: Numbers, begins: Flags, measured: Flags, share: Numbers
) -> tuple[Numbers, Numbers]:
    """Milliseconds for which the page was in view since the last event that reported it.

    Args:
        at: Times, microseconds.
        begins: Whether each event is the first of its session.
        measured: Whether each event tells of the time.
        share: Share of the time in view, of 2**16.

    Returns:
        The milliseconds of each event, 0 where it tells nothing, and their sum in the session so
        far.
    """
    index = np.arange(len(at))
    known = np.maximum.accumulate(np.where(measured | begins, index, 0))
    before = np.where(begins, index, np.append(0, known[:-1])[: len(at)])
    spent = np.where(measured, ((at - at[before]) // 1_000) * share >> 16, 0)
    running = np.cumsum(spent)
    start_of = np.flatnonzero(begins)
    sizes = np.diff(np.append(start_of, len(at)))
    so_far = running - np.repeat((running - spent)[start_of], sizes)
    return spent, so_far
