"""The column ``event_params``: an event's parameters, as keys with values.

Frequencies of parameters are those of the sample. The source of a visitor's first session is the
visitor's first source. Many later sessions are direct, and their events have no source.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.channels import DIRECT, ORGANIC, PAID, channels
from synth_assets.domains.journey.ga4.event_sequence import EventSequence
from synth_assets.domains.journey.ga4.event_times import engagement
from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers, categorical
from synth_assets.domains.journey.ga4.nested import (
    OptionalElements,
    gather_or_null,
    list_column,
    so_far,
)
from synth_assets.domains.journey.ga4.pages import FIRST_SEARCH, SEARCHES, pages
from synth_assets.domains.journey.ga4.param_texts import TEXTS, text_code, texts
from synth_assets.domains.journey.ga4.transactions import COUPONS, tax_cents, transaction_ids
from synth_assets.domains.journey.model import Model
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, lane, random_bits
from synth_assets.randomness.streams import RandomStream

# Shares of events with a parameter, among the events that can have it.
TITLED, ENGAGED, DEBUGGED, CLEANED = 0.9954, 0.9303, 0.8574, 0.6584
ENGAGED_EVENT, REFERRED, SOURCED, ENTERED, TIMED = 0.985, 0.86, 0.566, 0.936, 0.36
WITH_SHIPPING = 0.7934
# Shares of later sessions: direct, by organic search, by an advertisement, by the first source.
LATER_SOURCES = (0.42, 0.20, 0.05, 0.33)
# Least share of the time in which a page is in view, of 2**16.
LEAST_IN_VIEW = 26_000
# Events that always tell of the time, and those that open a session, which cannot.
TIMED_EVENTS = ("user_engagement", "scroll", "view_item", "purchase")
OPENING_EVENTS = ("session_start", "first_visit")
# A session is engaged from its second page view on, or after so many milliseconds (GA4 Help,
# "Engagement rate and bounce rate").
ENGAGED_MSEC = 10_000


def source_of(scenario: JourneyScenario, model: Model, session: Numbers) -> Numbers:
    """The channel of each session.

    Args:
        scenario: Seed of the scenario.
        model: All sessions.
        session: Rows of the sessions in the model.

    Returns:
        Row numbers of ``channels.channels``.
    """
    first = model.visitors.channel[model.visitor[session]]
    bits = random_bits(
        RandomStream(scenario.seed, "journey", "events", "source"), model.key[session]
    )
    again = categorical(bits, LATER_SOURCES)
    later = np.where(again == 3, first, np.array([DIRECT, ORGANIC, PAID, 0])[again])
    return np.where(model.number[session] == 1, first, later)


def event_params(
    scenario: JourneyScenario, model: Model, sequence: EventSequence, consented: Flags
) -> pl.Series:
    """The column for a sequence of events.

    Args:
        scenario: Seed and defects.
        model: All sessions.
        sequence: The events.
        consented: Whether the visitor of each event has consented.
    """
    present, strings, whole, cents, more = _parameters(scenario, model, sequence, consented)
    slots = OptionalElements(present)
    words = pl.concat([texts(), *more], rechunk=True)
    number = {name: place for place, name in enumerate(present)}
    keys = slots.flattened({n: np.full(len(sequence), k) for n, k in number.items()}, 0)
    codes, ints = slots.flattened(strings, -1), slots.flattened(whole, -1)
    amounts = slots.flattened(cents, -1)
    doubles = pl.Series(amounts / 100).set(pl.Series(amounts < 0), None)
    value = pl.DataFrame(
        {
            "string_value": gather_or_null(words, codes, codes >= 0),
            "int_value": pl.Series(ints).set(pl.Series(ints < 0), None),
            "float_value": pl.Series([None], dtype=pl.Float64).new_from_index(0, slots.total),
            "double_value": doubles,
        }
    )
    key = gather_or_null(pl.Series(list(present)), keys)
    elements = pl.DataFrame({"key": key, "value": value.to_struct("value")})
    return list_column("event_params", slots.counts, elements)


def _parameters(
    scenario: JourneyScenario, model: Model, sequence: EventSequence, consented: Flags
) -> tuple[
    dict[str, Flags], dict[str, Numbers], dict[str, Numbers], dict[str, Numbers], list[pl.Series]
]:
    """Presence of each key by event; text codes, integers and cents; texts of this batch."""
    size, session = len(sequence), sequence.session
    draw = RandomStream(scenario.seed, "journey", "events", "params")
    one, two = (
        random_bits(draw.substream(n), sequence.bits.astype(np.int64)) for n in ("one", "two")
    )
    every = np.ones(size, dtype=bool)

    def some(share: float, which: int, bits: np.ndarray = one) -> Flags:
        found: Flags = lane(bits, TOP_LANE - which) < share * 65536
        return found

    # Values that are the same for all events of a session.
    rows = np.unique(session)
    local = np.searchsorted(rows, session)
    channel = source_of(scenario, model, rows)
    page_views = sequence.has_name("page_view")
    first_page = page_views & (sequence.nth == 0)
    opens = sequence.has_name(*OPENING_EVENTS) | first_page
    timed = ~opens & (sequence.has_name(*TIMED_EVENTS) | some(TIMED, 3, two))
    begins_here = sequence.place == 0
    in_view = LEAST_IN_VIEW + ((65_536 - LEAST_IN_VIEW) * lane(two, 2) >> 16)
    spent, running = engagement(sequence.at, begins_here, timed, in_view)
    views = so_far((page_views & ~first_page) | sequence.has_name("purchase"), begins_here)
    is_engaged = (running >= ENGAGED_MSEC) | (views > 0)
    ends = np.append(np.flatnonzero(begins_here)[1:], size) - 1
    engaged, paid = is_engaged[ends][local], (channel == PAID)[local]
    begins = sequence.has_name("session_start", "first_visit")
    sourced = (channel != DIRECT)[local] & ~begins & some(SOURCED, 0)
    organic = (channel == ORGANIC)[local]
    bought = sequence.order >= 0
    orders = model.orders
    order = np.where(bought, sequence.order, 0)
    if not len(orders.session):
        bought = np.zeros(size, dtype=bool)
    has_revenue = bought.copy()
    has_revenue[bought] = orders.paid[order[bought]] > 0
    has_id = has_revenue.copy()
    has_id[has_revenue] = orders.id[order[has_revenue]] != -1
    shopping = sequence.has_name("add_shipping_info", "add_payment_info") | has_revenue

    known = len(pages())
    traffic = channels(scenario)
    base = len(texts())
    # Texts of this batch: sources, media, campaigns; click ids; transactions.
    paid_rows = np.flatnonzero(channel == PAID)
    clicks = click_ids(scenario, model, rows[paid_rows])
    numbers = np.unique(orders.id[order[has_id]]) if has_id.any() else np.zeros(0, np.int64)
    more = [traffic["source"], traffic["medium"], traffic["name"], clicks, transaction_ids(numbers)]
    at_source, at_click = base, base + 3 * len(traffic)
    click_of = np.zeros(len(rows), dtype=np.int64)
    click_of[paid_rows] = np.arange(len(paid_rows))
    ids = np.zeros(size, dtype=np.int64)
    if has_id.any():
        ids[has_id] = np.searchsorted(numbers, orders.id[order[has_id]])

    inside = sequence.referrer >= 0
    outside = ~inside & (organic | paid)
    referrer = np.where(inside, sequence.referrer, text_code("0") + len(TEXTS) + paid)
    searched = sequence.page - FIRST_SEARCH
    revenue = np.zeros(size, dtype=np.int64)
    coupon = np.zeros(size, dtype=np.int64)
    if bought.any():
        revenue[bought] = orders.revenue[order[bought]]
        coupon[bought] = orders.coupon[order[bought]]

    present: dict[str, Flags] = {
        "ga_session_id": consented,
        "ga_session_number": consented,
        "page_location": every,
        "page_title": some(TITLED, 1),
        "page_referrer": (inside | outside) & some(REFERRED, 2),
        "session_engaged": some(ENGAGED, 3),
        "engaged_session_event": engaged & some(ENGAGED_EVENT, 0, two),
        "debug_mode": some(DEBUGGED, 1, two),
        "all_data": some(CLEANED, 2, two),
        "clean_event": some(CLEANED, 2, two),
        "engagement_time_msec": timed & (spent > 0),
        "source": sourced,
        "medium": sourced,
        "campaign": sourced,
        "term": sourced & organic & some(0.6, 1),
        "gclid": sourced & paid,
        "entrances": first_page & some(ENTERED, 3),
        "percent_scrolled": sequence.has_name("scroll"),
        "search_term": sequence.has_name("view_search_results"),
        "unique_search_term": sequence.has_name("view_search_results") & (sequence.nth == 0),
        "link_url": sequence.has_name("click"),
        "link_domain": sequence.has_name("click"),
        "outbound": sequence.has_name("click"),
        "currency": shopping,
        "transaction_id": has_id,
        "value": has_revenue,
        "tax": has_revenue,
        "payment_type": has_revenue | sequence.has_name("add_payment_info"),
        "shipping_tier": (has_revenue & some(WITH_SHIPPING, 1))
        | sequence.has_name("add_shipping_info"),
        "coupon": has_revenue & (coupon > 0),
    }
    strings: dict[str, Numbers] = {
        "page_location": sequence.page,
        "page_title": known + sequence.page,
        "page_referrer": referrer,
        "session_engaged": text_code("0") + is_engaged,
        "clean_event": text_code("gtm.js") + (sequence.nth > 0),
        "source": at_source + channel[local],
        "medium": at_source + len(traffic) + channel[local],
        "campaign": at_source + 2 * len(traffic) + channel[local],
        "term": np.full(size, text_code("(not provided)")),
        "gclid": at_click + click_of[local],
        "search_term": text_code(SEARCHES[0]) + np.clip(searched, 0, len(SEARCHES) - 1),
        "link_url": np.full(size, text_code("https://www.youtube.com/user/Google/")),
        "link_domain": np.full(size, text_code("www.youtube.com")),
        "outbound": np.full(size, text_code("true")),
        "currency": np.full(size, text_code("USD")),
        "transaction_id": at_click + len(clicks) + ids,
        "payment_type": text_code("Visa") + sequence.key % 3,
        "shipping_tier": text_code("FREE") + sequence.key % 3,
        "coupon": text_code(COUPONS[1]) - 1 + coupon,
    }
    whole: dict[str, Numbers] = {
        "ga_session_id": model.id[session],
        "ga_session_number": model.number[session],
        "engaged_session_event": np.ones(size, dtype=np.int64),
        "debug_mode": np.ones(size, dtype=np.int64),
        "engagement_time_msec": spent,
        "entrances": np.ones(size, dtype=np.int64),
        "percent_scrolled": np.full(size, 90),
        "unique_search_term": np.ones(size, dtype=np.int64),
    }
    cents = {"value": revenue, "tax": tax_cents(revenue)}
    return present, strings, whole, cents, more


def click_ids(scenario: JourneyScenario, model: Model, session: Numbers) -> pl.Series:
    """Google's id of the click on an advertisement, for each session.

    Args:
        scenario: Seed of the scenario.
        model: All sessions.
        session: Rows of the sessions in the model.
    """
    draw = RandomStream(scenario.seed, "journey", "events", "params").substream("gclid")
    digits = pl.DataFrame({"key": model.key[session]}).select(
        pl.concat_str(pl.lit("Cj0KCQ"), draw.hexadecimal(pl.col("key"), 40))
    )
    return digits.to_series().cast(pl.String)
