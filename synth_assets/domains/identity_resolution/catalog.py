"""The products on sale: ids, kinds and prices, and which product a line of an order has."""

from __future__ import annotations

from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from synth_assets.domains.identity_resolution.calendar import DAYS, SALES_BEGIN
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.scenario_calendar import CalendarScenario
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream, categorical_u16
from synth_assets.randomness.values import numbered

# Usual price in US dollars of each kind of product, in the order of ``products``, and how many
# products of a hundred are of the kind: shops have more shirts than cameras.
PRICES = (
    80, 480, 800, 420, 150, 28, 55, 90, 75, 22, 38, 60, 50, 210, 26,
    24, 18, 15, 52, 12, 40, 75, 180, 28, 30,
)  # fmt: skip
KINDS = (4, 2, 1, 1, 2, 8, 6, 5, 8, 7, 6, 5, 3, 2, 4, 6, 6, 5, 3, 4, 4, 3, 1, 2, 2)
# By how many hundredths prices are less than whole, in the order of ``price_endings``.
ENDINGS = (1, 5, 0)
# Products are launched in these years, all before the first sale.
LAUNCHES = (date(2015, 1, 1), date(2022, 12, 31))
# The locale whose currency is the dollar.
US_DOLLARS = 0
# Prices are whole multiples of this many units of currencies without minor units.
STEPS = {"JPY": 10, "KRW": 100}
# Prices change by the quarter; the last is that of the list price. By how much they are reduced.
QUARTERS, QUARTER_MONTHS = 12, 3
REDUCED = (0.9, 0.8, 0.7, 0.6)
REDUCTIONS = (0.45, 0.30, 0.17, 0.08)


class Catalog:
    """``products`` products; ``stream`` is the random stream of what they are."""

    def __init__(self, products: int, stream: RandomStream, scenario: CalendarScenario) -> None:
        self._products, self._stream, self._scenario = products, stream, scenario

    def product_id(self, product: pl.Expr) -> pl.Expr:
        """Id of a product.

        Args:
            product: The product's number, 0 and up.
        """
        return gather(self._product_ids, product)

    @cached_property
    def _product_ids(self) -> pl.Series:
        # Ids follow the launch, so that they do not tell how well a product sells.
        launched = self.launched(pl.int_range(self._products, dtype=pl.Int64))
        number = pl.select(launched.rank("ordinal").cast(pl.Int64) - 1).to_series()
        return pl.select(numbered("PROD-", pl.lit(number), 100_000)).to_series()

    def launched(self, product: pl.Expr) -> pl.Expr:
        """First day on sale of a product, in days since 1970.

        Args:
            product: The product's number.
        """
        first, last = ((day - date(1970, 1, 1)).days for day in LAUNCHES)
        return first + self._stream.substream("launch").integers(product, 0, last - first + 1)

    def product_kind(self, product: pl.Expr) -> pl.Expr:
        """Kind of a product, an index into ``PRICES``.

        Args:
            product: The product's number.
        """
        return categorical_u16(self._stream.substream("kind").bits(product), KINDS).cast(pl.Int64)

    def product_sold(self, line: pl.Expr, stream: RandomStream) -> pl.Expr:
        """Number of the product on a line: few products sell well, most sell rarely.

        Args:
            line: Row number of the line.
            stream: The random stream of the lines' source.
        """
        unit = stream.substream("product").uniform(line)
        return (unit * unit * self._products).cast(pl.Int64)

    def list_cents(self, product: pl.Expr) -> pl.Expr:
        """List price of a product in hundredths of a US dollar.

        Args:
            product: The product's number.
        """
        return gather(self._prices, product * (QUARTERS + 1) + QUARTERS)

    def unit_cents(
        self, product: pl.Expr, day: pl.Expr, locale: pl.Expr | int = US_DOLLARS
    ) -> pl.Expr:
        """Price of a product on a day in hundredths of a locale's currency.

        A product's prices have one ending in all currencies; those in currencies without minor
        units are whole.

        Args:
            product: The product's number.
            day: The day, since the first day of sales.
            locale: Index into ``LOCALES``.
        """
        price = gather(self._prices, product * (QUARTERS + 1) + gather(_QUARTER_OF, day))
        if isinstance(locale, int):
            return price
        dollars = (price + 99) // 100
        steps = pl.Series([STEPS.get(lo.currency, 1) for lo in LOCALES])
        rates = pl.Series([lo.rate / STEPS.get(lo.currency, 1) for lo in LOCALES])
        whole = (dollars * gather(rates, locale)).round(0).cast(pl.Int64).clip(1)
        less = gather([int(lo.minor > 0) for lo in LOCALES], locale)
        return whole * gather(steps, locale) * 100 - (dollars * 100 - price) * less

    @cached_property
    def _prices(self) -> pl.Series:
        """Hundredths of a dollar by product and quarter, and of the list."""
        stream = self._stream.substream("price")
        product, quarter = pl.col("product"), pl.col("quarter")
        usual = gather([float(price) for price in PRICES], self.product_kind(product))
        cell = product * QUARTERS + quarter
        reduced = stream.substream("reduced").bernoulli(cell, self._scenario.reduced_rate)
        by = gather(REDUCED, stream.substream("by").categorical(cell, REDUCTIONS))
        years = (quarter // 4).cast(pl.Float64) - (QUARTERS // 4 - 1)
        factor = (
            pl.when(quarter == QUARTERS)
            .then(1.0)
            .otherwise(
                pl.lit(1 + self._scenario.inflation).pow(years)
                * pl.when(reduced).then(by).otherwise(1.0)
            )
        )
        price = (usual * stream.normal(product, 0, 0.45).exp() * factor).round(0).clip(2, 5_000)
        size = self._products * (QUARTERS + 1)
        cells = pl.select(cell=pl.int_range(size, dtype=pl.Int64)).select(
            product=pl.col("cell") // (QUARTERS + 1), quarter=pl.col("cell") % (QUARTERS + 1)
        )
        weights = self._scenario.price_endings
        ending = gather(ENDINGS, stream.substream("ending").categorical(product, weights))
        return cells.select(price.cast(pl.Int64) * 100 - ending).to_series()


def _quarters() -> pl.Series:
    """The quarter of each day of sales."""
    dates = np.datetime64(SALES_BEGIN, "D") + np.arange(DAYS)
    months = (dates.astype("datetime64[M]") - np.datetime64(SALES_BEGIN, "M")).astype(np.int64)
    return pl.Series(months // QUARTER_MONTHS)


_QUARTER_OF = _quarters()
