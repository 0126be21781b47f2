"""Every record of every source in one line: what the truth and the edits are about.

The records of all sources together are rows 0 to the scale - 1, a source after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.domains.identity_resolution.identifiers import EMAIL, IDENTIFIERS, PHONE
from synth_assets.domains.identity_resolution.line_items import lines, within
from synth_assets.domains.identity_resolution.model import World
from synth_assets.domains.identity_resolution.source_membership import (
    CRM,
    ECOM,
    LOYALTY,
    MOBILE,
    POS,
    REVIEWS,
    SURVEYS,
)
from synth_assets.domains.identity_resolution.tables import crm_customers as crm
from synth_assets.domains.identity_resolution.tables import ecom_transactions as ecommerce
from synth_assets.domains.identity_resolution.tables import loyalty_members as loyalty
from synth_assets.domains.identity_resolution.tables import mobile_app_users as mobile
from synth_assets.domains.identity_resolution.tables import pos_transactions as pos
from synth_assets.domains.identity_resolution.tables import product_reviews as reviews
from synth_assets.domains.identity_resolution.tables import survey_responses as surveys

Orders = Callable[[World, Partition], pl.LazyFrame]
Ids = Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True)
class Source:
    """One source: its table, the column of its ids, and what makes them.

    ``record_id`` gives the id of a row, where a row is a visit; ``orders`` those with lines in a
    partition, where a row is a line.
    """

    name: str
    table: str
    key: str
    record_id: Ids | None = None
    orders: Orders | None = None

    @property
    def mail(self) -> str | None:
        """The column of e-mail addresses, if there is one."""
        return IDENTIFIERS[self.table].get(EMAIL)

    @property
    def phone(self) -> str | None:
        """The column of telephones, if there is one."""
        return IDENTIFIERS[self.table].get(PHONE)

    def who(self, world: World, partition: Partition) -> pl.LazyFrame:
        """The persons of a partition's records, or of the orders that have lines there."""
        return self.orders(world, partition) if self.orders else world.who(self.name, partition)

    def records(self, frame: pl.LazyFrame, partition: Partition) -> pl.LazyFrame:
        """Records from the rows of ``who``: adds ``row`` and ``record_id``."""
        if self.record_id is not None:
            return frame.with_columns(record_id=self.record_id(pl.col("row")))
        return within(lines(frame), partition).rename({"line_id": "record_id"})


SOURCES = {
    source.name: source
    for source in (
        Source(CRM, crm.NAME, "customer_id", crm.record_id),
        Source(ECOM, ecommerce.NAME, "transaction_id", orders=ecommerce.orders),
        Source(LOYALTY, loyalty.NAME, "member_id", loyalty.record_id),
        Source(MOBILE, mobile.NAME, "app_user_id", mobile.record_id),
        Source(POS, pos.NAME, "pos_transaction_id", orders=pos.partition_stats),
        Source(SURVEYS, surveys.NAME, "response_id", surveys.record_id),
        Source(REVIEWS, reviews.NAME, "review_id", reviews.record_id),
    )
}


def parts(world: World, partition: Partition) -> Iterator[tuple[str, Partition, int]]:
    """The sources that a partition of all records touches, each with its own rows.

    The last number is how many records lie before the source.
    """
    before = 0
    for source in SOURCES:
        rows = world.scenario.records(source)
        start, stop = max(partition.start - before, 0), min(partition.stop - before, rows)
        if start < stop:
            yield source, replace(partition, start=start, stop=stop), before
        before += rows
