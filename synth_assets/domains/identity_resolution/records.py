"""Every record of every source in one line: what the truth and the edits are about.

The records of all sources together are rows 0 to the scale - 1, a source after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from synth_assets.domains.identity_resolution import (
    crm,
    ecommerce,
    loyalty,
    mobile,
    pos,
    reviews,
    surveys,
)
from synth_assets.domains.identity_resolution.patterns import (
    CRM,
    ECOM,
    LOYALTY,
    MOBILE,
    POS,
    REVIEWS,
    SURVEYS,
)
from synth_assets.domains.identity_resolution.world import World
from synth_assets.generation.slicing import Slice

Who = Callable[[World, Slice], pl.LazyFrame]


@dataclass(frozen=True)
class Source:
    """One source: its table, the column of its ids, and the persons of its records.

    ``who`` gives a row for each record, or for each order, which ``lines`` then makes records.
    ``mail`` and ``phone`` are the columns of identifiers that carry noise.
    """

    table: str
    key: str
    who: Who
    record_id: Callable[[pl.Expr], pl.Expr] | None
    mail: str | None = "email"
    phone: str | None = None

    def records(self, frame: pl.LazyFrame, piece: Slice) -> pl.LazyFrame:
        """Records from the rows of ``who``: adds ``row`` and ``record_id``."""
        if self.record_id is not None:
            return frame.with_columns(record_id=self.record_id(pl.col("row")))
        made = ecommerce.within(ecommerce.lines(frame), piece)
        return made.rename({"line_id": "record_id"})


SOURCES: dict[str, Source] = {
    CRM: Source(crm.NAME, "customer_id", crm.who, crm.record_id, phone="phone"),
    ECOM: Source(ecommerce.NAME, "transaction_id", ecommerce.orders, None, phone="phone"),
    LOYALTY: Source(loyalty.NAME, "member_id", loyalty.who, loyalty.record_id, phone="phone"),
    MOBILE: Source(mobile.NAME, "app_user_id", mobile.who, mobile.record_id, phone="phone"),
    POS: Source(pos.NAME, "pos_transaction_id", pos.receipts, None, mail=None),
    SURVEYS: Source(surveys.NAME, "response_id", surveys.who, surveys.record_id),
    REVIEWS: Source(
        reviews.NAME, "review_id", reviews.who, reviews.record_id, mail="reviewer_email"
    ),
}


def parts(world: World, piece: Slice) -> Iterator[tuple[str, Slice, int]]:
    """The sources that a slice of all records touches, each with its own rows.

    The last number is how many records lie before the source.
    """
    before = 0
    for source in SOURCES:
        rows = world.scenario.records(source)
        start, stop = max(piece.start - before, 0), min(piece.stop - before, rows)
        if start < stop:
            yield source, replace(piece, start=start, stop=stop), before
        before += rows
