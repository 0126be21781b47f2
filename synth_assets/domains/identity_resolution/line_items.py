"""Rows that are lines of orders or receipts: lines, products, quantities, prices and totals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.domains.identity_resolution.model import Model
from synth_assets.domains.identity_resolution.promotions import lowered
from synth_assets.randomness.ragged import runs
from synth_assets.randomness.values import cents

# Relative frequencies of quantities.
QUANTITIES = {1: 74, 2: 17, 3: 6, 4: 3}


def lines(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The lines of orders: adds ``line`` (1 and up), ``row`` and ``line_id``.

    Args:
        frame: Orders with ``order_id`` and the columns of ``OrderLayout.placed``.
    """
    return (
        frame.with_columns(line=pl.int_ranges(1, pl.col("lines") + 1))
        .explode("line")
        .with_columns(
            row=pl.col("first_row") + pl.col("line") - 1,
            line_id=pl.concat_str("order_id", pl.lit("-"), pl.col("line").cast(pl.String)),
        )
    )


def in_partition(frame: pl.LazyFrame, partition: Partition) -> pl.LazyFrame:
    """The lines in a partition, without other lines of its first and last order.

    Args:
        frame: Lines with ``row``.
        partition: The partition.
    """
    return frame.filter(pl.col("row") >= partition.start, pl.col("row") < partition.stop)


def priced(
    model: Model, source: str, orders: pl.LazyFrame, locale: pl.Expr | int, partition: Partition
) -> pl.LazyFrame:
    """The lines of a partition with product, quantity, unit price and the order's ``total``.

    Args:
        model: The domain's model.
        source: The source of the orders.
        orders: Orders as for ``lines``, with ``day`` and ``code``, an index into ``CODES``; their
            other columns are kept.
        locale: Index into ``LOCALES``, for the currency.
        partition: Row numbers of the lines.
    """
    every = lines(orders).with_columns(**_sold(model, source, locale))
    # Totals are computed before lines of other partitions are dropped: they are of whole orders.
    return in_partition(every.with_columns(total=_total()), partition).with_columns(
        product_id=model.catalog.product_id(pl.col("product")),
        quantity=pl.col("quantity").cast(pl.Int32),
        unit_price=cents(pl.col("price")),
        total=cents(pl.col("total")),
    )


def _sold(model: Model, source: str, locale: pl.Expr | int) -> dict[str, pl.Expr]:
    """Product, quantity and price in hundredths of each ``row`` of a source's line items."""
    stream, row = model.stream(source), pl.col("row")
    product = model.catalog.product_sold(row, stream)
    return {
        "product": product,
        "quantity": stream.substream("quantity").choice_u16(row, QUANTITIES),
        "price": lowered(
            model.catalog.unit_cents(product, pl.col("day"), locale), pl.col("code"), locale
        ),
    }


def _total() -> pl.Expr:
    """Sum over the lines of each ``order``, which are consecutive rows, on each of them."""

    def summed(columns: Sequence[pl.Series]) -> pl.Series:
        order, amount = (column.to_numpy() for column in columns)
        if not len(order):
            return pl.Series(amount)
        starts, sizes = runs(order)
        return pl.Series(np.repeat(np.add.reduceat(amount, starts), sizes))

    amount = pl.col("price") * pl.col("quantity")
    return pl.map_batches([pl.col("order"), amount], summed, return_dtype=pl.Int64)
