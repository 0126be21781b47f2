"""When orders are placed, shipped, delivered and returned, and when units come in and are sold."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.clean_room.model import Model
from synth_assets.domains.clean_room.source.calendar import (
    CARRIERS_OPEN,
    CENTERS_OPEN,
    DELIVERY,
    RETURN,
    SHIPPING,
)
from synth_assets.domains.clean_room.source.distributions import (
    DELIVERED,
    DRIFT,
    RETURNED,
    SHIPPED,
)
from synth_assets.randomness.streams import RandomStream


def with_order_columns(model: Model, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add an order's columns to each row.

    Args:
        model: The scenario's model.
        frame: Rows with the numbers ``user`` and ``order``.

    Returns:
        The frame with the user's ``home``, ``zone`` and ``gender``, the order's ``status`` and
        ``num_of_item``, and ``registered``, ``placed``, ``shipped``, ``delivered`` and
        ``returned`` in seconds since 1970 (null where it did not happen).
    """
    order, draw, user = pl.col("order"), model.stream("orders"), pl.col("user")
    status, zone = pl.col("status"), pl.col("zone")
    since = model.calendar.since(pl.col("registered"), draw.substream("placed"), order, zone)
    steps: list[tuple[str, str, tuple[str, ...], int]] = [
        ("shipped", "placed", SHIPPED, SHIPPING),
        ("delivered", "shipped", DELIVERED, DELIVERY),
        ("returned", "delivered", RETURNED, RETURN),
    ]
    frame = (
        frame.with_columns(home=model.home(user))
        .with_columns(
            gender=model.gender(user),
            status=model.status(order),
            num_of_item=model.items_of(order),
            zone=model.gazetteer.show("zone", pl.col("home")),
            registered=model.registered(user, pl.col("home")),
        )
        .with_columns(placed=since)
    )
    for step, before, statuses, longest in steps:
        moment = _step(model, pl.col(before), longest, draw.substream(step), step == "shipped")
        frame = frame.with_columns(pl.when(status.is_in(statuses)).then(moment).alias(step))
    return frame


def _step(model: Model, before: pl.Expr, longest: int, draw: RandomStream, center: bool) -> pl.Expr:
    """A step of a parcel, by the hours of the distribution center or of the carrier."""
    past = not model.scenario.future_deliveries
    moment = model.calendar.within(before, longest, draw, pl.col("order"), past)
    latest = before + longest
    if past:
        latest = pl.min_horizontal(latest, model.calendar.end)
    zone = model.calendar.centers if center else pl.col("zone")
    hours = CENTERS_OPEN if center else CARRIERS_OPEN
    return model.calendar.when_open(moment, zone, hours, before, latest)


def item_time(model: Model, placed: pl.Expr, item: pl.Expr) -> pl.Expr:
    """The timestamp of an item, seconds since 1970.

    Args:
        model: The scenario's model.
        placed: The timestamp of its order.
        item: The item's number.
    """
    if not model.scenario.items_before_orders:
        return placed
    return placed - model.stream("items", "stamped").integers(item, 0, DRIFT + 1)


def came_in(model: Model, sold: pl.Expr, stored: pl.Expr) -> pl.Expr:
    """When the lot of an item came in, seconds since 1970.

    Args:
        model: The scenario's model.
        sold: The timestamp of the item.
        stored: Seconds from the arrival to the sale, at least 1.
    """
    calendar = model.calendar
    return calendar.when_open(sold - stored, calendar.centers, CENTERS_OPEN, 0, sold)
