"""``items``: what an event is about, one element a product.

A page about a product has one, what is part of a checkout has the basket's, a list has several,
and a promotion has one that is no product.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.catalog import PRODUCTS, PROMOTIONS, Shelf, prices, products
from synth_assets.domains.journey.ga4.even import Flags, Numbers
from synth_assets.domains.journey.ga4.nested import lists, taken
from synth_assets.domains.journey.ga4.walk import Walk, baskets
from synth_assets.domains.journey.model import Plan
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, lane, random_bits
from synth_assets.randomness.streams import RandomStream

# Elements of a list of products.
LISTED = 6
# Share of items outside purchases whose quantity is lost.
NO_QUANTITY = 0.6
NOT_SET = "(not set)"


@cache
def _ids() -> pl.Series:
    """Ids of every product: of its page, then of its two variants as the till knows them."""
    known = products()
    small, large = (known["sku"] + f"{number:02d}" for number in (13, 17))
    return pl.concat([known["code"], small, large], rechunk=True)


def items(scenario: JourneyScenario, plan: Plan, walked: Walk) -> pl.Series:
    """The column, for the events of a walk."""
    shelf = Shelf(RandomStream(scenario.seed, "journey", "events"))
    event, product, quantity, bought = _elements(shelf, plan, walked)
    order = np.argsort(event, kind="stable")
    event, product, quantity = event[order], product[order], quantity[order]
    bits = random_bits(shelf.draw.substream("items"), walked.bits[event].astype(np.int64))
    promoted, paid = product >= PRODUCTS, bought[event]
    known = np.where(promoted, 0, product)
    priced = ~promoted
    lost = scenario.missing_quantities & ~paid & (lane(bits, TOP_LANE) < NO_QUANTITY * 65536)
    price = prices()[known]
    # The till sells variants; pages show products.
    variant = 1 + (walked.key[event] + known) % 2
    sold = np.where(paid & scenario.inconsistent_items, variant * PRODUCTS, 0)

    facts = products()
    text = pl.Series([NOT_SET])
    nowhere = np.zeros(len(event), dtype=np.int64)
    unknown = taken(text, nowhere)
    promotions = pl.Series(PROMOTIONS)
    which = np.where(promoted, product - PRODUCTS, 0)

    def fact(column: str) -> pl.Series:
        return taken(pl.concat([facts[column], text]), np.where(promoted, PRODUCTS, known))

    def amount(values: Numbers, there: Flags) -> pl.Series:
        return pl.Series(values.astype(np.float64)).set(pl.Series(~there), None)

    none_of_text = pl.Series([None], dtype=pl.String).new_from_index(0, len(event))
    none_of_amount = pl.Series([None], dtype=pl.Float64).new_from_index(0, len(event))
    shown = priced & (price > 0)
    revenue = price * quantity
    elements = pl.DataFrame(
        {
            "item_id": taken(
                pl.concat([_ids(), text]), np.where(promoted, 3 * PRODUCTS, known + sold)
            ),
            "item_name": fact("name"),
            "item_brand": fact("brand"),
            "item_variant": fact("variant"),
            "item_category": fact("category"),
            "item_category2": fact("thing"),
            "item_category3": unknown,
            "item_category4": unknown,
            "item_category5": unknown,
            "price_in_usd": amount(price, shown),
            "price": amount(price, shown),
            "quantity": pl.Series(quantity).set(pl.Series(~priced | lost), None),
            "item_revenue_in_usd": amount(revenue, paid),
            "item_revenue": amount(revenue, paid),
            "item_refund_in_usd": none_of_amount,
            "item_refund": none_of_amount,
            "coupon": unknown,
            "affiliation": unknown,
            "location_id": unknown,
            "item_list_id": unknown,
            "item_list_name": unknown,
            "item_list_index": unknown,
            "promotion_id": unknown,
            "promotion_name": taken(
                pl.concat([promotions, text]), np.where(promoted, which, len(PROMOTIONS))
            ),
            "creative_name": unknown,
            "creative_slot": none_of_text,
        }
    )
    return lists("items", np.bincount(event, minlength=len(walked)), elements)


def _elements(shelf: Shelf, plan: Plan, walked: Walk) -> tuple[Numbers, Numbers, Numbers, Flags]:
    """Event, product and quantity of every element, and which events are purchases."""
    event, product, quantity = baskets(shelf, walked, plan)
    of_products = np.flatnonzero(walked.product >= 0)
    promotions = np.flatnonzero(walked.of("view_promotion", "select_promotion"))
    shown = PRODUCTS + walked.key[promotions] % len(PROMOTIONS)
    listed = np.repeat(np.flatnonzero(walked.of("view_item_list")), LISTED)
    turn = np.arange(len(listed)) % LISTED
    rows = (event, of_products, promotions, listed)
    numbers = (product, walked.product[of_products], shown, shelf.product(walked.key[listed], turn))
    counts = (quantity, *(np.ones(len(of), dtype=np.int64) for of in rows[1:]))
    bought = walked.of("purchase")
    return np.concatenate(rows), np.concatenate(numbers), np.concatenate(counts), bought
