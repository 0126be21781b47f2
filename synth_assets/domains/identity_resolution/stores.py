"""Stores: every market has its share of them, and the people of a city go to the same few."""

from __future__ import annotations

from itertools import chain

import numpy as np
import polars as pl

from synth_assets.domains.identity_resolution.cities import cities
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, categorical_table, categorical_u16

STORES = 1_200
# Shares of a person's visits to the nearest store, the second and the third.
NEAREST = (0.74, 0.19, 0.07)
# Added to numbers of stores in Quebec, above all others of Canada.
QUEBEC = 400


class Stores:
    """The stores of all markets, in which people of a city shop."""

    def __init__(self) -> None:
        counts = [max(round(STORES * locale.share / 100), 1) for locale in LOCALES]
        ids = [
            [
                f"STORE-{locale.country}-{n + QUEBEC * (locale.code == 'fr_CA')}"
                for n in range(101, 101 + count)
            ]
            for locale, count in zip(LOCALES, counts, strict=True)
        ]
        self._ids = pl.Series(list(chain.from_iterable(ids)))
        self._counts, self._starts = pl.Series(counts), pl.Series(offsets(counts))
        known = [cities(i) for i in range(len(LOCALES))]
        starts = offsets(len(c.names) for c in known)
        self._city_starts = pl.Series(starts)
        self._cities = pl.Series(
            np.concatenate(
                [
                    start + categorical_table(c.shares)
                    for start, c in zip(starts, known, strict=True)
                ]
            )
        )
        self._locales = pl.Series(categorical_table(tuple(float(lo.share) for lo in LOCALES)))

    def anywhere(self, bits: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        """Market and city of an unknown person.

        Args:
            bits: Random bits.
        """
        lanes = [(bits // u64(1 << 16 * n) % u64(LANE_VALUES)).cast(pl.Int64) for n in range(2)]
        locale = gather(self._locales, lanes[0])
        return locale, gather(self._cities, locale * LANE_VALUES + lanes[1])

    def store_id(self, bits: pl.Expr) -> pl.Expr:
        """The store of a visit; reads ``locale`` and ``city``.

        Args:
            bits: Random bits of the visit.
        """
        locale = pl.col("locale")
        city = pl.col("city") - gather(self._city_starts, locale)
        near = categorical_u16(bits, NEAREST, 3).cast(pl.Int64)
        return gather(
            self._ids,
            gather(self._starts, locale) + (city * 3 + near) % gather(self._counts, locale),
        )
