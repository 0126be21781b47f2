"""The column ``items``: one element for each product of an event.

Events of a product page have one product, those of the checkout have the basket, those of a list
have several. An event of a promotion has one element that is not a product.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.catalog import (
    PRODUCTS,
    PROMOTIONS,
    ProductSampler,
    prices,
    products,
)
from synth_assets.domains.journey.ga4.event_sequence import EventSequence
from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers
from synth_assets.domains.journey.ga4.nested import gather_or_null, list_column
from synth_assets.domains.journey.model import Model
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.random_arrays import TOP_LANE, lane, random_bits
from synth_assets.randomness.streams import RandomStream

# Elements of a list of products.
LISTED = 6
# Share of items outside purchases with a missing quantity.
NO_QUANTITY = 0.6
NOT_SET = "(not set)"


@cache
def _ids() -> pl.Series:
    """Ids of products: those of their pages, then those of their two variants in purchases."""
    known = products()
    small, large = (known["sku"] + f"{number:02d}" for number in (13, 17))
    return pl.concat([known["code"], small, large], rechunk=True)


def items(scenario: JourneyScenario, model: Model, sequence: EventSequence) -> pl.Series:
    """The column for a sequence of events.

    Args:
        scenario: Seed and defects.
        model: All sessions.
        sequence: The events.
    """
    sampler = ProductSampler(RandomStream(scenario.seed, "journey", "events"))
    event, product, quantity, bought = _elements(sampler, model, sequence)
    # What the customer pays of a price, percent.
    percent = np.full(len(sequence), 100, dtype=np.int64)
    percent[bought] = model.orders.percent[sequence.order[bought]]
    order = np.argsort(event, kind="stable")
    event, product, quantity = event[order], product[order], quantity[order]
    bits = random_bits(sampler.draw.substream("items"), sequence.bits[event].astype(np.int64))
    promoted, paid = product >= PRODUCTS, bought[event]
    known = np.where(promoted, 0, product)
    priced = ~promoted
    lost = scenario.missing_quantities & ~paid & (lane(bits, TOP_LANE) < NO_QUANTITY * 65536)
    price = prices()[known] * percent[event]
    # Purchases have ids of variants, pages those of products.
    variant = 1 + (sequence.key[event] + known) % 2
    sold = np.where(paid & scenario.inconsistent_items, variant * PRODUCTS, 0)

    facts = products()
    text = pl.Series([NOT_SET])
    nowhere = np.zeros(len(event), dtype=np.int64)
    unknown = gather_or_null(text, nowhere)
    promotions = pl.Series(PROMOTIONS)
    which = np.where(promoted, product - PRODUCTS, 0)

    def fact(column: str) -> pl.Series:
        return gather_or_null(pl.concat([facts[column], text]), np.where(promoted, PRODUCTS, known))

    def amount(values: Numbers, there: Flags) -> pl.Series:
        return pl.Series(values / 100).set(pl.Series(~there), None)

    none_of_text = pl.Series([None], dtype=pl.String).new_from_index(0, len(event))
    none_of_amount = pl.Series([None], dtype=pl.Float64).new_from_index(0, len(event))
    shown = priced & (price > 0)
    revenue = price * quantity
    elements = pl.DataFrame(
        {
            "item_id": gather_or_null(
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
            "promotion_name": gather_or_null(
                pl.concat([promotions, text]), np.where(promoted, which, len(PROMOTIONS))
            ),
            "creative_name": unknown,
            "creative_slot": none_of_text,
        }
    )
    return list_column("items", np.bincount(event, minlength=len(sequence)), elements)


def _elements(
    sampler: ProductSampler, model: Model, sequence: EventSequence
) -> tuple[Numbers, Numbers, Numbers, Flags]:
    """Event, product and quantity of every element, and which events are purchases."""
    event, product, quantity = _basket_lines(sampler, sequence, model)
    of_products = np.flatnonzero(sequence.product >= 0)
    promotions = np.flatnonzero(sequence.has_name("view_promotion", "select_promotion"))
    shown = PRODUCTS + sequence.key[promotions] % len(PROMOTIONS)
    listed = np.repeat(np.flatnonzero(sequence.has_name("view_item_list")), LISTED)
    turn = np.arange(len(listed)) % LISTED
    rows = (event, of_products, promotions, listed)
    numbers = (
        product,
        sequence.product[of_products],
        shown,
        sampler.product(sequence.key[listed], turn),
    )
    counts = (quantity, *(np.ones(len(of), dtype=np.int64) for of in rows[1:]))
    bought = sequence.has_name("purchase")
    return np.concatenate(rows), np.concatenate(numbers), np.concatenate(counts), bought


def _basket_lines(
    sampler: ProductSampler, sequence: EventSequence, model: Model
) -> tuple[Numbers, Numbers, Numbers]:
    """Event (index), product and quantity of every basket line that an event has."""
    shown = sequence.has_name("begin_checkout", "add_shipping_info", "add_payment_info", "purchase")
    event = np.flatnonzero(shown)
    place = np.zeros(len(event), dtype=np.int64)
    bought = sequence.order[event] >= 0
    place[bought] = model.orders.place[sequence.order[event][bought]]
    lines = sampler.lines(sequence.key[event], place)
    line = np.arange(int(lines.sum())) - np.repeat(np.cumsum(lines) - lines, lines)
    event, place = np.repeat(event, lines), np.repeat(place, lines)
    product, quantity = sampler.line(sequence.key[event], place, line)
    return event, product, quantity
