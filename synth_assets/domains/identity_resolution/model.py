"""The simulation's state: people, their records in each source, orders, products and prices.

There is one ``Model`` per scenario; tables take their columns from it.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, cached_property

import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import row_numbers
from synth_assets.domains.identity_resolution.contacts import Mail, Phones, grouped
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.order_layout import OrderLayout
from synth_assets.domains.identity_resolution.people import People
from synth_assets.domains.identity_resolution.record_frequency import RecordFrequency
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import (
    CRM,
    ECOM,
    LOYALTY,
    MEMBERSHIPS,
    MOBILE,
    POS,
    REVIEWS,
    SOURCES,
    SURVEYS,
    SourceMembership,
)
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.permutations import AffinePermutation
from synth_assets.randomness.streams import RandomStream, categorical_u16
from synth_assets.randomness.values import numbered

DOMAIN = "identity_resolution"
# Start and end of sales; people and products are older.
SALES_BEGIN, SALES_END = datetime(2023, 1, 1), datetime(2026, 1, 1)
# Lines of the orders in a block, and of receipts. Receipts with a rewards card are 6 of 20 lines.
ORDER_LINES = (1, 1, 1, 2, 2, 2, 3, 3, 4, 6)
RECEIPT_LINES = (1, 2, 3, 1, 1, 1, 2, 2, 3, 4)
WITH_CARD = (True,) * 3 + (False,) * 7
# Shares of a source's persons with a second record, a third, and so on.
REPEAT_SHARES = {
    CRM: (0.20, 0.05),
    ECOM: (0.40, 0.17, 0.07, 0.026),
    LOYALTY: (0.01,),
    MOBILE: (0.40, 0.17, 0.07, 0.026),
    POS: (0.25, 0.08),
    SURVEYS: (0.40, 0.17, 0.09),
    REVIEWS: (0.30, 0.12),
}
# Shares of records without an e-mail address and without a telephone.
NO_MAIL = {CRM: 0.08, ECOM: 0.02, LOYALTY: 0.10, MOBILE: 0.25, SURVEYS: 0.05, REVIEWS: 0.20}
NO_PHONE = {CRM: 0.15, ECOM: 0.35, LOYALTY: 0.05, MOBILE: 0.40}
# Usual price in US dollars of each kind of product, in the order of ``products``.
PRICES = (
    120, 650, 1_100, 520, 210, 32, 65, 110, 85, 24, 45, 70, 60, 320, 30,
    28, 22, 18, 60, 15, 55, 90, 240, 35, 48,
)  # fmt: skip
# The locale whose currency is the dollar.
US_DOLLARS = 0
# Most payment cards of a person.
CARDS = 2
# Persons who share the one address of a corporate account, at a scale of a million records.
GIANT_PERSONS, GIANT_SCALE = 6_000, 1_000_000
# Share of persons with records that share no identifier, and the first of the additional addresses
# that their records have in each source; then the memberships that such persons can have.
DISJOINT, ALIAS_OF = 0.01, {CRM: 0, LOYALTY: 4, MOBILE: 8}
DISJOINT_MEMBERSHIPS = ((CRM, LOYALTY), (CRM, MOBILE), (CRM, LOYALTY, MOBILE), (LOYALTY, MOBILE))
ABLE = pl.Series([p in set(map(frozenset, DISJOINT_MEMBERSHIPS)) for p in MEMBERSHIPS])


class Model:
    """The population, orders and products of one scenario."""

    def __init__(self, scenario: IdentityScenario) -> None:
        self.scenario = scenario
        self.membership = SourceMembership(scenario.persons)
        self.people = People(self.stream("people"), scenario.persons)
        self.mail = Mail(self.stream("mail"), self.people)
        self.phones = Phones(self.stream("phones"), self.people)
        self.orders = OrderLayout(scenario.records(ECOM), ORDER_LINES, self.stream("orders"))
        self.receipts = OrderLayout(
            scenario.records(POS), RECEIPT_LINES, self.stream("receipts"), WITH_CARD
        )
        # Records by source; orders where a record is a line of an order.
        totals = {source: scenario.records(source) for source in SOURCES}
        totals |= {ECOM: self.orders.orders, POS: self.receipts.known_orders}
        self.frequency = {
            source: RecordFrequency(
                self.membership, source, total, REPEAT_SHARES[source], self.stream(source)
            )
            for source, total in totals.items()
        }
        self._cards = AffinePermutation(totals[LOYALTY], self.stream("cards"))
        self._accounts = AffinePermutation(self.membership.members(ECOM), self.stream("accounts"))
        first = self.membership.first(CRM)
        size = GIANT_PERSONS * min(scenario.scale, GIANT_SCALE) // GIANT_SCALE
        self.giant = (first, first + size)

    def stream(self, *names: str) -> RandomStream:
        """The domain's random stream of a name.

        Args:
            names: Parts of the name, by convention the table and the column.
        """
        return RandomStream(self.scenario.seed, DOMAIN, *names)

    def persons_of(self, source: str, frame: pl.LazyFrame, record: pl.Expr) -> pl.LazyFrame:
        """Adds the persons of records, as ``RecordFrequency.owners`` and ``People.placed`` do.

        Args:
            source: The source.
            frame: The rows.
            record: Number of the record within the source; of the order in ``ecom`` and ``pos``.
        """
        return self.people.placed(self.frequency[source].owners(frame, record))

    def persons_of_records(self, source: str, partition: Partition) -> pl.LazyFrame:
        """The records of a partition with all columns of ``with_contacts``.

        Args:
            source: A source with a row per record.
            partition: Row numbers of the records.
        """
        row = pl.col("row")
        return self.with_contacts(source, self.persons_of(source, row_numbers(partition), row), row)

    def with_contacts(self, source: str, frame: pl.LazyFrame, record: pl.Expr) -> pl.LazyFrame:
        """Adds names, e-mail address and telephone, and how records show them.

        Args:
            source: The source of the records.
            frame: Records with the columns of ``persons_of``.
            record: Number of the record within the source; of the order in ``ecom``.
        """
        stream = self.stream(source)
        frame = grouped(self.people.named(frame), self.stream("sharing"))
        frame = self.mail.addressed(frame, self.giant)
        frame = self.mail.shown(frame, record, stream, NO_MAIL[source])
        frame = frame.with_columns(alias=self.alias(source))
        if source in NO_PHONE:
            frame = self.phones.numbered(frame)
            frame = self.phones.shown(frame, record, stream, NO_PHONE[source])
        return frame

    def email(self, state: pl.Expr | None = None) -> pl.Expr:
        """The e-mail address that a record shows.

        Reads the columns of ``with_contacts``.

        Args:
            state: The state to show it in, see ``Mail.shown``; the record's own if None.
        """
        shown = pl.col("mail_state") if state is None else state
        return self.mail.written(shown, pl.col("alias"))

    def phone(self, state: pl.Expr | None = None) -> pl.Expr:
        """The telephone number that a record shows.

        Reads the columns of ``with_contacts``.

        Args:
            state: The state to show it in, see ``Phones.shown``; the record's own if None.
        """
        return self.phones.written(pl.col("phone_state") if state is None else state)

    def product_id(self, product: pl.Expr) -> pl.Expr:
        """Id of a product.

        Args:
            product: The product's number, 0 and up.
        """
        return gather(self._product_ids, product)

    @cached_property
    def _product_ids(self) -> pl.Series:
        number = pl.int_range(self.scenario.products, dtype=pl.Int64)
        return pl.select(numbered("PROD-", number, 100_000)).to_series()

    def product_kind(self, product: pl.Expr) -> pl.Expr:
        """Kind of a product, an index into ``PRICES``.

        Args:
            product: The product's number.
        """
        return (self.stream("kind").bits(product) % len(PRICES)).cast(pl.Int64)

    def product_sold(self, line: pl.Expr, stream: RandomStream) -> pl.Expr:
        """Number of the product on a line: few products sell well, most sell rarely.

        Args:
            line: Row number of the line.
            stream: The random stream of the lines' source.
        """
        unit = stream.substream("product").uniform(line)
        return (unit * unit * self.scenario.products).cast(pl.Int64)

    def unit_cents(self, product: pl.Expr, locale: pl.Expr | int = US_DOLLARS) -> pl.Expr:
        """Price of a product in hundredths of a locale's currency.

        Args:
            product: The product's number.
            locale: Index into ``LOCALES``.
        """
        return gather(self._prices, product + locale * self.scenario.products)

    @cached_property
    def _prices(self) -> pl.Series:
        """Prices in hundredths, by locale and product.

        A price in dollars varies around the usual price of the product's kind and ends in .99.
        Currencies without minor units have whole prices.
        """
        product, stream = pl.col("product"), self.stream("price")
        usual = gather([float(price) for price in PRICES], self.product_kind(product))
        dollars = (usual * stream.normal(product, 0, 0.45).exp()).round(0).clip(2, 5_000)
        frame = pl.select(product=pl.int_range(self.scenario.products, dtype=pl.Int64))
        in_cents = frame.select(dollars.cast(pl.Int64) * 100 - 1).to_series()
        priced = []
        for locale in LOCALES:
            price = (in_cents * locale.rate).round(0).cast(pl.Int64)
            priced.append(price if locale.minor else (price + 50) // 100 * 100)
        return pl.concat(priced)

    def payment_token(self, person: pl.Expr, card: pl.Expr | int) -> pl.Expr:
        """Token of a person's payment card.

        Args:
            person: The person's number.
            card: Which of the person's cards, 0 to ``CARDS`` - 1.
        """
        return token(self.stream("payment"), self.card_number(person, card))

    def card_number(self, person: pl.Expr, card: pl.Expr | int) -> pl.Expr:
        """Number of a person's payment card.

        Args:
            person: The person's number.
            card: Which of the person's cards, 0 to ``CARDS`` - 1.
        """
        return person * CARDS + card

    def account(self, rank: pl.Expr) -> pl.Expr:
        """Account id of an e-commerce customer.

        Args:
            rank: The customer's rank, see ``RecordFrequency.rank``.
        """
        return numbered("U", self._accounts.apply(rank), 100_000_000)

    def card(self, slot: pl.Expr) -> pl.Expr:
        """Number of the rewards card of a loyalty membership.

        Args:
            slot: The membership's slot, see ``RecordFrequency.owners``; for a member's first
                membership it is the member's rank.
        """
        return numbered("L", self._cards.apply(slot), 7_000_000_000)

    def purchase(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds ``order``, an online order of the record's person, and ``buyer_rank``.

        A person's n-th record is about the person's n-th order, or the last if there are fewer.
        Both columns are null for persons without orders.

        Args:
            frame: Records with the columns of ``persons_of``.
        """
        buyers, rank = self.frequency[ECOM], pl.col("buyer_rank")
        nth = pl.min_horizontal(pl.col("nth"), buyers.count(rank) - 1)
        return frame.with_columns(
            buyer_rank=buyers.rank(pl.col("person"), pl.col("membership"))
        ).with_columns(order=buyers.record(rank, nth))

    def disjoint(self) -> pl.Expr:
        """Whether the records of the row's ``person`` share no identifier."""
        drawn = categorical_u16(
            self.stream("disjoint").bits(pl.col("person")), (1 - DISJOINT, DISJOINT)
        )
        return gather(ABLE, pl.col("membership")) & (drawn == 1)

    def alias(self, source: str) -> pl.Expr:
        """Which of the person's e-mail addresses a record has, an index into ``ALIASES``.

        Args:
            source: The source of the record.
        """
        if source not in ALIAS_OF:
            return pl.lit(0, dtype=pl.Int64)
        other = pl.col("nth") + ALIAS_OF[source]
        return pl.when(self.disjoint()).then(other).otherwise(0)


@cache
def open_model(scenario: IdentityScenario) -> Model:
    """The model of a scenario, created once per process.

    Args:
        scenario: The scenario.
    """
    return Model(scenario)


def token(stream: RandomStream, number: pl.Expr) -> pl.Expr:
    """Token of a payment card.

    Args:
        stream: The random stream of tokens.
        number: Number of the card.
    """
    return pl.concat_str(pl.lit("tok_"), stream.hexadecimal(number, 16))
