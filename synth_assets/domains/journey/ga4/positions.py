"""Where in a page visit the events of each name happen."""

from __future__ import annotations

import numpy as np

from synth_assets.domains.journey.ga4.sample import IN_ORDER, TYPES, WITH_CART

# Range of positions in a page visit of the events of each name, of 2**16. A page sends the events
# of ``LOADED`` when it is loaded: the first one is at the beginning of the range.
POSITIONS: dict[str, tuple[int, int]] = {
    "session_start": (0, 0), "first_visit": (1, 1), "page_view": (2, 2),
    "view_item": (10, 45_000), "view_search_results": (11, 4_000), "view_item_list": (12, 4_000),
    "begin_checkout": (13, 20_000), "purchase": (14, 400), "view_promotion": (20, 6_000),
    "scroll": (8_000, 50_000), "add_payment_info": (20_000, 50_000),
    "add_shipping_info": (25_000, 50_000), "add_to_cart": (46_000, 50_000),
    "click": (40_000, 60_000), "select_item": (46_000, 60_000),
    "select_promotion": (52_000, 60_000), "user_engagement": (50_000, 65_000),
    "login": (21_000, 22_000), "sign_up": (22_000, 24_000), "view_cart": (15, 15),
}  # fmt: skip
BEGINS, ENDS = (np.array([POSITIONS[name][n] for name in TYPES]) for n in (0, 1))
LOADED = ("view_item", "view_search_results", "view_item_list", "begin_checkout", "purchase",
          "view_cart")  # fmt: skip
IS_LOADED = np.isin(TYPES, LOADED)
# Positions of the cart in sessions that fill it during the checkout, and their share.
LATE_CART = (52_000, 60_000)
LATE_CARTS = 1 - IN_ORDER / WITH_CART["purchase"]
