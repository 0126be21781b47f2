"""What people buy: any product of their department, in categories that fit their age.

Over all buyers every product of a department is sold equally often, as in the public data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from synth_assets.domains.clean_room.model import Model, open_model
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.source.catalog import CATEGORIES
from synth_assets.domains.clean_room.source.distributions import MEN, OLDEST, WOMEN
from synth_assets.domains.clean_room.source.margins import Floats, fitted
from synth_assets.domains.clean_room.source.people.ages import Ages
from synth_assets.domains.clean_room.tables.thelook_products import catalog
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_table

# The first age of each group. For each category, how much more often than others a group buys it;
# categories that are not listed fit every age alike. Sport and
# casual clothes are younger (more than half of those of 55 or more would not wear a hoodie, Style
# Compare, 2019), formal and warm ones older (assumption), sizes are an assumption; maternity wear
# follows the ages of mothers (NCHS, Births: Final Data for 2023).
GROUPS = (0, 18, 30, 45, 60)
GROUP_OF_AGE = [sum(age >= first for first in GROUPS) - 1 for age in range(OLDEST + 1)]
MATERNITY, MENS = "Maternity", "Men"
NEUTRAL = (1.0,) * len(GROUPS)
FITTING: dict[str, Sequence[float]] = {
    MATERNITY: (0, 1.6, 1.8, 0.05, 0),
    "Active": (1.3, 1.3, 1.1, 0.8, 0.6),
    "Blazers & Jackets": (0.3, 0.9, 1.2, 1.2, 1.0),
    "Dresses": (0.9, 1.2, 1.1, 0.9, 0.8),
    "Fashion Hoodies & Sweatshirts": (1.8, 1.4, 1.0, 0.7, 0.5),
    "Intimates": (0.5, 1.1, 1.1, 1.0, 0.9),
    "Jeans": (1.2, 1.2, 1.1, 0.9, 0.7),
    "Jumpsuits & Rompers": (1.3, 1.4, 1.0, 0.6, 0.4),
    "Leggings": (1.5, 1.4, 1.0, 0.7, 0.5),
    "Outerwear & Coats": (0.8, 0.9, 1.0, 1.1, 1.2),
    "Pants": (0.6, 0.9, 1.0, 1.2, 1.2),
    "Pants & Capris": (0.6, 0.9, 1.0, 1.2, 1.2),
    "Plus": (0.5, 0.8, 1.0, 1.2, 1.2),
    "Shorts": (1.3, 1.2, 1.0, 0.8, 0.7),
    "Skirts": (1.1, 1.2, 1.0, 0.9, 0.8),
    "Sleep & Lounge": (0.8, 0.9, 1.0, 1.1, 1.2),
    "Socks": (0.7, 0.9, 1.0, 1.1, 1.2),
    "Socks & Hosiery": (0.5, 0.9, 1.0, 1.1, 1.3),
    "Suits": (0.15, 0.8, 1.2, 1.3, 1.1),
    "Suits & Sport Coats": (0.15, 0.8, 1.2, 1.3, 1.1),
    "Sweaters": (0.8, 0.9, 1.0, 1.1, 1.3),
    "Swim": (1.3, 1.3, 1.0, 0.8, 0.6),
    "Tops & Tees": (1.2, 1.1, 1.0, 0.9, 0.9),
}


class Assortment:
    """The products by department and category.

    Args:
        scenario: The scenario.
    """

    def __init__(self, scenario: CleanRoomScenario) -> None:
        names = [category.name for category in CATEGORIES]
        number = dict(zip(names, range(len(names)), strict=True))
        known = catalog(scenario).with_columns(
            kind=pl.col("category").replace_strict(number)
            + len(names) * (pl.col("department") == MENS).cast(pl.Int64)
        )
        counted = dict(known.group_by("kind").len().iter_rows())
        sizes = [counted.get(kind, 0) for kind in range(2 * len(names))]
        # Numbers of products, women's first, by category.
        self._products = known.sort("kind", "id")["id"] - 1
        self._sizes, self._firsts = sizes, offsets(sizes)
        fits = np.array([FITTING.get(name, NEUTRAL) for name in names], dtype=np.float64).T
        shares = _group_shares(open_model(scenario).ages)
        tables = [
            categorical_table(tuple(row))
            for mine in np.array(sizes, dtype=np.float64).reshape(2, len(names))
            for row in _by_group(fits, shares, mine)
        ]
        self._kind = pl.Series(np.concatenate(tables).astype(np.uint8))

    def product(self, draw: RandomStream, row: pl.Expr, gender: pl.Expr, age: pl.Expr) -> pl.Expr:
        """The number of a random product.

        Args:
            draw: The random stream.
            row: The row's number.
            gender: The buyer's gender.
            age: The buyer's age.
        """
        bits = draw.bits(row)
        men = (gender == "M").cast(pl.Int64)
        group = men * len(GROUPS) + gather(GROUP_OF_AGE, age)
        lane = (bits % u64(LANE_VALUES)).cast(pl.Int64)
        kind = gather(self._kind, group * LANE_VALUES + lane).cast(pl.Int64)
        kind = kind + men * len(CATEGORIES)
        rest = bits // u64(LANE_VALUES)
        place = (rest % gather(self._sizes, kind).cast(pl.UInt64)).cast(pl.Int64)
        return gather(self._products, gather(self._firsts, kind) + place)


def _group_shares(ages: Ages) -> Floats:
    shares = np.zeros(len(GROUPS))
    for age, share in enumerate(ages.shares, start=ages.youngest):
        shares[GROUP_OF_AGE[age]] += share
    return shares


def _by_group(fits: Floats, groups: Floats, sizes: Floats) -> Floats:
    """Shares of a department's categories for each group, empty groups and categories left at 0."""
    shares = np.zeros(fits.shape)
    some, sold = np.ix_(groups > 0, sizes > 0), sizes > 0
    shares[some] = fitted(fits[some], groups[groups > 0], sizes[sold])
    # Nobody is in an empty group; it needs weights all the same.
    shares[groups == 0] = sizes / sizes.sum()
    return shares


@lru_cache(maxsize=4)
def assortment(scenario: CleanRoomScenario) -> Assortment:
    """The products of a scenario, cached for the process.

    Args:
        scenario: The scenario.
    """
    return Assortment(scenario)


def bought(model: Model, item: pl.Expr) -> pl.Expr:
    """The number of the product that an item is, in rows with ``gender``, ``user``, ``registered``.

    Args:
        model: The scenario's model.
        item: The item's number.
    """
    gender, user = pl.col("gender"), pl.col("user")
    if not model.scenario.fitting_ages:
        return _any_product(model, gender, item)
    age = model.age(user, pl.col("registered"))
    return assortment(model.scenario).product(model.stream("items", "product"), item, gender, age)


def _any_product(model: Model, gender: pl.Expr, item: pl.Expr) -> pl.Expr:
    """The number of an item's product, any one of the buyer's department."""
    draw = model.stream("items", "product")
    men, women = draw.integers(item, WOMEN, WOMEN + MEN), draw.integers(item, 0, WOMEN)
    return pl.when(gender == "M").then(men).otherwise(women)
