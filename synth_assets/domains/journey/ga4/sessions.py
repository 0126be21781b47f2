"""Sessions: the visitor, time and id of each of them.

- Each kind of session (``calendar.KINDS``) has a number of sessions on each day. A fixed share of
  them are the *first* of a visitor; the visitor's tier is the kind of this session, and no other
  session of the visitor gets further.
- The other sessions are *returns*: of a visitor with a first session some days away and a tier
  that is at least the session's kind.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.calendar import KINDS
from synth_assets.domains.journey.ga4.low_discrepancy import (
    Numbers,
    categorical,
    low_discrepancy,
)
from synth_assets.domains.journey.ga4.periods import KEYS, Period, by_kind
from synth_assets.domains.journey.ga4.sample import (
    FUNNEL,
    NAMES,
    SESSION_IDS,
    SESSIONS,
    USERS,
)
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.lookup import offsets
from synth_assets.randomness.random_arrays import TOP_LANE, high32, lane, random_bits, scale_to
from synth_assets.randomness.run_lengths import share_of, whole_steps
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, HOUR, since_epoch

# Users by step that they reach, and users by tier (the furthest step); sessions likewise.
REACHED = [USERS] + [NAMES[n][1] for n in (*list(FUNNEL)[:-1], "purchase")]
TIERS = [here - further for here, further in zip(REACHED, [*REACHED[1:], 0], strict=True)]
IN_ALL = [SESSIONS, *FUNNEL.values()]
OF_KIND = [here - further for here, further in zip(IN_ALL, [*IN_ALL[1:], 0], strict=True)]
FIRST_SHARE = [users / sessions for users, sessions in zip(TIERS, OF_KIND, strict=True)]

# Shares of the visitors' tiers, for returns of each kind.
RETURNING = (
    (0.55, 0.35, 0.040, 0.015, 0.045),
    (0.00, 0.70, 0.100, 0.040, 0.160),
    (0.00, 0.00, 0.500, 0.200, 0.300),
    (0.00, 0.00, 0.000, 0.400, 0.600),
    (0.00, 0.00, 0.000, 0.000, 1.000),
)
# Weights of the days between a return and the visitor's first session of the tier (0, 1, ...), and
# share of less deep returns that precede it, since people look before they buy.
GAPS = (0.15, 0.15, 0.10, 0.08, 0.06, 0.05, 0.05, 0.05, 0.03, 0.03, 0.025, 0.025, 0.02, 0.02,
        *(0.16 / 32,) * 32)  # fmt: skip
BEFORE = 0.7
# Share of visitors who return.
LOYAL = 0.22
# Share of visitors with visits before the sample, and their maximum number.
OLD, OLD_VISITS = 1 - NAMES["first_visit"][1] / USERS, 12
# Sessions by hour of the day (UTC; most visitors are in America).
HOURS = (5, 4.6, 4.2, 4, 3.6, 3.2, 2.8, 2.6, 2.6, 2.8, 3, 3.2, 3.6, 4.2, 4.8, 5.2, 5.6, 5.8, 6,
         6, 5.8, 5.6, 5.4, 5.2)  # fmt: skip
# Longest session, pause after which GA4 begins another one, and longest part of a visit before such
# a pause, seconds.
LONGEST, TIMEOUT, BEFORE_PAUSE = 2 * HOUR, HOUR // 2, HOUR // 4
# GA4's session ids have up to ten digits.
FIRST_ID, IDS = 10**9, 9 * 10**9 - 67


class Sessions:
    """All sessions of a period, ordered by kind and day; each step computes a value for each.

    ``index`` counts the sessions, ``key`` identifies a session in random streams, ``first`` is
    whether it is a visitor's first.
    """

    def __init__(self, scenario: JourneyScenario, period: Period) -> None:
        self.scenario, self.period = scenario, period
        self.draw = RandomStream(scenario.seed, "journey", "events", f"{period.first}")
        sizes = [whole_steps(curve * scenario.scale) for curve in by_kind(period, scenario)]
        firsts = [share_of(n, share) for n, share in zip(sizes, FIRST_SHARE, strict=True)]
        self.sizes, self.firsts = np.array(sizes), np.array(firsts)
        self.users = self.firsts.sum(axis=1)
        self.kind = np.repeat(np.arange(len(KINDS)), self.sizes.sum(axis=1))
        self.day = np.concatenate([np.repeat(np.arange(period.days), n) for n in self.sizes])
        self.index = np.arange(len(self.kind), dtype=np.int64)
        self.key = self.index + period.number * KEYS
        self.first = index_in_run(self.kind * period.days + self.day) < np.repeat(
            self.firsts.ravel(), self.sizes.ravel()
        )
        self.first_of_tier = np.array(offsets(self.users.tolist()))

    def bits(self, name: str) -> npt.NDArray[np.uint64]:
        """64 random bits for every session.

        Args:
            name: Name of the random stream.
        """
        return random_bits(self.draw.substream(name), self.key)

    def visitors(self) -> Numbers:
        """The visitor of each session."""
        first = self.first
        visitor = np.empty(len(self.index), dtype=np.int64)
        visitor[first] = np.arange(int(self.users.sum()))
        returns = ~first
        tier = np.zeros(len(self.key), dtype=np.int64)
        draw = self.draw.substream("tier")
        for kind, weights in enumerate(RETURNING):
            here = returns & (self.kind == kind)
            there = tuple(w if n else 0.0 for w, n in zip(weights, self.users, strict=True))
            known = there if any(there) else (1.0, 0.0, 0.0, 0.0, 0.0)
            tier[here] = categorical(low_discrepancy(np.arange(here.sum()), kind, draw), known)
        visitor[returns] = self._returning(self.index[returns], tier[returns])
        return visitor

    def _returning(self, index: Numbers, tier: Numbers) -> Numbers:
        """Visitors of these tiers with a first session some days away."""
        bits = random_bits(self.draw.substream("gap"), index)
        gap = categorical(bits, GAPS)
        earlier = (tier > self.kind[index]) & (lane(bits, 2) < BEFORE * 65536)
        away = np.where(earlier, gap, -gap)
        day = self.day[index] + away
        last_day = self.period.days - 1
        day = np.where((day < 0) | (day > last_day), self.day[index] - away, day)
        day = np.clip(day, 0, last_day)
        before = np.concatenate(
            [np.zeros((len(KINDS), 1), dtype=np.int64), np.cumsum(self.firsts, axis=1)], axis=1
        )
        loyal = np.maximum((self.firsts * LOYAL).astype(np.int64), 1)
        which = before[tier, day] + scale_to(
            high32(random_bits(self.draw.substream("visitor"), index)), loyal[tier, day], 32
        )
        # If no visitor has a first session on that day, use one of another day.
        last: Numbers = np.maximum(self.users[tier] - 1, 0)
        found: Numbers = self.first_of_tier[tier] + np.minimum(which, last)
        return found

    def times(self, visitor: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """The time of each session.

        Args:
            visitor: Visitor of each session.

        Returns:
            Index among the visitor's sessions, start (milliseconds since 1970), and longest
            duration (milliseconds).
        """
        order = np.lexsort((self.bits("turn"), self.day, visitor))
        rank, second, longest = (np.empty_like(visitor) for _ in range(3))
        rank[order] = index_in_run(visitor[order])
        day_order = self._within_day(visitor[order] * self.period.days + self.day[order], order)
        second[order], longest[order] = day_order
        midnight = since_epoch(self.period.first) + self.day * DAY
        start = (midnight + second) * 1000 + lane(self.bits("time"), 1) % 1000
        return rank, start, longest * 1000 - 1000

    def _within_day(self, of_day: Numbers, order: Numbers) -> tuple[Numbers, Numbers]:
        """Second of the day and longest duration of sessions, ordered by visitor, day and turn.

        The sessions of a day follow one another. Some are one visit that GA4 has split, since
        nothing happened for half an hour.

        Args:
            of_day: Number of each session's visitor and day.
            order: The sessions in this order.
        """
        turn = index_in_run(of_day)
        last = np.append(turn[1:] == 0, True)[: len(turn)]
        on_day = np.repeat(turn[last] + 1, turn[last] + 1)
        bits, more = self.bits("time")[order], self.bits("second")[order]
        alone = categorical(bits, HOURS) * HOUR + scale_to(high32(more), HOUR, 32)
        goes_on = lane(more, 1) < self.scenario.timeout_share * 65536
        longest = np.where(on_day == 1, LONGEST, np.where(goes_on, BEFORE_PAUSE, HOUR))
        pause = TIMEOUT + np.where(
            goes_on, lane(bits, 0) * BEFORE_PAUSE >> 17, lane(bits, 0) * lane(bits, 2) >> 18
        )
        slot = np.where(last, longest, longest + pause)
        ends = np.cumsum(slot)
        begins = turn == 0
        offset = ends - slot - np.repeat((ends - slot)[begins], on_day[begins])
        whole = np.repeat((offset + slot)[last], on_day[begins])
        second = alone[begins].repeat(on_day[begins]) * np.maximum(DAY - whole, 1) // DAY + offset
        # A day with too many sessions is divided evenly.
        band = DAY // on_day
        crowded = (whole > DAY * 9 // 10) & (on_day > 1)
        second = np.where(crowded, turn * band, second)
        longest = np.where(crowded, np.maximum(band - TIMEOUT, band // 2), longest)
        second = np.where(on_day == 1, np.minimum(alone, DAY - TIMEOUT), second)
        return second, np.minimum(longest, DAY - 1 - second)

    def earlier_visits(self) -> Numbers:
        """Visits of each visitor before the sample begins."""
        number = np.arange(int(self.users.sum()))
        bits = low_discrepancy(number, 0, self.draw.substream("old"))
        times = (
            scale_to(high32(random_bits(self.draw.substream("times"), number)), OLD_VISITS, 32) + 1
        )
        return np.where(lane(bits, TOP_LANE) < OLD * 65536, times, 0)

    def ids(self, visitor: Numbers) -> Numbers:
        """GA4's id of each session; some are shared by two users.

        Args:
            visitor: Visitor of each session.
        """
        source = self.index.copy()
        if self.scenario.colliding_sessions:
            share = 1 - SESSION_IDS / SESSIONS
            hit = lane(self.bits("collision"), TOP_LANE) < share * 65536
            # Fraction of the ids that may be reused, which gives the sample's shared ids.
            among = max(int(len(self.key) * 0.229), 1)
            other = scale_to(high32(self.bits("other")), among, 32) * 4 % len(self.key)
            hit &= ~hit[other] & (visitor[other] != visitor)
            source = np.where(hit, other, source)
            pair = visitor * len(self.key) + source
            _, place = np.unique(pair, return_index=True)
            own = np.ones(len(self.key), dtype=bool)
            own[place] = False
            source = np.where(own, self.index, source)
        return FIRST_ID + (source * 5_561_860_931 + 1_402_657_981) % IDS


def index_in_run(group: Numbers) -> Numbers:
    """The index of each element within its run of equal values.

    Args:
        group: Values, where equal ones are adjacent.
    """
    begins = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    sizes = np.diff(np.append(begins, len(group)))
    return np.arange(len(group)) - np.repeat(begins, sizes)
