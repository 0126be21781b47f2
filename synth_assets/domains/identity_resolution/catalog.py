"""The products on sale: ids, kinds and prices, and which product a line of an order has."""

from __future__ import annotations

from functools import cached_property

import polars as pl

from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import numbered

# Usual price in US dollars of each kind of product, in the order of ``products``.
PRICES = (
    120, 650, 1_100, 520, 210, 32, 65, 110, 85, 24, 45, 70, 60, 320, 30,
    28, 22, 18, 60, 15, 55, 90, 240, 35, 48,
)  # fmt: skip
# The locale whose currency is the dollar.
US_DOLLARS = 0


class Catalog:
    """``products`` products; ``kinds`` and ``prices`` are the random streams of these."""

    def __init__(self, products: int, kinds: RandomStream, prices: RandomStream) -> None:
        self._products, self._kinds, self._price_stream = products, kinds, prices

    def product_id(self, product: pl.Expr) -> pl.Expr:
        """Id of a product.

        Args:
            product: The product's number, 0 and up.
        """
        return gather(self._product_ids, product)

    @cached_property
    def _product_ids(self) -> pl.Series:
        number = pl.int_range(self._products, dtype=pl.Int64)
        return pl.select(numbered("PROD-", number, 100_000)).to_series()

    def product_kind(self, product: pl.Expr) -> pl.Expr:
        """Kind of a product, an index into ``PRICES``.

        Args:
            product: The product's number.
        """
        return (self._kinds.bits(product) % len(PRICES)).cast(pl.Int64)

    def product_sold(self, line: pl.Expr, stream: RandomStream) -> pl.Expr:
        """Number of the product on a line: few products sell well, most sell rarely.

        Args:
            line: Row number of the line.
            stream: The random stream of the lines' source.
        """
        unit = stream.substream("product").uniform(line)
        return (unit * unit * self._products).cast(pl.Int64)

    def unit_cents(self, product: pl.Expr, locale: pl.Expr | int = US_DOLLARS) -> pl.Expr:
        """Price of a product in hundredths of a locale's currency.

        Args:
            product: The product's number.
            locale: Index into ``LOCALES``.
        """
        return gather(self._prices, product + locale * self._products)

    @cached_property
    def _prices(self) -> pl.Series:
        """Prices in hundredths, by locale and product.

        A price in dollars varies around the usual price of the product's kind and ends in .99.
        Currencies without minor units have whole prices.
        """
        product, stream = pl.col("product"), self._price_stream
        usual = gather([float(price) for price in PRICES], self.product_kind(product))
        dollars = (usual * stream.normal(product, 0, 0.45).exp()).round(0).clip(2, 5_000)
        frame = pl.select(product=pl.int_range(self._products, dtype=pl.Int64))
        in_cents = frame.select(dollars.cast(pl.Int64) * 100 - 1).to_series()
        priced = []
        for locale in LOCALES:
            price = (in_cents * locale.rate).round(0).cast(pl.Int64)
            priced.append(price if locale.minor else (price + 50) // 100 * 100)
        return pl.concat(priced)
