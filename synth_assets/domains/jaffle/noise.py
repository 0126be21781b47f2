"""Noise: ordered corruptions of true columns, and the edits that say what was changed.

A corruption is a function from the true row to the observed value, so the truth stays known:
``observe`` gives the frame as the world sees it, ``edits`` lists every change. Applying the
edits to the true frame in ``step`` order gives the observed frame exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from synth_assets.randomness.streams import RandomStream

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
    """One way to spoil one column.

    ``hit`` says which rows (Boolean), ``value`` what they show instead; both see the frame as
    the corruptions before this one left it.
    """

    kind: str
    column: str
    hit: pl.Expr
    value: pl.Expr


def at_rate(draw: RandomStream, row: pl.Expr, rate: float, among: str | None = None) -> pl.Expr:
    """Rows hit independently at ``rate``, of those where column ``among`` is not null."""
    hit = draw.bernoulli(row, rate)
    return hit if among is None else hit & pl.col(among).is_not_null()


@dataclass(frozen=True)
class Noise:
    """Corruptions in the order they are applied."""

    corruptions: Sequence[Corruption]

    def observe(self, truth: pl.LazyFrame) -> pl.LazyFrame:
        """The true frame with every corruption applied."""
        for corruption in self.corruptions:
            truth = truth.with_columns(_observed(corruption, corruption.hit))
        return truth

    def edits(self, truth: pl.LazyFrame, record: str, *keep: str) -> pl.LazyFrame:
        """One row per change: record, step, column, kind, before, after (as text).

        Columns of the frame named in ``keep`` come along.
        """
        lists = []
        for step, corruption in enumerate(self.corruptions):
            name, hit = corruption.column, pl.col("__hit")
            before = f"__before{step}"
            truth = truth.with_columns(pl.col(name).alias(before), __hit=corruption.hit)
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
