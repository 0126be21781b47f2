"""The simulation's state: people and contacts, their records in each source, orders and cards.

There is one ``Model`` per scenario; tables take their columns from it.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import row_numbers
from synth_assets.domains.identity_resolution.calendar import SALES_END, Calendar
from synth_assets.domains.identity_resolution.catalog import Catalog
from synth_assets.domains.identity_resolution.contact_owners import with_owners
from synth_assets.domains.identity_resolution.email_addresses import EmailAddresses
from synth_assets.domains.identity_resolution.homes import Homes
from synth_assets.domains.identity_resolution.order_layout import OrderLayout
from synth_assets.domains.identity_resolution.people import People
from synth_assets.domains.identity_resolution.phone_numbers import PhoneNumbers
from synth_assets.domains.identity_resolution.record_frequency import RecordFrequency
from synth_assets.domains.identity_resolution.record_names import RecordNames
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
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
from synth_assets.domains.identity_resolution.stores import Stores
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.permutations import AffinePermutation
from synth_assets.randomness.streams import RandomStream, categorical_u16
from synth_assets.randomness.values import numbered

# Lines of the orders in a block, and of receipts: 2.5 and 2 on average, and fewer orders the more
# lines (assumption). Receipts with a rewards card are 24 of 80 lines.
ORDER_LINES = (1,) * 16 + (2,) * 9 + (3,) * 6 + (4,) * 3 + (5,) * 3 + (6, 7, 8)
CARD_LINES = (1,) * 6 + (2,) * 3 + (3, 4, 5)
RECEIPT_LINES = (*CARD_LINES, *(1,) * 14, *(2,) * 7, *(3,) * 3, *(4,) * 2, 5, 6)
WITH_CARD = (True,) * len(CARD_LINES) + (False,) * (len(RECEIPT_LINES) - len(CARD_LINES))
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
# Most payment cards of a person.
CARDS = 2
# Persons who share the one address of a corporate account, at a scale of a million records.
GIANT_PERSONS, GIANT_SCALE = 6_000, 1_000_000
# Share of persons with records that share no identifier, and the first of the additional addresses
# that their records have in each source; then the memberships that such persons can have.
DISJOINT, ALIAS_OF = 0.01, {CRM: 0, LOYALTY: 4, MOBILE: 8}
DISJOINT_MEMBERSHIPS = ((CRM, LOYALTY), (CRM, MOBILE), (CRM, LOYALTY, MOBILE), (LOYALTY, MOBILE))
ABLE = pl.Series([p in set(map(frozenset, DISJOINT_MEMBERSHIPS)) for p in MEMBERSHIPS])
# Condition that every row meets.
EVERY = pl.lit(value=True)


class Model:
    """The population, orders and products of one scenario."""

    def __init__(self, scenario: IdentityScenario) -> None:
        self.scenario = scenario
        self.membership = SourceMembership(scenario.persons)
        self.people = People(self.stream("people"), scenario.persons)
        self.homes = Homes(
            self.stream("people"), self.people.households, scenario.moves_per_year, SALES_END
        )
        self.names = RecordNames(self.stream("names"), self.people, scenario)
        self.calendar = Calendar(scenario)
        self.emails = EmailAddresses(self.stream("mail"), scenario.unnumbered_rate)
        self.phones = PhoneNumbers(self.stream("phones"), self.people)
        self.catalog = Catalog(scenario.products, self.stream("catalog"), scenario)
        self.stores = Stores()
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

    def persons_of_records(
        self, source: str, partition: Partition, only: pl.Expr = EVERY
    ) -> pl.LazyFrame:
        """The records of a partition with all columns of ``with_contacts``.

        Args:
            source: A source with a row per record.
            partition: Row numbers of the records.
            only: Condition on ``row``; other records are left out.
        """
        row = pl.col("row")
        records = row_numbers(partition).filter(only)
        return self.with_contacts(source, self.persons_of(source, records, row), row)

    def with_contacts(self, source: str, frame: pl.LazyFrame, record: pl.Expr) -> pl.LazyFrame:
        """Adds names, e-mail address and telephone, and how records show them.

        Args:
            source: The source of the records.
            frame: Records with the columns of ``persons_of``.
            record: Number of the record within the source; of the order in ``ecom``.
        """
        stream = self.stream(source)
        frame = with_owners(self.people.named(frame), self.stream("sharing"))
        frame = self.emails.addressed(frame, self.giant)
        frame = self.emails.shown(frame, record, stream, NO_MAIL[source])
        frame = frame.with_columns(alias=self.alias(source))
        if source in NO_PHONE:
            frame = self.phones.numbered(frame)
            frame = self.phones.shown(frame, record, stream, NO_PHONE[source])
        return frame

    def email(self, state: pl.Expr | None = None) -> pl.Expr:
        """The e-mail address that a record shows, from the columns of ``with_contacts``.

        Args:
            state: The state to show it in, see ``EmailAddresses.shown``; the record's own if None.
        """
        shown = pl.col("mail_state") if state is None else state
        return self.emails.written(shown, pl.col("alias"))

    def phone(self, state: pl.Expr | None = None) -> pl.Expr:
        """The telephone number that a record shows, from the columns of ``with_contacts``.

        Args:
            state: The state to show it in, see ``PhoneNumbers.shown``; the record's own if None.
        """
        return self.phones.written(pl.col("phone_state") if state is None else state)

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
