"""The shop's products, and the products that sessions look at and buy."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.low_discrepancy import Numbers, categorical, low_discrepancy
from synth_assets.randomness.random_arrays import high32, random_bits, scale_to
from synth_assets.randomness.splitmix64 import Words
from synth_assets.randomness.streams import RandomStream

PRODUCTS = 420
LOOKS = ("Heather", "Striped", "Classic", "Eco", "Recycled", "Campus", "Retro", "Midnight")
BRANDS = ("Android", "Google", "YouTube", "(not set)")
COLOURS = ("Black", "Blue", "Green", "Grey", "Red", "White", "Yellow")
SIZES = ("XS", "SM", "MD", "LG", "XL", "2XL")
# Kinds of products by category, with possible prices in whole dollars.
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
# Shares of the number of lines in a basket (1, 2, ...), and of the quantity of a line.
LINES, QUANTITIES = (0.35, 0.24, 0.175, 0.115, 0.075, 0.045), (0.745, 0.155, 0.063, 0.037)
MOST_LINES = len(LINES)
PROMOTIONS = ("Complete Your Collection", "Reach New Heights", "Act Responsible", "Holiday Gifts")


@cache
def products() -> pl.DataFrame:
    """The products, in the order of their numbers; ``price`` is in whole dollars."""
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
        # Codes are not in the order of the catalogue.
        code = 9_180_000 + (number * 2_287 + 11) % 9_973
        prefix = f"GGOE{brand[0] if label else 'X'}{category[0]}{code % 10_000:04d}"
        variant = SIZES[number % len(SIZES)] if category == "Apparel" else colour
        rows.append((str(code), prefix, name, brand, variant, category, thing, prices[turn % 3]))
    names = ("code", "sku", "name", "brand", "variant", "category", "thing", "price")
    return pl.DataFrame(rows, schema=list(names), orient="row")


@cache
def prices() -> Numbers:
    """The price of each product, whole dollars."""
    return products()["price"].to_numpy().astype(np.int64)


class ProductSampler:
    """The products of each session, as a function of the session's key."""

    def __init__(self, draw: RandomStream) -> None:
        self.draw = draw

    def product(self, session: Numbers, turn: Numbers) -> Numbers:
        """A product of each session.

        Args:
            session: Keys of the sessions.
            turn: Which of the session's products, from 0.
        """
        stream = self.draw.substream("product")
        bits = self._first_evenly(
            low_discrepancy(session, 0, stream), random_bits(stream, session * 256 + turn), turn
        )
        return scale_to(high32(bits), PRODUCTS, 32)

    def lines(self, session: Numbers, order: Numbers) -> Numbers:
        """Number of lines in a basket.

        Args:
            session: Keys of the sessions.
            order: First (0) or second (1) order of the session.
        """
        stream = self.draw.substream("basket")
        bits = self._first_evenly(
            low_discrepancy(session, 1, stream), random_bits(stream, session * 4 + order), order
        )
        return categorical(bits, LINES) + 1

    def line(self, session: Numbers, order: Numbers, line: Numbers) -> tuple[Numbers, Numbers]:
        """Product and quantity of a line of a basket.

        Args:
            session: Keys of the sessions.
            order: First (0) or second (1) order of the session.
            line: Number of the line, from 0.
        """
        turn, stream = order * MOST_LINES + line, self.draw.substream("quantity")
        bits = self._first_evenly(
            low_discrepancy(session, 2, stream), random_bits(stream, session * 256 + turn), turn
        )
        return self.product(session, turn), categorical(bits, QUANTITIES) + 1

    @staticmethod
    def _first_evenly(first: Words, later: Words, turn: Numbers) -> Words:
        """Low-discrepancy bits for a session's first product, random bits for the others."""
        return np.where(turn == 0, first, later)

    def totals(self, session: Numbers, order: Numbers) -> tuple[Numbers, Numbers]:
        """Price (whole dollars) and number of items of a basket.

        Args:
            session: Keys of the sessions.
            order: First (0) or second (1) order of the session.
        """
        lines, cost = self.lines(session, order), np.zeros(len(session), dtype=np.int64)
        things = np.zeros(len(session), dtype=np.int64)
        for number in range(MOST_LINES):
            product, quantity = self.line(session, order, np.full(len(session), number))
            there = number < lines
            cost += np.where(there, prices()[product] * quantity, 0)
            things += np.where(there, quantity, 0)
        return cost, things
