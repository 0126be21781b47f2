"""Page visits of sessions: which page each visit is of, and during which visit an event happens.

A visit begins with its page_view. A session first browses: other pages, the page of a search, and
pages of products, evenly spread. Then come the basket and the pages of the checkout, as far as the
session gets. Events happen during a visit of the page that they are about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth_assets.domains.journey.ga4.catalog import ProductSampler
from synth_assets.domains.journey.ga4.low_discrepancy import Numbers, categorical
from synth_assets.domains.journey.ga4.pages import (
    BASKET,
    COMPLETED,
    FIRST_SEARCH,
    LANDING_SHARES,
    OTHER_PAGE_SHARES,
    OTHER_PAGES,
    PAYMENT,
    SEARCH_SHARES,
    YOUR_INFO,
    page_of,
)
from synth_assets.domains.journey.ga4.sample import TYPE, VIEW_CART
from synth_assets.randomness.random_arrays import random_bits

Counts = npt.NDArray[np.int16]
PAGE_VIEW, VIEW, SEARCH = (TYPE[n] for n in ("page_view", "view_item", "view_search_results"))
CHECKOUT_PAGES = np.array([BASKET, YOUR_INFO, PAYMENT, COMPLETED, COMPLETED])
# Most visits of a session for which visits have distinct random numbers.
MOST_VISITS = 256
NOWHERE = -1


@dataclass(frozen=True)
class PageVisits:
    """Visits of a range of sessions.

    By session: ``browsing`` visits before the basket, ``basket`` visits (0 or 1), visits in
    ``total``, those of ``products``, the number of the ``search`` visit, and the index ``first`` of
    the session's first visit. ``page`` has the page of every visit.
    """

    browsing: Numbers
    basket: Numbers
    total: Numbers
    products: Numbers
    search: Numbers
    first: Numbers
    page: Numbers

    def of_product(self, session: Numbers, turn: Numbers) -> Numbers:
        """The visit of a product's page.

        Args:
            session: Sessions.
            turn: Which of the session's products that have a visit.
        """
        products = np.maximum(self.products[session], 1)
        found: Numbers = ((turn + 1) * self.browsing[session] + products - 1) // products - 1
        return found

    def of_checkout(self, session: Numbers, step: Numbers | int) -> Numbers:
        """The visit of a page of the checkout.

        Args:
            session: Sessions.
            step: 0 for the customer's data, 1 for the payment, 2 and 3 for the orders.
        """
        found: Numbers = self.browsing[session] + self.basket[session] + step
        return found


def needed(counts: Counts, orders: Numbers) -> tuple[Numbers, Numbers]:
    """Page views that a session needs at least, while browsing and in the checkout.

    Args:
        counts: Events of each session by name.
        orders: Orders of each session.
    """
    there = counts > 0
    checkout: Numbers = (
        there[:, TYPE["begin_checkout"]].astype(np.int64)
        + there[:, TYPE["add_payment_info"]]
        + there[:, TYPE[VIEW_CART]]
        + orders
    )
    browsing: Numbers = 1 + (there[:, SEARCH] & there[:, VIEW]).astype(np.int64)
    return browsing, checkout


def page_visits(
    counts: Counts, orders: Numbers, key: Numbers, sampler: ProductSampler
) -> PageVisits:
    """The page visits of sessions.

    Args:
        counts: Events of each session by name.
        orders: Orders of each session.
        key: Key of each session.
        sampler: Products of the sessions.
    """
    least, checkout = needed(counts, orders)
    total = np.maximum(counts[:, PAGE_VIEW].astype(np.int64), least + checkout)
    carts = counts[:, TYPE[VIEW_CART]] > 0
    basket = (carts | ((checkout > 0) & (total > least + checkout))).astype(np.int64)
    browsing = total - checkout - (basket & ~carts)
    searched = counts[:, SEARCH] > 0
    viewed = counts[:, VIEW].astype(np.int64)
    products = np.minimum(viewed, browsing - (searched & (viewed > 0)))
    # The second visit, or the first where the second is of a product.
    second = (browsing > 1) & (2 * products < browsing)
    search = np.where(searched, second.astype(np.int64), NOWHERE)

    first = np.cumsum(total) - total
    session = np.repeat(np.arange(len(total)), total)
    visit = np.arange(len(session)) - first[session]
    here, of_products, own = browsing[session], products[session], key[session]
    turn = visit * of_products // here
    browses = visit < here
    of_product = browses & ((visit + 1) * of_products // here > turn)
    bits = random_bits(sampler.draw.substream("visit"), own * MOST_VISITS + visit)
    page = np.array(OTHER_PAGES)[
        np.where(
            visit == 0, categorical(bits, LANDING_SHARES), categorical(bits, OTHER_PAGE_SHARES)
        )
    ]
    page[of_product] = page_of(sampler.product(own[of_product], turn[of_product]), own[of_product])
    word = categorical(random_bits(sampler.draw.substream("search"), key), SEARCH_SHARES)
    page = np.where(visit == search[session], FIRST_SEARCH + word[session], page)
    step = np.clip(visit - here + 1 - basket[session], 0, len(CHECKOUT_PAGES) - 1)
    page = np.where(browses, page, CHECKOUT_PAGES[step])
    return PageVisits(browsing, basket, total, products, search, first, page)


def with_needed_pages(counts: Counts, orders: Numbers) -> Counts:
    """Counts with the page views that a session's other events need, if it has any.

    Args:
        counts: Events of each session by name.
        orders: Orders of each session.
    """
    browsing, checkout = needed(counts, orders)
    raised = counts.copy()
    views = counts[:, PAGE_VIEW]
    raised[:, PAGE_VIEW] = np.where(views > 0, np.maximum(views, browsing + checkout), 0)
    return raised
