"""What orders cost: baskets of the menu, as a distribution of amounts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import categorical_u16

# Prices in dollars with the share of sales, in the ranges of dbt's later jaffle shop (raw_products
# of dbt-labs/jaffle-shop, 2024: five jaffles of 11 to 14 and five drinks of 4 to 7 dollars).
JAFFLES = {11: 0.35, 12: 0.45, 14: 0.20}
DRINKS = {4: 0.15, 5: 0.20, 6: 0.40, 7: 0.25}
# Baskets by number of jaffles and drinks: a lunch for one, alone or with a drink, is the usual one.
BASKETS = {
    (0, 1): 0.06, (0, 2): 0.02, (1, 0): 0.36, (1, 1): 0.32, (1, 2): 0.04,
    (2, 0): 0.06, (2, 1): 0.05, (2, 2): 0.06, (3, 1): 0.01, (3, 3): 0.02,
}  # fmt: skip
CENTS = 100


@lru_cache(maxsize=8)
def amounts(price_level: float, sales_tax: float) -> Mapping[int, float]:
    """The amounts of orders in cents, each with its probability.

    Args:
        price_level: Multiple of the menu's prices.
        sales_tax: Tax as a share of the prices.
    """
    found: dict[int, float] = {}
    for (jaffles, drinks), share in BASKETS.items():
        sums = {0: share}
        for prices in [JAFFLES] * jaffles + [DRINKS] * drinks:
            sums = _added(sums, prices)
        for total, p in sums.items():
            found[total] = found.get(total, 0.0) + p
    dollar = CENTS * price_level * (1 + sales_tax)
    return {max(round(total * dollar), 2): found[total] for total in sorted(found)}


def _added(sums: Mapping[int, float], prices: Mapping[int, float]) -> dict[int, float]:
    """The distribution of sums with one more price."""
    found: dict[int, float] = {}
    for total, p in sums.items():
        for price, q in prices.items():
            found[total + price] = found.get(total + price, 0.0) + p * q
    return found


def mean_amount(scenario: JaffleScenario) -> float:
    """The mean amount of an order in cents.

    Args:
        scenario: The prices.
    """
    shares = amounts(scenario.price_level, scenario.sales_tax)
    return sum(amount * share for amount, share in shares.items()) / sum(shares.values())


def amount(scenario: JaffleScenario, bits: pl.Expr) -> pl.Expr:
    """The amount of an order in cents (Int64).

    Args:
        scenario: The prices.
        bits: 64 random bits; the lowest 16 decide.
    """
    shares = amounts(scenario.price_level, scenario.sales_tax)
    values = pl.Series(list(shares), dtype=pl.Int64)
    return gather(values, categorical_u16(bits, list(shares.values())))
