"""The plan of all sessions: whose they are, when, how far they get, and how many events they have.

A visitor is one person over time, and whoever comes back has to be known to have been there
before. Sessions are therefore laid out for all of the sample's days at once, as some whole
numbers each, by the seed and the scale alone; which days are kept does not matter. A session's
events are then a function of its row of the plan, and a day is a range of it.

- Each kind of session (``calendar.KINDS``) has so many on each day; which of them are *first* of
  its kind is a fixed share. A first session stands for a visitor of that tier: the tier is the
  furthest that any session of the visitor gets.
- The other sessions are *returns*: of a visitor whose first session is some days away, and whose
  tier is at least the session's kind.
- What a session holds is dealt out evenly within its kind (``even``), so that totals are the
  sample's at any scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.calendar import KINDS, by_kind, day_of
from synth_assets.domains.journey.ga4.catalog import Shelf
from synth_assets.domains.journey.ga4.depth import FOLLOW_PROMOTION, NO_SESSION_START, TWICE, depths
from synth_assets.domains.journey.ga4.even import Flags, Numbers, even, lots
from synth_assets.domains.journey.ga4.sample import (
    DAYS,
    FUNNEL,
    NAMES,
    SESSION_IDS,
    SESSIONS,
    TYPE,
    TYPES,
    USERS,
)
from synth_assets.domains.journey.ga4.transactions import Orders, plan_orders
from synth_assets.domains.journey.ga4.visitors import channel_of, device_of, place_of
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.lookup import offsets
from synth_assets.randomness.random_arrays import TOP_LANE, high32, lane, random_bits, scale_to
from synth_assets.randomness.run_lengths import share_of, whole_steps
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, HOUR, since_epoch

PURCHASE = KINDS.index("purchase")
# Users whose furthest session is of a kind: those who buy, of the others those who pay, …
REACHED = [USERS] + [NAMES[n][1] for n in (*list(FUNNEL)[:-1], "purchase")]
TIERS = [here - further for here, further in zip(REACHED, [*REACHED[1:], 0], strict=True)]
IN_ALL = [SESSIONS, *FUNNEL.values()]
OF_KIND = [here - further for here, further in zip(IN_ALL, [*IN_ALL[1:], 0], strict=True)]
FIRST_SHARE = [users / sessions for users, sessions in zip(TIERS, OF_KIND, strict=True)]

# Of returns of each kind, the tiers of the visitors that return.
RETURNING = (
    (0.55, 0.35, 0.040, 0.015, 0.045),
    (0.00, 0.70, 0.100, 0.040, 0.160),
    (0.00, 0.00, 0.500, 0.200, 0.300),
    (0.00, 0.00, 0.000, 0.400, 0.600),
    (0.00, 0.00, 0.000, 0.000, 1.000),
)
# Days between a return and the visitor's first session, with weights; and the share of returns
# that come before it, as people look before they buy.
GAPS = (0.15, 0.15, 0.10, 0.08, 0.06, 0.05, 0.05, 0.05, 0.03, 0.03, 0.025, 0.025, 0.02, 0.02,
        *(0.16 / 32,) * 32)  # fmt: skip
BEFORE = 0.7
# Share of visitors who return at all.
LOYAL = 0.22
# Share of returns in which a visitor fills a cart just as in the first session.
HABIT = 0.55
# Share of visitors who had been there before the sample begins, and how often at most.
OLD, OLD_VISITS, OLD_DAYS = 1 - NAMES["first_visit"][1] / USERS, 12, 150
# Sessions by hour of the day (UTC; most visitors are in America).
HOURS = (5, 4.6, 4.2, 4, 3.6, 3.2, 2.8, 2.6, 2.6, 2.8, 3, 3.2, 3.6, 4.2, 4.8, 5.2, 5.6, 5.8, 6,
         6, 5.8, 5.6, 5.4, 5.2)  # fmt: skip
# Seconds that a session lasts at most, and that lie between two of a visitor at least.
LONGEST, PAUSE = 2 * HOUR, HOUR // 2
MILLION = 1_000_000
# GA4's session ids have up to ten digits.
FIRST_ID, IDS = 10**9, 9 * 10**9 - 67


@dataclass(frozen=True)
class Visitors:
    """Everyone who ever comes; ``touched`` is when they first did, microseconds since 1970."""

    device: Numbers
    place: Numbers
    channel: Numbers
    touched: Numbers

    def __len__(self) -> int:
        return len(self.device)


@dataclass(frozen=True)
class Plan:
    """All sessions in the order of their rows, and their visitors.

    ``key`` is a session's number in every draw, ``number`` its place among its visitor's,
    ``start`` the moment it begins (milliseconds since 1970) and ``room`` how many milliseconds
    it may last. ``counts`` has the events of each name, ``offsets`` where sessions begin among
    all events, ``days`` where days begin among sessions. ``spent`` is what the visitor has spent
    before, whole dollars.
    """

    visitors: Visitors
    key: Numbers
    visitor: Numbers
    kind: Numbers
    number: Numbers
    start: Numbers
    room: Numbers
    id: Numbers
    counts: npt.NDArray[np.int16]
    offsets: Numbers
    days: Numbers
    spent: Numbers
    orders: Orders

    def rows_before(self, day: int) -> int:
        """Events before a day of the sample."""
        return int(self.offsets[self.days[min(max(day, 0), DAYS)]])


@lru_cache(maxsize=2)
def plan_of(seed: int, scenario: JourneyScenario) -> Plan:
    """The plan of a scenario."""
    return _Planner(scenario).plan()


def open_plan(scenario: JourneyScenario) -> Plan:
    """The plan of a scenario, made once a process whatever days are asked for."""
    kept = {name: getattr(scenario, name) for name in _PLANNED}
    return plan_of(scenario.seed, JourneyScenario.model_construct(**kept))


_PLANNED = [
    "seed", "scale", "placeholder_transactions", "null_transactions", "repeated_purchases",
    "shared_transactions", "missing_revenue", "colliding_sessions", "missing_carts",
    "missing_session_starts", "missing_page_views",
]  # fmt: skip


class _Planner:
    """The steps of a plan, one after the other."""

    def __init__(self, scenario: JourneyScenario) -> None:
        self.scenario = scenario
        self.draw = RandomStream(scenario.seed, "journey", "events")
        sizes = [whole_steps(by_kind()[kind] * scenario.scale) for kind in KINDS]
        firsts = [share_of(n, share) for n, share in zip(sizes, FIRST_SHARE, strict=True)]
        self.sizes, self.firsts = np.array(sizes), np.array(firsts)
        self.users = self.firsts.sum(axis=1)
        self.kind = np.repeat(np.arange(len(KINDS)), self.sizes.sum(axis=1))
        self.day = np.concatenate([np.repeat(np.arange(DAYS), n) for n in self.sizes])
        self.key = np.arange(len(self.kind), dtype=np.int64)
        self.first = _place(self.kind * DAYS + self.day) < np.repeat(
            self.firsts.ravel(), self.sizes.ravel()
        )
        self.first_of_tier = np.array(offsets(self.users.tolist()))

    def bits(self, name: str) -> npt.NDArray[np.uint64]:
        """A draw for every session."""
        return random_bits(self.draw.substream(name), self.key)

    def plan(self) -> Plan:
        """All steps, and the sessions in the order of their rows."""
        visitor = self._visitor()
        rank, start, room = self._time(visitor)
        came_before = self._earlier_visits()
        fresh = (rank == 0) & (came_before[visitor] == 0)
        counts = self._counts(visitor, fresh)
        orders = plan_orders(
            self.scenario, self.key[self.kind == PURCHASE], visitor, Shelf(self.draw)
        )
        counts[:, TYPE["purchase"]] = np.bincount(
            orders.session, orders.events, minlength=len(self.key)
        )
        spent = self._spent(visitor, rank, orders)
        visitors = self._visitors(visitor, counts, rank, start, came_before)
        order = np.lexsort((self.bits("row"), self.day))
        length = counts[order].sum(axis=1, dtype=np.int64)
        return Plan(
            visitors=visitors,
            key=self.key[order],
            visitor=visitor[order],
            kind=self.kind[order],
            number=(came_before[visitor] + rank + 1)[order],
            start=start[order],
            room=room[order],
            id=self._ids(visitor)[order],
            counts=counts[order],
            offsets=np.concatenate([[0], np.cumsum(length)]),
            days=np.concatenate([[0], np.cumsum(self.sizes.sum(axis=0))]),
            spent=spent[order],
            orders=orders,
        )

    def _visitor(self) -> Numbers:
        """Whose each session is."""
        first = self.first
        visitor = np.empty(len(self.key), dtype=np.int64)
        visitor[first] = np.arange(int(self.users.sum()))
        returns = ~first
        tier = np.zeros(len(self.key), dtype=np.int64)
        draw = self.draw.substream("tier")
        for kind, weights in enumerate(RETURNING):
            here = returns & (self.kind == kind)
            there = tuple(w if n else 0.0 for w, n in zip(weights, self.users, strict=True))
            known = there if any(there) else (1.0, 0.0, 0.0, 0.0, 0.0)
            tier[here] = lots(even(np.arange(here.sum()), kind, draw), known)
        visitor[returns] = self._returning(self.key[returns], tier[returns])
        return visitor

    def _returning(self, key: Numbers, tier: Numbers) -> Numbers:
        """Visitors of these tiers whose first session is some days away."""
        bits = random_bits(self.draw.substream("gap"), key)
        gap = lots(bits, GAPS)
        earlier = (tier > self.kind[key]) & (lane(bits, 2) < BEFORE * 65536)
        away = np.where(earlier, gap, -gap)
        day = self.day[key] + away
        day = np.where((day < 0) | (day >= DAYS), self.day[key] - away, day)
        before = np.concatenate(
            [np.zeros((len(KINDS), 1), dtype=np.int64), np.cumsum(self.firsts, axis=1)], axis=1
        )
        loyal = np.maximum((self.firsts * LOYAL).astype(np.int64), 1)
        which = before[tier, day] + scale_to(
            high32(random_bits(self.draw.substream("visitor"), key)), loyal[tier, day], 32
        )
        # Where the day has nobody, someone of another day is there.
        last: Numbers = np.maximum(self.users[tier] - 1, 0)
        found: Numbers = self.first_of_tier[tier] + np.minimum(which, last)
        return found

    def _time(self, visitor: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Of each session its place among the visitor's, its start, and how long it may last."""
        order = np.lexsort((self.bits("turn"), self.day, visitor))
        of, day = visitor[order], self.day[order]
        rank_of, here_of = _place(of), _place(of * DAYS + day)
        last = np.append(here_of[1:] == 0, True)
        many_of = np.repeat(here_of[last] + 1, here_of[last] + 1)
        rank, turn, many = (np.empty_like(rank_of) for _ in range(3))
        rank[order], turn[order], many[order] = rank_of, here_of, many_of
        # Sessions of a visitor on a day have parts of the day to themselves.
        band = DAY // many
        room = np.minimum(LONGEST, band * 3 // 5)
        free = np.maximum(band - room - np.minimum(PAUSE, band // 5), 1)
        bits = self.bits("time")
        second = lots(bits, HOURS) * HOUR + scale_to(high32(self.bits("second")), HOUR, 32)
        second = np.minimum(turn * band + second * free // DAY, DAY - 2)
        alone = lots(bits, HOURS) * HOUR + scale_to(high32(self.bits("second")), HOUR, 32)
        second = np.where(many == 1, np.minimum(alone, DAY - PAUSE), second)
        room = np.minimum(room, DAY - 1 - second)
        midnight = since_epoch(day_of(0)) + self.day * DAY
        start = (midnight + second) * 1000 + lane(bits, 1) % 1000
        return rank, start, room * 1000 - 1000

    def _earlier_visits(self) -> Numbers:
        """How often each visitor came before the sample begins."""
        number = np.arange(int(self.users.sum()))
        bits = even(number, 0, self.draw.substream("old"))
        times = (
            scale_to(high32(random_bits(self.draw.substream("times"), number)), OLD_VISITS, 32) + 1
        )
        return np.where(lane(bits, TOP_LANE) < OLD * 65536, times, 0)

    def _counts(self, visitor: Numbers, fresh: Flags) -> npt.NDArray[np.int16]:
        """Events of each name in each session."""
        known, draw = depths(self.scenario), self.draw.substream("count")
        place = _place(self.kind)
        depth = lane(even(place, 0, draw.substream("depth")), TOP_LANE)
        counts = np.zeros((len(self.key), len(TYPES)), dtype=np.int16)
        for name in known.likely:
            # Evenly whether there is one at all; by chance where a fraction is rounded.
            bits = even(place, 1 + TYPE[name] % 7, draw.substream(name))
            has = known.has(name, self.kind, self.day, depth, bits)
            if name == "add_to_cart":
                has = self._habit(has, visitor) & (known.likely[name][self.kind, self.day] > 0)
            rounding = random_bits(draw.substream(name, "rounding"), self.key)
            many = known.many(name, self.kind, self.day, depth, rounding)
            counts[:, TYPE[name]] = has * many
        follow = lane(self.bits("follow"), TOP_LANE) < FOLLOW_PROMOTION * 65536
        seen = counts[:, TYPE["view_promotion"]] > 0
        twice = lane(self.bits("follow"), 2) < TWICE * 65536
        counts[:, TYPE["select_promotion"]] = (seen & follow) * (1 + twice)
        counts[:, TYPE["first_visit"]] = fresh
        begun = counts[:, TYPE["page_view"]] == 0
        if self.scenario.missing_session_starts:
            kept = even(place, 7, draw.substream("session_start"))
            begun = begun | (lane(kept, TOP_LANE) >= NO_SESSION_START * 65536)
        else:
            begun = np.ones_like(begun)
        counts[:, TYPE["session_start"]] = begun
        return counts

    def _habit(self, has: Flags, visitor: Numbers) -> Flags:
        """What sessions have; in some returns that is what the visitor's first session has."""
        own = np.zeros(int(self.users.sum()), dtype=bool)
        own[visitor[self.first]] = has[self.first]
        kept = self.first | (lane(self.bits("habit"), TOP_LANE) >= HABIT * 65536)
        return np.where(kept, has, own[visitor])

    def _ids(self, visitor: Numbers) -> Numbers:
        """GA4's id of each session; some users share one."""
        taken = self.key.copy()
        if self.scenario.colliding_sessions:
            share = 1 - SESSION_IDS / SESSIONS
            hit = lane(self.bits("collision"), TOP_LANE) < share * 65536
            # So many sessions may be copied that as many ids are shared as in the sample.
            among = max(int(len(self.key) * 0.229), 1)
            other = scale_to(high32(self.bits("other")), among, 32) * 4 % len(self.key)
            hit &= ~hit[other] & (visitor[other] != visitor)
            taken = np.where(hit, other, taken)
            pair = visitor * len(self.key) + taken
            _, place = np.unique(pair, return_index=True)
            own = np.ones(len(self.key), dtype=bool)
            own[place] = False
            taken = np.where(own, self.key, taken)
        return FIRST_ID + (taken * 5_561_860_931 + 1_402_657_981) % IDS

    def _spent(self, visitor: Numbers, rank: Numbers, orders: Orders) -> Numbers:
        """What the visitor of each session spent before it, whole dollars."""
        spent = np.bincount(orders.session, orders.recorded, minlength=len(self.key))
        order = np.lexsort((rank, visitor))
        running = np.cumsum(spent[order]) - spent[order]
        first = np.flatnonzero(rank[order] == 0)
        of_visitor = np.repeat(running[first], np.diff(np.append(first, len(order))))
        before = np.empty(len(self.key), dtype=np.int64)
        before[order] = (running - of_visitor).astype(np.int64)
        return before

    def _visitors(
        self, visitor: Numbers, counts: npt.NDArray[np.int16], rank: Numbers, start: Numbers,
        came_before: Numbers,
    ) -> Visitors:  # fmt: skip
        events = np.bincount(visitor, counts.sum(axis=1), minlength=len(came_before))
        number = np.arange(len(came_before))
        tier = np.repeat(np.arange(len(KINDS)), self.users)
        # Neighbours are alike in how much they do, so that what is dealt out evenly is fair.
        order = np.lexsort((number, events, tier))
        place = np.empty_like(number)
        place[order] = number
        draw = self.draw.substream("visitors")
        touched = np.zeros(len(came_before), dtype=np.int64)
        begins = rank == 0
        touched[visitor[begins]] = start[begins] * 1000 + self.key[begins] % 1000
        earlier = 1 + scale_to(
            high32(random_bits(draw.substream("earlier"), number)), OLD_DAYS * DAY - 1, 32
        )
        before = (since_epoch(day_of(0)) - earlier) * MILLION
        return Visitors(
            device=device_of(place, (tier == PURCHASE).astype(np.int64), draw.substream("device")),
            place=place_of(place, draw.substream("place")),
            channel=channel_of(place, (tier > 0).astype(np.int64), draw.substream("channel")),
            touched=np.where(came_before > 0, before, touched),
        )


def _place(group: Numbers) -> Numbers:
    """Of each row its place in its run of equal values."""
    begins = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    sizes = np.diff(np.append(begins, len(group)))
    return np.arange(len(group)) - np.repeat(begins, sizes)
