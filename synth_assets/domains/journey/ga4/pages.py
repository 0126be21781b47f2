"""The shop's pages: fixed ones, then those of lists, searches and products.

A product has two addresses, as shops show it by category and by brand. What people search for, and
which lists they open, follows Zipf's law.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from synth_assets.domains.journey.ga4.catalog import BRANDS, PRODUCTS, THINGS, products
from synth_assets.domains.journey.ga4.channels import SHOP
from synth_assets.domains.journey.ga4.low_discrepancy import Numbers

URL, SUFFIX = f"https://{SHOP}", "Google Merchandise Store"
# Address, title, and weights among the first pages of sessions and among later ones. Pages of the
# checkout have no weight: sessions visit them by what they do.
FIXED: dict[str, tuple[str, float, float]] = {
    "/": ("Home", 46, 22),
    "/basket.html": ("Shopping Cart", 0, 4),
    "/yourinfo.html": ("Checkout Your Information", 0, 0),
    "/payment.html": ("Payment Method", 0, 0),
    "/revieworder.html": ("Checkout Review", 0, 0),
    "/ordercompleted.html": ("Checkout Confirmation", 0, 0),
    "/signin.html": (f"The {SUFFIX} - Log In", 2, 7),
    "/register.html": ("Create an Account", 0.3, 1.5),
    "/myaccount.html": ("My Account", 0.5, 2),
    "/orderhistory.html": ("Order History", 0.5, 1),
    "/wishlist.html": ("Wish List", 0.2, 0.6),
    "/store.html": ("Store search results", 5, 5),
    "/Shop+by+Brand": (f"Shop by Brand | {SUFFIX}", 4, 6),
    "/New": (f"New | {SUFFIX}", 4, 7),
    "/Sale": (f"Sale | {SUFFIX}", 5, 9),
    "/Stationery": (f"Stationery | {SUFFIX}", 3, 4),
    "/Campus+Collection": (f"Campus Collection | {SUFFIX}", 2, 3),
    "/Gift+Cards": (f"Gift Cards | {SUFFIX}", 0.6, 0.8),
    "/shippinginfo": ("Shipping Information", 0.8, 1.2),
    "/returnpolicy": ("Return Policy", 0.4, 0.5),
    "/faq": ("Frequently Asked Questions", 0.5, 0.6),
    "/contactus": ("Contact Us", 0.4, 0.4),
}
_ADDRESSES = list(FIXED)
BASKET, YOUR_INFO, PAYMENT, SIGN_IN, REGISTER, COMPLETED = (
    _ADDRESSES.index(f"/{name}.html")
    for name in ("basket", "yourinfo", "payment", "signin", "register", "ordercompleted")
)
# Lists of products and of their parts, and how many pages of them there are.
CATEGORIES = [*THINGS, *(f"{c}/{t.replace(' ', '+')}" for c, of in THINGS.items() for t in of)]
LIST_PAGES = 4
# Weights of lists by rank, of the first list.
LISTS_FIRST, LISTS_LATER = 8.0, 14.0
# Searches from the most frequent one on.
_THINGS = [thing.lower() for of in THINGS.values() for thing in of]
SEARCHES = (
    *("hoodie", "youtube", "mug", "backpack", "socks", "android", "stickers", "kids", "bike"),
    *(t for t in _THINGS if t not in ("hoodie", "mug", "backpack", "socks")),
    *(f"{brand.lower()} {thing}" for thing in _THINGS for brand in BRANDS if brand[0] != "("),
)
SEARCH_SHARES = tuple(1 / rank for rank in range(1, len(SEARCHES) + 1))


@cache
def _lists() -> list[tuple[str, str]]:
    """Address and title of every page of every list."""
    return [
        (
            f"{URL}/Google+Redesign/{name}" + (f"?page={page}" if page > 1 else ""),
            f"{name.split('/')[-1].replace('+', ' ')} | {SUFFIX}",
        )
        for page in range(1, LIST_PAGES + 1)
        for name in CATEGORIES
    ]


FIRST_SEARCH = len(FIXED) + LIST_PAGES * len(CATEGORIES)
FIRST_PRODUCT = FIRST_SEARCH + len(SEARCHES)
# Pages of a session's visits but those of searches, products and the checkout, with their weights.
OTHER_PAGES = tuple(range(FIRST_SEARCH))
_RANKS = [rank + 1 for rank in range(LIST_PAGES * len(CATEGORIES))]
LANDING_SHARES = (*(w for _, w, _ in FIXED.values()), *(LISTS_FIRST / r for r in _RANKS))
OTHER_PAGE_SHARES = (*(w for _, _, w in FIXED.values()), *(LISTS_LATER / r for r in _RANKS))


def page_of(product: Numbers, key: Numbers) -> Numbers:
    """The page of a product in a session, by one of its two addresses.

    Args:
        product: Numbers of products.
        key: Keys of the sessions.
    """
    return FIRST_PRODUCT + product + PRODUCTS * ((product + key) % 2)


@cache
def pages() -> pl.DataFrame:
    """Address and title of every page."""
    fixed = [(URL + path, title) for path, (title, _, _) in FIXED.items()]
    search = [
        (f"{URL}/asearch.html?searchkeyword={word.replace(' ', '+')}", "Store search results")
        for word in SEARCHES
    ]
    known = products().select("category", "brand", "name").rows()
    by_category = [
        (f"{URL}/Google+Redesign/{category}/{_part(name)}", name) for category, _, name in known
    ]
    by_brand = [
        (f"{URL}/Google+Redesign/Shop+by+Brand/{_part(brand)}/{_part(name)}", name)
        for _, brand, name in known
    ]
    rows = [*fixed, *_lists(), *search, *by_category, *by_brand]
    return pl.DataFrame(rows, schema=["location", "title"], orient="row")


def _part(name: str) -> str:
    return "Other" if name.startswith("(") else name.replace(" ", "+")
