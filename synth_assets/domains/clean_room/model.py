"""What the tables of the merchant's source share: who orders what and when.

One ``Merchant`` a scenario. Users, orders, items and events are numbered from 0 in the order of
their rows; a user's orders, an order's items and so on lie together (see ``layout``). Each step
takes a frame with the columns of the steps before it and adds its own.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import polars as pl

from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.source.calendar import DELIVERY, RETURN, SHIPPING, Calendar
from synth_assets.domains.clean_room.source.gazetteer import Gazetteer
from synth_assets.domains.clean_room.source.layout import Parts
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import HOUR

DOMAIN = "clean_room"

# Shares as the generator of the public data set has them; of orders a user, items an order, and
# units that lie unsold beside one that was sold.
ORDERS = {0: 0.2, 1: 0.5, 2: 0.2, 3: 0.05, 4: 0.05}
ITEMS = {1: 0.7, 2: 0.2, 3: 0.05, 4: 0.05}
UNSOLD = {1: 0.5, 2: 0.3, 3: 0.2}
GENDERS = {"M": 0.5, "F": 0.5}
STATUSES = {
    "Complete": 0.25, "Cancelled": 0.15, "Returned": 0.10, "Processing": 0.20, "Shipped": 0.30,
}  # fmt: skip
# Whose parcels left, arrived and came back.
SHIPPED = ("Shipped", "Complete", "Returned")
DELIVERED = ("Complete", "Returned")
RETURNED = ("Returned",)
# Items are stamped so many seconds before their order at most.
DRIFT = 4 * HOUR
# Products of each department; the first numbers are women's.
WOMEN, MEN = 15_989, 13_131
# Visits without an account, for each user, and the pages of each: one of four walks.
GHOSTS = 5
WALKS = (
    ("product",),
    ("department", "product"),
    ("product", "cart", "cancel"),
    ("department", "product", "cart"),
)
# The walk of someone who buys a single item; of several, each round is the middle.
ROUND = ("department", "product", "cart")
SINGLE = ("home", *ROUND, "purchase")


def pages(items: pl.Expr) -> pl.Expr:
    """Pages that are seen for each item of an order, by how many items it has."""
    return gather([0] + [_pages(n) for n in range(1, max(ITEMS) + 1)], items)


def _pages(items: int) -> int:
    return len(SINGLE) if items == 1 else items * len(ROUND) + 1


class Merchant:
    """Everything behind the tables of one scenario."""

    def __init__(self, scenario: CleanRoomScenario) -> None:
        self.scenario = scenario
        self.calendar = Calendar(scenario.as_of)
        self.orders = Parts(scenario.users, self._orders_of)
        self.items = Parts(self.orders.total, self.items_of)

    def draw(self, *names: str) -> RandomStream:
        """A source of chance of the domain."""
        return RandomStream(self.scenario.seed, DOMAIN, *names)

    @cached_property
    def units(self) -> Parts:
        """Units in stock by the item that sold one of them."""
        return Parts(self.items.total, self._units_of)

    @cached_property
    def pages(self) -> Parts:
        """Pages seen by the order that they led to."""
        return Parts(self.orders.total, lambda o: self.items_of(o) * pages(self.items_of(o)))

    @cached_property
    def ghost_pages(self) -> Parts:
        """Pages seen by the visit of somebody without an account."""
        sizes = [len(walk) for walk in WALKS]
        return Parts(self.scenario.users * GHOSTS, lambda visit: gather(sizes, self.walk(visit)))

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Where people live, written as the scenario says."""
        return Gazetteer(
            mixed_countries=self.scenario.mixed_countries,
            null_cities=self.scenario.null_cities,
            lost_zeros=self.scenario.lost_zeros,
        )

    # --- how many ---------------------------------------------------------------------------

    def _orders_of(self, user: pl.Expr) -> pl.Expr:
        return self.draw("users", "orders").choice_u16(user, ORDERS)

    def items_of(self, order: pl.Expr) -> pl.Expr:
        """How many items an order has."""
        return self.draw("orders", "items").choice_u16(order, ITEMS)

    def _units_of(self, item: pl.Expr) -> pl.Expr:
        return 1 + self.draw("items", "unsold").choice_u16(item, UNSOLD)

    def walk(self, visit: pl.Expr) -> pl.Expr:
        """Which of ``WALKS`` a visit without an account takes."""
        return self.draw("ghosts", "walk").integers(visit, 0, len(WALKS))

    # --- who and when -----------------------------------------------------------------------

    def gender(self, user: pl.Expr) -> pl.Expr:
        """M or F."""
        return self.draw("users", "gender").choice_u16(user, GENDERS)

    def joined(self, user: pl.Expr) -> pl.Expr:
        """When a user registered."""
        return self.calendar.arrival(self.draw("users", "joined"), user)

    def home(self, user: pl.Expr) -> pl.Expr:
        """The place where a user lives."""
        return self.gazetteer.place(self.draw("users", "home"), user)

    def status(self, order: pl.Expr) -> pl.Expr:
        """How far an order has come."""
        return self.draw("orders", "status").choice_u16(order, STATUSES)

    def ordered(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """What happened to orders, from ``user`` and ``order``.

        Adds ``gender``, ``status``, ``num_of_item``, and the seconds ``placed``, ``shipped``,
        ``delivered`` and ``returned`` (null where it did not happen).
        """
        order, draw, past = pl.col("order"), self.draw("orders"), self._past
        status, placed = pl.col("status"), pl.col("placed")
        then = self.calendar.within
        shipped = then(placed, SHIPPING, draw.substream("shipped"), order, past)
        delivered = then(pl.col("shipped"), DELIVERY, draw.substream("delivered"), order, past)
        returned = then(pl.col("delivered"), RETURN, draw.substream("returned"), order, past)
        return (
            frame.with_columns(
                gender=self.gender(pl.col("user")),
                status=self.status(order),
                num_of_item=self.items_of(order),
                placed=self.calendar.since(
                    self.joined(pl.col("user")), draw.substream("placed"), order
                ),
            )
            .with_columns(shipped=pl.when(status.is_in(SHIPPED)).then(shipped))
            .with_columns(delivered=pl.when(status.is_in(DELIVERED)).then(delivered))
            .with_columns(returned=pl.when(status.is_in(RETURNED)).then(returned))
        )

    @property
    def _past(self) -> bool:
        return not self.scenario.future_deliveries

    def stamped(self, placed: pl.Expr, item: pl.Expr) -> pl.Expr:
        """When an item says that it was made; ``placed`` is its order's moment."""
        if not self.scenario.items_before_orders:
            return placed
        return placed - self.draw("items", "stamped").integers(item, 0, DRIFT + 1)

    def product(self, gender: pl.Expr, item: pl.Expr) -> pl.Expr:
        """The product that an item is: any of the buyer's department."""
        draw = self.draw("items", "product")
        men, women = draw.integers(item, WOMEN, WOMEN + MEN), draw.integers(item, 0, WOMEN)
        return pl.when(gender == "M").then(men).otherwise(women)

    # --- the rows of a partition ----------------------------------------------------------------

    def orders_in(self, start: int, stop: int) -> pl.DataFrame:
        """``order`` and ``user`` of a range of orders."""
        return self.orders.rows(start, stop).select(order="row", user="owner")

    def items_in(self, start: int, stop: int) -> pl.DataFrame:
        """``item``, its ``place`` in the order, and its ``order`` and ``user``."""
        items = self.items.rows(start, stop).select("place", item="row", order="owner")
        return items.with_columns(user=self._user_of(items["order"]))

    def units_in(self, start: int, stop: int) -> pl.DataFrame:
        """``unit``, its ``place`` (0 was sold), and the ``item``, ``order`` and ``user`` of it."""
        units = self.units.rows(start, stop).select("place", unit="row", item="owner")
        items = self.items_in(*span(units["item"])).select("order", "user")
        return units.hstack(_chosen(items, units["item"]))

    def _user_of(self, order: pl.Series) -> pl.Series:
        return _chosen(self.orders_in(*span(order)), order)["user"]

    def first_units(self, start: int, stop: int) -> pl.Series:
        """The unit that each of a range of items sold."""
        return pl.Series(self.units.starts(start, stop)[:-1])


@lru_cache(maxsize=4)
def open_merchant(scenario: CleanRoomScenario) -> Merchant:
    """The merchant of a scenario, laid out once a process."""
    return Merchant(scenario)


def span(numbers: pl.Series) -> tuple[int, int]:
    """From the first of ascending numbers up to after the last."""
    return (int(numbers[0]), int(numbers[-1]) + 1) if len(numbers) else (0, 0)


def _chosen(rows: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    """The rows with these numbers, where the first row has the first of them."""
    return rows[numbers - numbers[0]] if len(numbers) else rows.clear()
