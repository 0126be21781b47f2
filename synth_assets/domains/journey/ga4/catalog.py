"""What the shop sells, and the pages that it has."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.even import Numbers, even, lots
from synth_assets.domains.journey.ga4.visitors import SHOP
from synth_assets.randomness.permutations import Words
from synth_assets.randomness.random_arrays import high32, random_bits, scale_to
from synth_assets.randomness.streams import RandomStream

PRODUCTS = 420
LOOKS = ("Heather", "Striped", "Classic", "Eco", "Recycled", "Campus", "Retro", "Midnight")
BRANDS = ("Android", "Google", "YouTube", "(not set)")
COLOURS = ("Black", "Blue", "Green", "Grey", "Red", "White", "Yellow")
SIZES = ("XS", "SM", "MD", "LG", "XL", "2XL")
# Things by category, with the whole dollars that they cost.
THINGS: dict[str, dict[str, tuple[int, ...]]] = {
    "Apparel": {
        "Tee": (16, 19, 22), "Hoodie": (42, 48, 55), "Jacket": (60, 79, 92), "Cap": (14, 18, 20),
        "Socks": (9, 11, 12), "Crewneck": (36, 39, 45),
    },
    "Drinkware": {"Mug": (9, 11, 13), "Bottle": (15, 19, 23), "Tumbler": (17, 21, 24)},
    "Bags": {"Tote": (10, 12, 16), "Backpack": (54, 69, 83), "Pouch": (8, 9, 11)},
    "Office": {"Notebook": (7, 9, 12), "Pen": (2, 3, 4), "Sticker Sheet": (2, 4, 5)},
    "Lifestyle": {"Yoga Block": (17, 20, 22), "Umbrella": (21, 24, 28), "Puzzle": (14, 16, 19)},
    "Accessories": {"Keychain": (5, 7, 8), "Sunglasses": (3, 5, 6), "Lunch Box": (16, 19, 21)},
}  # fmt: skip
# Lines of a basket, and how many of each thing.
LINES, QUANTITIES = (0.37, 0.24, 0.17, 0.11, 0.07, 0.04), (0.78, 0.14, 0.05, 0.03)
MOST_LINES = len(LINES)
SEARCHES = ("hoodie", "youtube", "mug", "backpack", "socks", "android", "stickers", "kids", "bike")
PROMOTIONS = ("Complete Your Collection", "Reach New Heights", "Act Responsible", "Holiday Gifts")
URL = f"https://{SHOP}"


@cache
def products() -> pl.DataFrame:
    """The products, in the order of their numbers."""
    things = [(c, thing, prices) for c, of in THINGS.items() for thing, prices in of.items()]
    rows = []
    for number in range(PRODUCTS):
        category, thing, prices = things[number % len(things)]
        turn = number // len(things)
        look = LOOKS[turn % len(LOOKS)]
        colour = COLOURS[(turn + number) % len(COLOURS)]
        brand = BRANDS[(number * 7 + turn) % len(BRANDS)]
        label = "" if brand == "(not set)" else f"{brand} "
        name = f"{label}{look} {colour} {thing}"
        # Other numbers than their order, which is the order of the catalogue.
        code = 9_180_000 + (number * 2_287 + 11) % 9_973
        prefix = f"GGOE{brand[0] if label else 'X'}{category[0]}{code % 10_000:04d}"
        variant = SIZES[number % len(SIZES)] if category == "Apparel" else colour
        rows.append((str(code), prefix, name, brand, variant, category, thing, prices[turn % 3]))
    names = ("code", "sku", "name", "brand", "variant", "category", "thing", "price")
    return pl.DataFrame(rows, schema=list(names), orient="row")


@cache
def prices() -> Numbers:
    """What each product costs, whole dollars."""
    return products()["price"].to_numpy().astype(np.int64)


class Shelf:
    """Which products the sessions are about, by the number of a session."""

    def __init__(self, draw: RandomStream) -> None:
        self.draw = draw

    def product(self, session: Numbers, turn: Numbers) -> Numbers:
        """The product to which a session turns first, second, and so on."""
        named = self.draw.substream("product")
        bits = self._early(even(session, 0, named), random_bits(named, session * 256 + turn), turn)
        return scale_to(high32(bits), PRODUCTS, 32)

    def lines(self, session: Numbers, order: Numbers) -> Numbers:
        """Lines in the basket of a session's first (0) or second (1) order."""
        named = self.draw.substream("basket")
        bits = self._early(even(session, 1, named), random_bits(named, session * 4 + order), order)
        return lots(bits, LINES) + 1

    def line(self, session: Numbers, order: Numbers, line: Numbers) -> tuple[Numbers, Numbers]:
        """Product and quantity of a line of a basket."""
        turn, named = order * MOST_LINES + line, self.draw.substream("quantity")
        bits = self._early(even(session, 2, named), random_bits(named, session * 256 + turn), turn)
        return self.product(session, turn), lots(bits, QUANTITIES) + 1

    @staticmethod
    def _early(first: Words, later: Words, turn: Numbers) -> Words:
        """What a session does first is dealt out evenly among sessions, the rest by chance."""
        return np.where(turn == 0, first, later)

    def totals(self, session: Numbers, order: Numbers) -> tuple[Numbers, Numbers]:
        """What a basket costs (whole dollars), and how many things are in it."""
        lines, cost = self.lines(session, order), np.zeros(len(session), dtype=np.int64)
        things = np.zeros(len(session), dtype=np.int64)
        for number in range(MOST_LINES):
            product, quantity = self.line(session, order, np.full(len(session), number))
            there = number < lines
            cost += np.where(there, prices()[product] * quantity, 0)
            things += np.where(there, quantity, 0)
        return cost, things


# Pages: those that every shop has, then categories, searches, and the products' own.
FIXED = {
    "/": "Home",
    "/basket.html": "Shopping Cart",
    "/yourinfo.html": "Checkout Your Information",
    "/payment.html": "Payment Method",
    "/revieworder.html": "Checkout Review",
    "/ordercompleted.html": "Checkout Confirmation",
    "/signin.html": "The Google Merchandise Store - Log In",
    "/store.html": "Store search results",
    "/Shop+by+Brand": "Shop by Brand",
    "/New": "New | Google Merchandise Store",
    "/Sale": "Sale | Google Merchandise Store",
    "/Stationery": "Stationery | Google Merchandise Store",
}
HOME, BASKET, YOUR_INFO, PAYMENT = range(4)
COMPLETED = list(FIXED).index("/ordercompleted.html")
FIRST_SEARCH = len(FIXED) + len(THINGS)
FIRST_PRODUCT = FIRST_SEARCH + len(SEARCHES)
# Pages that people open without a reason of their own: all but those on the way to an order.
WANDERED = (0, 6, 7, 8, 9, 10, 11, *range(len(FIXED), FIRST_SEARCH))
WANDERING = (0.30, 0.07, 0.05, 0.08, 0.08, 0.10, 0.04, 0.12, 0.05, 0.04, 0.03, 0.03, 0.01)


@cache
def pages() -> pl.DataFrame:
    """Address and title of every page."""
    fixed = [(URL + path, title) for path, title in FIXED.items()]
    category = [(f"{URL}/Google+Redesign/{c}", f"{c} | Google Merchandise Store") for c in THINGS]
    search = [(f"{URL}/asearch.html?searchkeyword={w}", "Store search results") for w in SEARCHES]
    items = [
        (f"{URL}/Google+Redesign/{category}/{name.replace(' ', '+')}", name)
        for category, name in products().select("category", "name").iter_rows()
    ]
    rows = [*fixed, *category, *search, *items]
    return pl.DataFrame(rows, schema=["location", "title"], orient="row")
