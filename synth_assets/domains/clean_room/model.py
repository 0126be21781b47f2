"""The simulation that the tables of the merchant's source share: who orders what and when.

There is one ``Model`` for each scenario. Users, orders, items and events are numbered from 0 in the
order of their rows. A user's orders are consecutive rows, as are an order's items and so on (see
``source.layout``).
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import polars as pl

from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.source.calendar import DELIVERY, RETURN, SHIPPING, Calendar
from synth_assets.domains.clean_room.source.distributions import (
    ANONYMOUS_SESSIONS,
    DELIVERED,
    DRIFT,
    GENDERS,
    ITEMS,
    MEN,
    ORDERS,
    PAGE_PATHS,
    RETURNED,
    SHIPPED,
    STATUSES,
    UNSOLD,
    WOMEN,
    pages_per_item,
)
from synth_assets.domains.clean_room.source.gazetteer import Gazetteer
from synth_assets.domains.clean_room.source.layout import OwnedRows, row_range, rows_numbered
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream

DOMAIN = "clean_room"


class Model:
    """The merchant's users, orders, items and sessions in one scenario.

    Args:
        scenario: The scenario.
    """

    def __init__(self, scenario: CleanRoomScenario) -> None:
        self.scenario = scenario
        self.calendar = Calendar(scenario.as_of)
        self.orders = OwnedRows(scenario.users, self._orders_of)
        self.items = OwnedRows(self.orders.total, self.items_of)

    def stream(self, *names: str) -> RandomStream:
        """A random stream of the domain.

        Args:
            names: What the stream is for; they decide its numbers.
        """
        return RandomStream(self.scenario.seed, DOMAIN, *names)

    @cached_property
    def units(self) -> OwnedRows:
        """Units in stock, owned by the item that sold the first of them."""
        return OwnedRows(self.items.total, self._units_of)

    @cached_property
    def pages(self) -> OwnedRows:
        """Page views of buyers, owned by orders."""

        def views(order: pl.Expr) -> pl.Expr:
            return self.items_of(order) * pages_per_item(self.items_of(order))

        return OwnedRows(self.orders.total, views)

    @cached_property
    def anonymous_pages(self) -> OwnedRows:
        """Page views of visitors without an account, owned by anonymous sessions."""
        sizes = [len(path) for path in PAGE_PATHS]
        sessions = self.scenario.users * ANONYMOUS_SESSIONS
        return OwnedRows(sessions, lambda session: gather(sizes, self.page_path(session)))

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The places where people live, with the data defects of the scenario."""
        return Gazetteer(
            mixed_countries=self.scenario.mixed_countries,
            null_cities=self.scenario.null_cities,
            lost_zeros=self.scenario.lost_zeros,
        )

    def _orders_of(self, user: pl.Expr) -> pl.Expr:
        return self.stream("users", "orders").choice_u16(user, ORDERS)

    def items_of(self, order: pl.Expr) -> pl.Expr:
        """The number of items of an order.

        Args:
            order: The order's number.
        """
        return self.stream("orders", "items").choice_u16(order, ITEMS)

    def _units_of(self, item: pl.Expr) -> pl.Expr:
        return 1 + self.stream("items", "unsold").choice_u16(item, UNSOLD)

    def page_path(self, session: pl.Expr) -> pl.Expr:
        """The index in ``PAGE_PATHS`` of an anonymous session.

        Args:
            session: The session's number.
        """
        return self.stream("ghosts", "walk").integers(session, 0, len(PAGE_PATHS))

    def gender(self, user: pl.Expr) -> pl.Expr:
        """M or F.

        Args:
            user: The user's number.
        """
        return self.stream("users", "gender").choice_u16(user, GENDERS)

    def registered(self, user: pl.Expr) -> pl.Expr:
        """The moment of a user's registration, seconds since 1970.

        Args:
            user: The user's number.
        """
        return self.calendar.arrival(self.stream("users", "joined"), user)

    def home(self, user: pl.Expr) -> pl.Expr:
        """The place where a user lives, a row of the gazetteer.

        Args:
            user: The user's number.
        """
        return self.gazetteer.place(self.stream("users", "home"), user)

    def status(self, order: pl.Expr) -> pl.Expr:
        """The status of an order, one of ``STATUSES``.

        Args:
            order: The order's number.
        """
        return self.stream("orders", "status").choice_u16(order, STATUSES)

    def with_order_columns(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Add an order's columns to each row.

        Args:
            frame: Rows with the numbers ``user`` and ``order``.

        Returns:
            The frame with ``gender``, ``status``, ``num_of_item``, and ``placed``, ``shipped``,
            ``delivered`` and ``returned`` in seconds since 1970 (null where it did not happen).
        """
        order, draw = pl.col("order"), self.stream("orders")
        status, placed = pl.col("status"), pl.col("placed")
        then, past = self.calendar.within, not self.scenario.future_deliveries
        shipped = then(placed, SHIPPING, draw.substream("shipped"), order, past)
        delivered = then(pl.col("shipped"), DELIVERY, draw.substream("delivered"), order, past)
        returned = then(pl.col("delivered"), RETURN, draw.substream("returned"), order, past)
        return (
            frame.with_columns(
                gender=self.gender(pl.col("user")),
                status=self.status(order),
                num_of_item=self.items_of(order),
                placed=self.calendar.since(
                    self.registered(pl.col("user")), draw.substream("placed"), order
                ),
            )
            .with_columns(shipped=pl.when(status.is_in(SHIPPED)).then(shipped))
            .with_columns(delivered=pl.when(status.is_in(DELIVERED)).then(delivered))
            .with_columns(returned=pl.when(status.is_in(RETURNED)).then(returned))
        )

    def item_time(self, placed: pl.Expr, item: pl.Expr) -> pl.Expr:
        """The timestamp of an item, seconds since 1970.

        Args:
            placed: The timestamp of its order.
            item: The item's number.
        """
        if not self.scenario.items_before_orders:
            return placed
        return placed - self.stream("items", "stamped").integers(item, 0, DRIFT + 1)

    def product(self, gender: pl.Expr, item: pl.Expr) -> pl.Expr:
        """The number of an item's product, which is of the buyer's department.

        Args:
            gender: The buyer's gender.
            item: The item's number.
        """
        draw = self.stream("items", "product")
        men, women = draw.integers(item, WOMEN, WOMEN + MEN), draw.integers(item, 0, WOMEN)
        return pl.when(gender == "M").then(men).otherwise(women)

    def orders_in(self, start: int, stop: int) -> pl.DataFrame:
        """The numbers ``order`` and ``user`` of a range of orders.

        Args:
            start: The first order.
            stop: The order after the last.
        """
        return self.orders.rows(start, stop).select(order="row", user="owner")

    def items_in(self, start: int, stop: int) -> pl.DataFrame:
        """The numbers ``item``, its ``place`` in the order, and its ``order`` and ``user``.

        Args:
            start: The first item.
            stop: The item after the last.
        """
        items = self.items.rows(start, stop).select("place", item="row", order="owner")
        return items.with_columns(user=self._user_of(items["order"]))

    def units_in(self, start: int, stop: int) -> pl.DataFrame:
        """The numbers ``unit``, its ``place`` (0 was sold), its ``item``, ``order`` and ``user``.

        Args:
            start: The first unit.
            stop: The unit after the last.
        """
        units = self.units.rows(start, stop).select("place", unit="row", item="owner")
        items = self.items_in(*row_range(units["item"])).select("order", "user")
        return units.hstack(rows_numbered(items, units["item"]))

    def _user_of(self, order: pl.Series) -> pl.Series:
        return rows_numbered(self.orders_in(*row_range(order)), order)["user"]

    def first_units(self, start: int, stop: int) -> pl.Series:
        """The number of the unit that each of a range of items sold.

        Args:
            start: The first item.
            stop: The item after the last.
        """
        return pl.Series(self.units.offsets(start, stop)[:-1])


@lru_cache(maxsize=4)
def open_model(scenario: CleanRoomScenario) -> Model:
    """The model of a scenario, cached for the process.

    Args:
        scenario: The scenario.
    """
    return Model(scenario)
