"""How orders are paid: the methods of single payments, and of the two parts of an order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

# Counts among the 113 payments of dbt's original jaffle shop.
METHODS = {"credit_card": 55, "bank_transfer": 33, "coupon": 13, "gift_card": 12}
CARD = "credit_card"
# Rounds after which the shares of pairs no longer change.
ROUNDS = 500


@lru_cache(maxsize=8)
def pairs(two_cards: float) -> Mapping[tuple[str, str], float]:
    """Shares of the methods of the first and the second payment of an order.

    The parts are paid by two methods, or by two credit cards; no order has two coupons. Each part
    alone has the shares of ``METHODS``.

    Args:
        two_cards: Share of two credit cards.
    """
    names = list(METHODS)
    shares = np.array(list(METHODS.values())) / sum(METHODS.values())
    table = np.outer(shares, shares)
    np.fill_diagonal(table, 0)
    target = shares - two_cards * np.array([name == CARD for name in names])
    # Proportional fitting; the table stays symmetric, so that rows and columns fit alike.
    for _ in range(ROUNDS):
        factor = np.sqrt(target / table.sum(axis=1))
        table *= np.outer(factor, factor)
    found = {
        (names[row], names[column]): round(float(table[row, column]), 6)
        for row in range(len(names))
        for column in range(len(names))
        if row != column
    }
    return found | ({(CARD, CARD): two_cards} if two_cards else {})
