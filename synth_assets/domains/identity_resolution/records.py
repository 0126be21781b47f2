"""The sources, and the records of all of them as one sequence, for the ground truth.

The sequence is rows 0 to the scale - 1, one source after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.domains.identity_resolution.identifiers import EMAIL, IDENTIFIERS, PHONE
from synth_assets.domains.identity_resolution.line_items import in_partition, lines
from synth_assets.domains.identity_resolution.model import EVERY, Model
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

Records = Callable[[Model, Partition, pl.Expr], pl.LazyFrame]
RecordIds = Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True)
class Source:
    """A source: its table, and how its records and their ids are generated.

    ``key`` is the column of ids. A source with a row per record has ``record_id``, which returns
    the id of a row; one with a row per line does not. ``frame`` generates the records of a
    partition or the orders with lines in it, with their persons.
    """

    name: str
    table: str
    key: str
    record_id: RecordIds | None = None
    frame: Records | None = None

    @property
    def mail(self) -> str | None:
        """The column of e-mail addresses, if there is one."""
        return IDENTIFIERS[self.table].get(EMAIL)

    @property
    def phone(self) -> str | None:
        """The column of telephones, if there is one."""
        return IDENTIFIERS[self.table].get(PHONE)

    @property
    def number(self) -> pl.Expr:
        """The column with the number of a record, or of an order."""
        return pl.col("row" if self.record_id else "order")

    def persons(self, model: Model, partition: Partition, only: pl.Expr = EVERY) -> pl.LazyFrame:
        """The partition's records, or the orders with lines in it, with their persons.

        Args:
            model: The domain's model.
            partition: Row numbers of the source's table.
            only: Condition on ``number``; other records and orders are left out.
        """
        return (
            self.frame(model, partition, only)
            if self.frame
            else model.persons_of_records(self.name, partition, only)
        )

    def records(self, frame: pl.LazyFrame, partition: Partition) -> pl.LazyFrame:
        """The records of a partition: adds ``row`` and ``record_id``.

        Args:
            frame: Rows of ``persons``.
            partition: The same partition.
        """
        if self.record_id is not None:
            return frame.with_columns(record_id=self.record_id(pl.col("row")))
        return in_partition(lines(frame), partition).rename({"line_id": "record_id"})


SOURCES = {
    source.name: source
    for source in (
        Source(CRM, crm.NAME, "customer_id", crm.record_id, crm.customers),
        Source(ECOM, ecommerce.NAME, "transaction_id", frame=ecommerce.orders),
        Source(LOYALTY, loyalty.NAME, "member_id", loyalty.record_id, loyalty.members),
        Source(MOBILE, mobile.NAME, "app_user_id", mobile.record_id),
        Source(POS, pos.NAME, "pos_transaction_id", frame=pos.receipts),
        Source(SURVEYS, surveys.NAME, "response_id", surveys.record_id),
        Source(REVIEWS, reviews.NAME, "review_id", reviews.record_id),
    )
}


def source_partitions(model: Model, partition: Partition) -> Iterator[tuple[str, Partition, int]]:
    """The sources with records in a partition of all records.

    Args:
        model: The domain's model.
        partition: Row numbers of the sequence of all records.

    Yields:
        Each source, its own rows in the partition, and the number of records before the source.
    """
    before = 0
    for source in SOURCES:
        rows = model.scenario.records(source)
        start, stop = max(partition.start - before, 0), min(partition.stop - before, rows)
        if start < stop:
            yield source, replace(partition, start=start, stop=stop), before
        before += rows
