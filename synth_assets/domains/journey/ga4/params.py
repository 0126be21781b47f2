"""``event_params``: what every event tells besides, each parameter by its own key.

Which parameters an event has, and how often, is as in the sample. A session's source is the
visitor's first one in the first session; later many come by themselves, and then no event says
what brought them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.catalog import FIRST_SEARCH, SEARCHES, pages
from synth_assets.domains.journey.ga4.even import Flags, Numbers, lots
from synth_assets.domains.journey.ga4.nested import Slots, lists, taken
from synth_assets.domains.journey.ga4.transactions import tax_cents
from synth_assets.domains.journey.ga4.visitors import DIRECT, ORGANIC, PAID, channels
from synth_assets.domains.journey.ga4.walk import Walk
from synth_assets.domains.journey.model import Plan
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, lane, random_bits
from synth_assets.randomness.streams import RandomStream

# Shares of the events that have a parameter, among those that can.
TITLED, ENGAGED, DEBUGGED, CLEANED = 0.9954, 0.9303, 0.8574, 0.6584
ENGAGED_EVENT, REFERRED, SOURCED, ENTERED, TIMED = 0.985, 0.86, 0.566, 0.936, 0.26
SHIPPING_TOLD, COUPON_TOLD = 0.7934, 0.5866
# In later sessions: by oneself, by organic search, by an advertisement, or as at first.
AGAIN = (0.42, 0.20, 0.05, 0.33)
WORDS = (
    "0", "1", "gtm.js", "gtm.historyChange-v2", "(not provided)", "USD", "Visa", "MasterCard",
    "American Express", "FREE", "Ground", "Overnight", "SAVE10", "HOLIDAY", "true",
    "www.youtube.com", "https://www.youtube.com/user/Google/", *SEARCHES,
)  # fmt: skip
REFERRERS = ("https://www.google.com/", "https://www.googleadservices.com/")
LONGEST_LOOK = 90_000


@cache
def _words() -> pl.Series:
    known = pages()
    return pl.concat(
        [known["location"], known["title"], pl.Series(WORDS), pl.Series(REFERRERS)], rechunk=True
    )


def _word(text: str) -> int:
    return 2 * len(pages()) + WORDS.index(text)


def source_of(scenario: JourneyScenario, plan: Plan, session: Numbers) -> Numbers:
    """The channel that brought the visitor to each session."""
    first = plan.visitors.channel[plan.visitor[session]]
    bits = random_bits(
        RandomStream(scenario.seed, "journey", "events", "source"), plan.key[session]
    )
    again = lots(bits, AGAIN)
    later = np.where(again == 3, first, np.array([DIRECT, ORGANIC, PAID, 0])[again])
    return np.where(plan.number[session] == 1, first, later)


def event_params(scenario: JourneyScenario, plan: Plan, walked: Walk) -> pl.Series:
    """The column, for the events of a walk."""
    there, strings, whole, cents, more = _told(scenario, plan, walked)
    slots = Slots(there)
    words = pl.concat([_words(), *more], rechunk=True)
    number = {name: place for place, name in enumerate(there)}
    keys = slots.gathered({n: np.full(len(walked), k) for n, k in number.items()}, 0)
    codes, ints = slots.gathered(strings, -1), slots.gathered(whole, -1)
    amounts = slots.gathered(cents, -1)
    doubles = pl.Series(amounts / 100).set(pl.Series(amounts < 0), None)
    value = pl.DataFrame(
        {
            "string_value": taken(words, codes, codes >= 0),
            "int_value": pl.Series(ints).set(pl.Series(ints < 0), None),
            "float_value": pl.Series([None], dtype=pl.Float64).new_from_index(0, slots.total),
            "double_value": doubles,
        }
    )
    key = taken(pl.Series(list(there)), keys)
    elements = pl.DataFrame({"key": key, "value": value.to_struct("value")})
    return lists("event_params", slots.counts, elements)


def _told(
    scenario: JourneyScenario, plan: Plan, walked: Walk
) -> tuple[
    dict[str, Flags], dict[str, Numbers], dict[str, Numbers], dict[str, Numbers], list[pl.Series]
]:
    """Which events have which keys; words, whole numbers and cents; and the batch's own words."""
    size, session = len(walked), walked.session
    draw = RandomStream(scenario.seed, "journey", "events", "params")
    one, two = (
        random_bits(draw.substream(n), walked.bits.astype(np.int64)) for n in ("one", "two")
    )
    every = np.ones(size, dtype=bool)

    def some(share: float, which: int, bits: np.ndarray = one) -> Flags:
        found: Flags = lane(bits, TOP_LANE - which) < share * 65536
        return found

    # What a session's events say alike.
    rows = np.unique(session)
    local = np.searchsorted(rows, session)
    channel = source_of(scenario, plan, rows)
    lively = plan.counts[rows].sum(axis=1) > 3
    engaged, paid = lively[local], (channel == PAID)[local]
    begins = walked.of("session_start", "first_visit")
    sourced = (channel != DIRECT)[local] & ~begins & some(SOURCED, 0)
    organic = (channel == ORGANIC)[local]
    bought = walked.order >= 0
    orders = plan.orders
    order = np.where(bought, walked.order, 0)
    if not len(orders.session):
        bought = np.zeros(size, dtype=bool)
    told = bought.copy()
    told[bought] = orders.paid[order[bought]] > 0
    id_there = told.copy()
    id_there[told] = orders.id[order[told]] != -1
    shopping = walked.of("add_shipping_info", "add_payment_info") | told
    first_page = walked.of("page_view") & (walked.nth == 0)

    known, by_word = len(pages()), _word
    traffic = channels(scenario)
    base = len(_words())
    # The batch's own words: sources, media, campaigns; click ids; transactions.
    paid_rows = np.flatnonzero(channel == PAID)
    clicks = _clicks(plan.key[rows[paid_rows]], draw)
    numbers = np.unique(orders.id[order[id_there]]) if id_there.any() else np.zeros(0, np.int64)
    more = [traffic["source"], traffic["medium"], traffic["name"], clicks, transaction_ids(numbers)]
    at_source, at_click = base, base + 3 * len(traffic)
    click_of = np.zeros(len(rows), dtype=np.int64)
    click_of[paid_rows] = np.arange(len(paid_rows))
    ids = np.zeros(size, dtype=np.int64)
    if id_there.any():
        ids[id_there] = np.searchsorted(numbers, orders.id[order[id_there]])

    inside = walked.came_from >= 0
    outside = ~inside & (organic | paid)
    referrer = np.where(inside, walked.came_from, by_word("0") + len(WORDS) + paid)
    searched = walked.page - FIRST_SEARCH
    revenue = np.zeros(size, dtype=np.int64)
    if bought.any():
        revenue[bought] = orders.revenue[order[bought]]

    there: dict[str, Flags] = {
        "ga_session_id": every,
        "ga_session_number": every,
        "page_location": every,
        "page_title": some(TITLED, 1),
        "page_referrer": (inside | outside) & some(REFERRED, 2),
        "session_engaged": some(ENGAGED, 3),
        "engaged_session_event": engaged & some(ENGAGED_EVENT, 0, two),
        "debug_mode": some(DEBUGGED, 1, two),
        "all_data": some(CLEANED, 2, two),
        "clean_event": some(CLEANED, 2, two),
        "engagement_time_msec": walked.of("user_engagement", "scroll", "view_item", "purchase")
        | some(TIMED, 3, two),
        "source": sourced,
        "medium": sourced,
        "campaign": sourced,
        "term": sourced & organic & some(0.6, 1),
        "gclid": sourced & paid,
        "entrances": first_page & some(ENTERED, 3),
        "percent_scrolled": walked.of("scroll"),
        "search_term": walked.of("view_search_results"),
        "unique_search_term": walked.of("view_search_results") & (walked.nth == 0),
        "link_url": walked.of("click"),
        "link_domain": walked.of("click"),
        "outbound": walked.of("click"),
        "currency": shopping,
        "transaction_id": id_there,
        "value": told,
        "tax": told,
        "payment_type": told | walked.of("add_payment_info"),
        "shipping_tier": (told & some(SHIPPING_TOLD, 1)) | walked.of("add_shipping_info"),
        "coupon": told & some(COUPON_TOLD, 2),
    }
    strings: dict[str, Numbers] = {
        "page_location": walked.page,
        "page_title": known + walked.page,
        "page_referrer": referrer,
        "session_engaged": by_word("0") + engaged,
        "clean_event": by_word("gtm.js") + (walked.nth > 0),
        "source": at_source + channel[local],
        "medium": at_source + len(traffic) + channel[local],
        "campaign": at_source + 2 * len(traffic) + channel[local],
        "term": np.full(size, by_word("(not provided)")),
        "gclid": at_click + click_of[local],
        "search_term": by_word(SEARCHES[0]) + np.clip(searched, 0, len(SEARCHES) - 1),
        "link_url": np.full(size, by_word("https://www.youtube.com/user/Google/")),
        "link_domain": np.full(size, by_word("www.youtube.com")),
        "outbound": np.full(size, by_word("true")),
        "currency": np.full(size, by_word("USD")),
        "transaction_id": at_click + len(clicks) + ids,
        "payment_type": by_word("Visa") + walked.key % 3,
        "shipping_tier": by_word("FREE") + walked.key % 3,
        "coupon": by_word("SAVE10") + walked.key % 2,
    }
    whole: dict[str, Numbers] = {
        "ga_session_id": plan.id[session],
        "ga_session_number": plan.number[session],
        "engaged_session_event": np.ones(size, dtype=np.int64),
        "debug_mode": np.ones(size, dtype=np.int64),
        "engagement_time_msec": 1
        + (lane(two, TOP_LANE) * lane(two, 2) >> 16) * LONGEST_LOOK // 65536,
        "entrances": np.ones(size, dtype=np.int64),
        "percent_scrolled": np.full(size, 90),
        "unique_search_term": np.ones(size, dtype=np.int64),
    }
    cents = {"value": revenue * 100, "tax": tax_cents(revenue)}
    return there, strings, whole, cents, more


def _clicks(key: Numbers, draw: RandomStream) -> pl.Series:
    """Google's id of a click on an advertisement, of each session."""
    digits = pl.DataFrame({"key": key}).select(
        pl.concat_str(pl.lit("Cj0KCQ"), draw.substream("gclid").hexadecimal(pl.col("key"), 40))
    )
    return digits.to_series().cast(pl.String)


def transaction_ids(numbers: Numbers) -> pl.Series:
    """Numbers of orders as texts: `(not set)` where there is a placeholder, null without one."""
    text = pl.Series(numbers).cast(pl.String)
    text = text.set(pl.Series(numbers == -2), "(not set)")
    return text.set(pl.Series(numbers == -1), None)
