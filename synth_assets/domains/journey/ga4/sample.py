"""Statistics of the public sample over its 92 days; a scale of 1 reproduces them.

They are counts over BigQuery's public data set ``ga4_obfuscated_sample_ecommerce``, on which public
audits of it agree. Days are numbered from 2020-11-01.
"""

from __future__ import annotations

from datetime import date

from synth_assets.domains.journey.scenario import FIRST_DAY, LAST_DAY

DAYS = (LAST_DAY - FIRST_DAY).days + 1

EVENTS, USERS, SESSIONS = 4_295_584, 270_154, 360_129
# Events and users by name of the event.
NAMES: dict[str, tuple[int, int]] = {
    "session_start": (354_970, 267_116),
    "first_visit": (257_462, 257_314),
    "page_view": (1_350_428, 269_792),
    "user_engagement": (1_058_721, 213_004),
    "scroll": (493_072, 138_098),
    "view_promotion": (190_104, 102_443),
    "select_promotion": (9_450, 8_164),
    "view_search_results": (26_172, 14_449),
    "view_item_list": (71, 44),
    "select_item": (31_007, 13_180),
    "view_item": (386_068, 61_252),
    "add_to_cart": (58_543, 12_545),
    "begin_checkout": (38_757, 9_715),
    "add_shipping_info": (19_722, 9_714),
    "add_payment_info": (13_899, 5_751),
    "purchase": (5_692, 4_419),
    "click": (1_446, 1_010),
}
# Events that an export in the schema of 2025 has beyond the sample's.
LOGIN, SIGN_UP, VIEW_CART = CUSTOM = ("login", "sign_up", "view_cart")
TYPES = (*NAMES, *CUSTOM)
TYPE = {name: number for number, name in enumerate(TYPES)}

# Sessions that reach each step: those that view an item, check out, pay, buy.
FUNNEL = {"view_item": 77_020, "begin_checkout": 10_807, "add_payment_info": 6_592}
FUNNEL["purchase"] = 4_688
# Sessions that view and cart, then also check out, then also buy.
WITH_CART = {"add_to_cart": 15_173, "begin_checkout": 5_959, "purchase": 2_573}
# Sessions that buy with a cart and take all steps in order.
IN_ORDER = 1_792
# Sessions that view an item, and those of them that buy, by year.
YEARS = {2020: (53_917, 3_618), 2021: (23_103, 1_070)}
# Share of sessions with a viewed item that buy, by the Monday of the week.
WEEKS = {
    date(2020, 12, 7): 0.0893,
    date(2020, 12, 14): 0.0739,
    date(2020, 12, 21): 0.0544,
    date(2020, 12, 28): 0.0424,
}
# Share of sessions with a viewed item that buy, by device category.
CONVERSION = {"mobile": 0.0626, "desktop": 0.0591}

# Purchases: dollars, and the number of purchases with each defect.
REVENUE, TAX = 362_165, 28_164
WITHOUT_REVENUE, NULL_IDS, NOT_SET, REPEATED_KEYS, REPEATS, SHARED = 450, 23, 883, 314, 320, 15
USABLE_KEYS = 4_466
# Distinct session ids, fewer than sessions, and ids that several users share.
SESSION_IDS, SHARED_SESSION_IDS = 349_545, 9_906

# Events and users of some days.
PEAK, LOW = date(2020, 12, 8), date(2020, 12, 25)
KNOWN_DAYS = {PEAK: (92_199, 6_689), LOW: (21_355, 2_491)}
# On the first day: users with a session_start, with a page_view.
FIRST_DAY_USERS = {"session_start": 2_339, "page_view": 2_302}

# Events and users by first traffic source, where known.
ORGANIC_EVENTS, ORGANIC_USERS, DIRECT_EVENTS = 1_323_449, 103_487, 989_684
