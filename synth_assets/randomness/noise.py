"""Noise: ordered corruptions of true columns, and the edits that record every change.

A corruption is a function from the true row to the observed value, so the ground truth stays
known: ``observe`` returns the corrupted frame, ``edits`` lists every change. Applying the edits
to the true frame in ``step`` order gives exactly the observed frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from synth_assets.randomness.streams import RandomStream

# Whether a row is changed, by a name that no column has.
HIT = "#hit"
EDITS = {
    "record": pl.Int64,
    "step": pl.UInt32,
    "column": pl.String,
    "kind": pl.String,
    "before": pl.String,
    "after": pl.String,
}


@dataclass(frozen=True)
class Corruption:
    """A change of one column.

    ``hit`` selects the rows (Boolean), ``value`` is the observed value; both are evaluated on the
    result of the corruptions before this one.
    """

    kind: str
    column: str
    hit: pl.Expr
    value: pl.Expr


def at_rate(draw: RandomStream, row: pl.Expr, rate: float, among: str | None = None) -> pl.Expr:
    """Selects each row independently with the same probability.

    Args:
        draw: The random stream.
        row: Row number.
        rate: Probability that a row is selected.
        among: Column that must not be null in a selected row.
    """
    hit = draw.bernoulli(row, rate)
    return hit if among is None else hit & pl.col(among).is_not_null()


@dataclass(frozen=True)
class Noise:
    """Corruptions in the order they are applied."""

    corruptions: Sequence[Corruption]

    def observe(self, truth: pl.LazyFrame) -> pl.LazyFrame:
        """Applies every corruption in order.

        Args:
            truth: The true rows.
        """
        for corruption in self.corruptions:
            truth = truth.with_columns(_observed(corruption, corruption.hit))
        return truth

    def edits(self, truth: pl.LazyFrame, record: str, *keep: str) -> pl.LazyFrame:
        """Lists the changes that ``observe`` makes, one row each.

        Args:
            truth: The true rows.
            record: Column with the id of a record.
            keep: Further columns to keep.

        Returns:
            The columns of ``keep`` and those of ``EDITS``; values before and after are text.
        """
        lists = []
        for step, corruption in enumerate(self.corruptions):
            name, hit = corruption.column, pl.col(HIT)
            before = f"#before{step}"
            truth = truth.with_columns(pl.col(name).alias(before), corruption.hit.alias(HIT))
            truth = truth.with_columns(_observed(corruption, hit))
            lists.append(
                truth.filter(hit & pl.col(name).ne_missing(pl.col(before))).select(
                    *keep,
                    record=pl.col(record).cast(pl.Int64),
                    step=pl.lit(step, dtype=pl.UInt32),
                    column=pl.lit(name),
                    kind=pl.lit(corruption.kind),
                    before=pl.col(before).cast(pl.String),
                    after=pl.col(name).cast(pl.String),
                )
            )
        return pl.concat(lists) if lists else pl.LazyFrame(schema=EDITS)


def _observed(corruption: Corruption, hit: pl.Expr) -> pl.Expr:
    name = corruption.column
    return pl.when(hit).then(corruption.value).otherwise(pl.col(name)).alias(name)
