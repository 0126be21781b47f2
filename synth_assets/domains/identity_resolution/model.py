"""What the tables share: people, who is known where, who comes how often, products.

One ``World`` a scenario; each table's file asks it for what its rows need.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, cached_property

import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import row_numbers
from synth_assets.domains.identity_resolution import source_membership as patterns
from synth_assets.domains.identity_resolution.baskets import Baskets
from synth_assets.domains.identity_resolution.contacts import Mail, Phones, grouped
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.people import People
from synth_assets.domains.identity_resolution.record_frequency import Visits
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import (
    CRM,
    ECOM,
    LOYALTY,
    MOBILE,
    POS,
    REVIEWS,
    SURVEYS,
    Layout,
)
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.permutations import AffinePermutation
from synth_assets.randomness.streams import RandomStream, categorical_u16
from synth_assets.randomness.values import numbered

DOMAIN = "identity_resolution"
# Sales lie in three years; people and products are older.
SALES_BEGIN, SALES_END = datetime(2023, 1, 1), datetime(2026, 1, 1)
# Lines of the orders in a block, and of receipts; a customer's receipts are 6 of 20 lines.
ORDER_LINES = (1, 1, 1, 2, 2, 2, 3, 3, 4, 6)
RECEIPT_LINES = (1, 2, 3, 1, 1, 1, 2, 2, 3, 4)
OF_MEMBERS = (True,) * 3 + (False,) * 7
# Shares of a source's persons who come a second time, a third, and so on.
ROUNDS = {
    CRM: (0.20, 0.05),
    ECOM: (0.40, 0.17, 0.07, 0.026),
    LOYALTY: (0.01,),
    MOBILE: (0.40, 0.17, 0.07, 0.026),
    POS: (0.25, 0.08),
    SURVEYS: (0.40, 0.17, 0.09),
    REVIEWS: (0.30, 0.12),
}
# Shares of records without an address and without a telephone.
NO_MAIL = {CRM: 0.08, ECOM: 0.02, LOYALTY: 0.10, MOBILE: 0.25, SURVEYS: 0.05, REVIEWS: 0.20}
NO_PHONE = {CRM: 0.15, ECOM: 0.35, LOYALTY: 0.05, MOBILE: 0.40}
# Usual price in US dollars of each kind of product, in the order of ``products``.
PRICES = (
    120, 650, 1_100, 520, 210, 32, 65, 110, 85, 24, 45, 70, 60, 320, 30,
    28, 22, 18, 60, 15, 55, 90, 240, 35, 48,
)  # fmt: skip
# The locale whose currency is the dollar.
US_DOLLARS = 0
# Payment cards of a person at most.
CARDS = 2
# Persons with one address, of a million records; one a corporate account.
GIANT_PERSONS, GIANT_SCALE = 6_000, 1_000_000
# Persons whose records share no identifier: a second address for each record, of these sources.
DISJOINT, ALIAS_OF = 0.01, {CRM: 0, LOYALTY: 4, MOBILE: 8}
DISJOINT_PATTERNS = ((CRM, LOYALTY), (CRM, MOBILE), (CRM, LOYALTY, MOBILE), (LOYALTY, MOBILE))
ABLE = pl.Series([p in set(map(frozenset, DISJOINT_PATTERNS)) for p in patterns.PATTERNS])


class World:
    """Everything behind the tables of one scenario."""

    def __init__(self, scenario: IdentityScenario) -> None:
        self.scenario = scenario
        self.layout = Layout(scenario.persons)
        self.people = People(self.draw("people"), scenario.persons)
        self.mail = Mail(self.draw("mail"), self.people)
        self.phones = Phones(self.draw("phones"), self.people)
        self.orders = Baskets(scenario.records(ECOM), ORDER_LINES, self.draw("orders"))
        self.partition_stats = Baskets(
            scenario.records(POS), RECEIPT_LINES, self.draw("receipts"), OF_MEMBERS
        )
        totals = {source: scenario.records(source) for source in patterns.SOURCES}
        totals |= {ECOM: self.orders.orders, POS: self.partition_stats.known_orders}
        self.visits = {
            source: Visits(self.layout, source, total, ROUNDS[source], self.draw(source))
            for source, total in totals.items()
        }
        self._cards = AffinePermutation(totals[LOYALTY], self.draw("cards"))
        self._accounts = AffinePermutation(self.layout.members(ECOM), self.draw("accounts"))
        first = self.layout.first(CRM)
        size = GIANT_PERSONS * min(scenario.scale, GIANT_SCALE) // GIANT_SCALE
        self.giant = (first, first + size)

    def draw(self, *names: str) -> RandomStream:
        """A source of chance of the domain."""
        return RandomStream(self.scenario.seed, DOMAIN, *names)

    def visitors(self, source: str, frame: pl.LazyFrame, visit: pl.Expr) -> pl.LazyFrame:
        """Who makes a visit, and everything of ``people`` about them."""
        return self.people.placed(self.visits[source].made(frame, visit))

    def who(self, source: str, partition: Partition) -> pl.LazyFrame:
        """Everything of ``reached`` about the records of a source whose visits are its rows."""
        row = pl.col("row")
        return self.reached(source, self.visitors(source, row_numbers(partition), row), row)

    def reached(self, source: str, frame: pl.LazyFrame, record: pl.Expr) -> pl.LazyFrame:
        """From ``visitors``: names, address and telephone, and how the record shows them."""
        draw = self.draw(source)
        frame = grouped(self.people.named(frame), self.draw("sharing"))
        frame = self.mail.addressed(frame, self.giant)
        frame = self.mail.shown(frame, record, draw, NO_MAIL[source])
        frame = frame.with_columns(alias=self.alias(source))
        if source in NO_PHONE:
            frame = self.phones.connected(frame)
            frame = self.phones.shown(frame, record, draw, NO_PHONE[source])
        return frame

    def email(self, state: pl.Expr | None = None) -> pl.Expr:
        """The record's address, or what it is in another ``state``: from ``reached``."""
        shown = pl.col("mail_state") if state is None else state
        return self.mail.written(shown, pl.col("alias"))

    def phone(self, state: pl.Expr | None = None) -> pl.Expr:
        """The record's telephone, or what it is in another ``state``: from ``reached``."""
        return self.phones.written(pl.col("phone_state") if state is None else state)

    def product_id(self, product: pl.Expr) -> pl.Expr:
        """Id of a product by its number."""
        return gather(self._product_ids, product)

    @cached_property
    def _product_ids(self) -> pl.Series:
        number = pl.int_range(self.scenario.products, dtype=pl.Int64)
        return pl.select(numbered("PROD-", number, 100_000)).to_series()

    def product_kind(self, product: pl.Expr) -> pl.Expr:
        """Which kind of ``PRICES`` a product is."""
        return (self.draw("kind").bits(product) % len(PRICES)).cast(pl.Int64)

    def product_sold(self, line: pl.Expr, draw: RandomStream) -> pl.Expr:
        """Which product a line is about: few sell well, most now and then."""
        unit = draw.substream("product").uniform(line)
        return (unit * unit * self.scenario.products).cast(pl.Int64)

    def unit_cents(self, product: pl.Expr, locale: pl.Expr | int = US_DOLLARS) -> pl.Expr:
        """Price in hundredths of a locale's currency."""
        return gather(self._prices, product + locale * self.scenario.products)

    @cached_property
    def _prices(self) -> pl.Series:
        """Prices in hundredths, a locale after the other.

        In dollars so much below or above the kind's usual price, and .99; whole units in
        currencies without others.
        """
        product, draw = pl.col("product"), self.draw("price")
        usual = gather([float(price) for price in PRICES], self.product_kind(product))
        dollars = (usual * draw.normal(product, 0, 0.45).exp()).round(0).clip(2, 5_000)
        frame = pl.select(product=pl.int_range(self.scenario.products, dtype=pl.Int64))
        in_cents = frame.select(dollars.cast(pl.Int64) * 100 - 1).to_series()
        priced = []
        for locale in LOCALES:
            price = (in_cents * locale.rate).round(0).cast(pl.Int64)
            priced.append(price if locale.minor else (price + 50) // 100 * 100)
        return pl.concat(priced)

    def payment_token(self, person: pl.Expr, card: pl.Expr | int) -> pl.Expr:
        """Token of one of a person's payment cards."""
        return token(self.draw("payment"), self.card_number(person, card))

    def card_number(self, person: pl.Expr, card: pl.Expr | int) -> pl.Expr:
        """Number of one of a person's payment cards."""
        return person * CARDS + card

    def account(self, rank: pl.Expr) -> pl.Expr:
        """Account of the person with a rank among the e-commerce customers."""
        return numbered("U", self._accounts.apply(rank), 100_000_000)

    def card(self, slot: pl.Expr) -> pl.Expr:
        """Rewards card of a membership: a slot among the loyalty program's visits.

        The rank of a person among the members is the slot of the first one.
        """
        return numbered("L", self._cards.apply(slot), 7_000_000_000)

    def purchase(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds ``order``, one that the person made online, and ``buyer_rank``; null for others.

        The ``nth`` record of a person is about the nth order, as far as there are so many.
        """
        buyers, rank = self.visits[ECOM], pl.col("buyer_rank")
        turn = pl.min_horizontal(pl.col("nth"), buyers.count(rank) - 1)
        return frame.with_columns(
            buyer_rank=buyers.rank(pl.col("person"), pl.col("pattern"))
        ).with_columns(order=buyers.visit(rank, turn))

    def disjoint(self) -> pl.Expr:
        """Whether a person's records share no identifier."""
        drawn = categorical_u16(
            self.draw("disjoint").bits(pl.col("person")), (1 - DISJOINT, DISJOINT)
        )
        return gather(ABLE, pl.col("pattern")) & (drawn == 1)

    def alias(self, source: str) -> pl.Expr:
        """Which of a person's addresses a record has: 0 the usual one."""
        if source not in ALIAS_OF:
            return pl.lit(0, dtype=pl.Int64)
        other = pl.col("nth") + ALIAS_OF[source]
        return pl.when(self.disjoint()).then(other).otherwise(0)


@cache
def open_world(scenario: IdentityScenario) -> World:
    """The world of a scenario, made once a process."""
    return World(scenario)


def token(draw: RandomStream, number: pl.Expr) -> pl.Expr:
    """A payment token."""
    return pl.concat_str(pl.lit("tok_"), draw.hexadecimal(number, 16))
