"""Rows that are lines of orders or receipts: which lines, what was sold, what it cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.domains.identity_resolution.model import World
from synth_assets.randomness.values import cents

QUANTITIES = {1: 74, 2: 17, 3: 6, 4: 3}


def lines(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The lines of orders: ``line`` (1 and up), ``row`` and ``line_id``, from ``order_id``."""
    return (
        frame.with_columns(line=pl.int_ranges(1, pl.col("lines") + 1))
        .explode("line")
        .with_columns(
            row=pl.col("first_row") + pl.col("line") - 1,
            line_id=pl.concat_str("order_id", pl.lit("-"), pl.col("line").cast(pl.String)),
        )
    )


def within(frame: pl.LazyFrame, partition: Partition) -> pl.LazyFrame:
    """The rows of a partition alone, without the other lines of its first and last order."""
    return frame.filter(pl.col("row") >= partition.start, pl.col("row") < partition.stop)


def priced(
    world: World, source: str, orders: pl.LazyFrame, locale: pl.Expr | int, partition: Partition
) -> pl.LazyFrame:
    """The lines of a partition with product, quantity, price and the order's ``total``.

    Prices are in the currency of ``locale``; whatever else the orders have comes along.
    """
    every = lines(orders).with_columns(**_sold(world, source, locale))
    # Before lines of other partitions go: the total is the whole order's.
    return within(every.with_columns(total=_total()), partition).with_columns(
        product_id=world.product_id(pl.col("product")),
        quantity=pl.col("quantity").cast(pl.Int32),
        unit_price=cents(pl.col("price")),
        total=cents(pl.col("total")),
    )


def _sold(world: World, source: str, locale: pl.Expr | int) -> dict[str, pl.Expr]:
    """Product, quantity and price in hundredths of each ``row`` of a source's line items."""
    draw, row = world.draw(source), pl.col("row")
    product = world.product_sold(row, draw)
    return {
        "product": product,
        "quantity": draw.substream("quantity").choice_u16(row, QUANTITIES),
        "price": world.unit_cents(product, locale),
    }


def _total() -> pl.Expr:
    """Sum over the rows of each ``order``, which lie together, on each of them."""

    def summed(columns: Sequence[pl.Series]) -> pl.Series:
        order, amount = (column.to_numpy() for column in columns)
        if not len(order):
            return pl.Series(amount)
        starts = np.flatnonzero(np.diff(order, prepend=order[0] - 1))
        sizes = np.diff(starts, append=len(order))
        return pl.Series(np.repeat(np.add.reduceat(amount, starts), sizes))

    amount = pl.col("price") * pl.col("quantity")
    return pl.map_batches([pl.col("order"), amount], summed, return_dtype=pl.Int64)
