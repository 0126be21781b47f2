"""Visits of stores: receipts, when they were, and the first and last use of each rewards card."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.model import Model
from synth_assets.domains.identity_resolution.source_membership import POS


def day_of_visit(model: Model, receipt: pl.Expr, nth: pl.Expr, count: pl.Expr) -> pl.Expr:
    """Local day of a receipt, since the first day of sales; reads ``locale``.

    Args:
        model: The domain's model.
        receipt: Number of the receipt.
        nth: Which one of the person's it is; 0 for unknown persons.
        count: How many the person has; 1 for unknown persons.
    """
    return model.calendar.day(model.stream(POS, "day"), receipt, nth, count, stores=True)


def time_of_visit(model: Model, receipt: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Seconds since 1970 (UTC) of a receipt; reads ``clock``.

    Args:
        model: The domain's model.
        receipt: Number of the receipt.
        day: The local day.
    """
    return model.calendar.moment(model.stream(POS, "time"), receipt, day, stores=True)


def with_visits(model: Model, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds ``visits``, ``first_visit`` and ``last_visit`` of each person, null without visits.

    Args:
        model: The domain's model.
        frame: Rows with ``clock`` and the columns of ``Model.persons_of``.
    """
    known, visitor, visits = model.frequency[POS], pl.col("visitor"), pl.col("visits")
    # Two visits on one day may be in any order.
    nth = {
        "first": pl.lit(0, dtype=pl.Int64),
        "second": pl.min_horizontal(1, visits - 1),
        "last": visits - 1,
        "before": pl.max_horizontal(0, visits - 2),
    }
    places = list(nth)
    frame = frame.with_columns(visitor=known.rank(pl.col("person"), pl.col("membership")))
    frame = frame.with_columns(visits=known.count(visitor)).with_columns(
        visits=pl.when(visitor.is_not_null()).then(visits)
    )
    frame = frame.with_columns(**{f"nth_{name}": which for name, which in nth.items()})
    frame = frame.with_columns(
        **{f"receipt_{n}": known.record(visitor, pl.col(f"nth_{n}")) for n in places}
    ).with_columns(**{f"receipt_{n}": model.receipts.known(pl.col(f"receipt_{n}")) for n in places})
    frame = frame.with_columns(
        **{
            f"day_{n}": day_of_visit(model, pl.col(f"receipt_{n}"), pl.col(f"nth_{n}"), visits)
            for n in places
        }
    ).with_columns(
        **{
            f"time_{n}": time_of_visit(model, pl.col(f"receipt_{n}"), pl.col(f"day_{n}"))
            for n in places
        }
    )
    return frame.with_columns(
        first_visit=pl.min_horizontal("time_first", "time_second"),
        last_visit=pl.max_horizontal("time_last", "time_before"),
    )


def placed_anywhere(model: Model, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Adds market, city and clock of receipts: those of the person's home, or of anyone's.

    Args:
        model: The domain's model.
        frame: Receipts with ``order`` and the columns of ``Model.persons_of``.
    """
    bits = model.stream(POS, "anywhere").bits(pl.col("order"))
    locale, city = model.stores.anywhere(bits)
    known = pl.col("person").is_not_null()
    frame = model.homes.placed(frame)
    return frame.with_columns(
        locale=pl.when(known).then(pl.col("locale")).otherwise(locale),
        city=pl.when(known).then(pl.col("city")).otherwise(city),
    ).with_columns(clock=model.homes.clock())
