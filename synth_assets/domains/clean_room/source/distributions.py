"""The declared shares, sizes and page paths of the merchant's source.

Shares of one table's columns only are in the table's module, those of products in ``catalog``.
"""

from __future__ import annotations

import polars as pl

from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import HOUR

# Shares as in the generator of the public data set thelook_ecommerce: orders per user, items per
# order, and unsold units per sold unit.
ORDERS = {0: 0.2, 1: 0.5, 2: 0.2, 3: 0.05, 4: 0.05}
ITEMS = {1: 0.7, 2: 0.2, 3: 0.05, 4: 0.05}
UNSOLD = {1: 0.5, 2: 0.3, 3: 0.2}
GENDERS = {"M": 0.5, "F": 0.5}
# Ages, which are uniform; some users are minors.
YOUNGEST, OF_AGE, OLDEST = 12, 18, 70
STATUSES = {
    "Complete": 0.25, "Cancelled": 0.15, "Returned": 0.10, "Processing": 0.20, "Shipped": 0.30,
}  # fmt: skip
# Statuses of orders that were shipped, delivered and returned.
SHIPPED = ("Shipped", "Complete", "Returned")
DELIVERED = ("Complete", "Returned")
RETURNED = ("Returned",)
# Most seconds from an item's timestamp to its order's.
DRIFT = 4 * HOUR
# Products of each department; women's have the first numbers.
WOMEN, MEN = 15_989, 13_131
# Anonymous sessions per user, and the page paths that they follow.
ANONYMOUS_SESSIONS = 5
PAGE_PATHS = (
    ("product",),
    ("department", "product"),
    ("product", "cart", "cancel"),
    ("department", "product", "cart"),
)
# Pages for each item of an order, and all pages of a session that buys a single item.
ITEM_PAGES = ("department", "product", "cart")
SINGLE_ITEM_PAGES = ("home", *ITEM_PAGES, "purchase")


def pages_per_item(items: pl.Expr) -> pl.Expr:
    """The number of pages in the session of one item of an order.

    Args:
        items: The number of items of the order.
    """
    several = (n * len(ITEM_PAGES) + 1 for n in range(2, max(ITEMS) + 1))
    return gather([0, len(SINGLE_ITEM_PAGES), *several], items)
