"""Online orders: which one a record is about, when it was made, and where it was sent."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.calendar import SALES_BEGIN
from synth_assets.domains.identity_resolution.model import Model
from synth_assets.domains.identity_resolution.source_membership import ECOM
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, since_epoch

# Spread of the time between an order and a record about it (lognormal).
SPREAD = 0.6


def with_order(model: Model, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds ``order``, an online order of the record's person, and ``buyer_rank``.

    A person's n-th record is about the person's n-th order, or the last if there are fewer;
    ``order_nth`` says which. The columns are null for persons without orders.

    Args:
        model: The domain's model.
        frame: Records with the columns of ``Model.persons_of``.
    """
    buyers, rank = model.frequency[ECOM], pl.col("buyer_rank")
    return (
        frame.with_columns(buyer_rank=buyers.rank(pl.col("person"), pl.col("membership")))
        .with_columns(order_nth=pl.min_horizontal(pl.col("nth"), buyers.count(rank) - 1))
        .with_columns(order=buyers.record(rank, pl.col("order_nth")))
    )


def ordered(model: Model, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the local ``day`` of an online order, its moment ``ordered``, and its address.

    ``ordered`` is in seconds since 1970 (UTC). The address, with the columns of ``Homes.placed``,
    is the one on that day; ``clock`` is its local time.

    Args:
        model: The domain's model.
        frame: Rows with the columns of ``with_order``.
    """
    stream, order = model.stream(ECOM), pl.col("order")
    count = model.frequency[ECOM].count(pl.col("buyer_rank"))
    day = model.calendar.day(stream.substream("day"), order, pl.col("order_nth"), count)
    before = since_epoch(SALES_BEGIN) + pl.col("day") * DAY < model.homes.moved()
    frame = model.homes.placed(frame.with_columns(day=day), before)
    return frame.with_columns(clock=model.homes.clock()).with_columns(
        ordered=model.calendar.moment(stream.substream("time"), order, pl.col("day"))
    )


def days_after(stream: RandomStream, record: pl.Expr, median: float, most: int) -> pl.Expr:
    """Days between an order and a record about it; null without an order.

    Reads the columns of ``ordered``.

    Args:
        stream: The random stream of the records' source.
        record: Number of the record.
        median: Days after the order (lognormal).
        most: Most days after the order.
    """
    delay = (median * stream.substream("delay").normal(record, 0, SPREAD).exp()).clip(1, most)
    return pl.when(pl.col("order").is_not_null()).then(delay.cast(pl.Int64))


def later(model: Model, stream: RandomStream, record: pl.Expr) -> pl.Expr:
    """Seconds since 1970 at a time ``days_after`` an order, or on any day without one.

    Reads the columns of ``ordered``, and ``days_after``.

    Args:
        model: The domain's model.
        stream: The random stream of the records' source.
        record: Number of the record.
    """
    anytime = model.calendar.day(stream.substream("day"), record)
    day = (pl.col("day") + pl.col("days_after")).fill_null(anytime)
    return model.calendar.moment(stream.substream("time"), record, day)
