"""Record keys: how a reconciliation and the ground truth identify a record."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.backend.transactions import PAIR


def key_of_pair() -> pl.Expr:
    """The key of a transaction."""
    return pl.concat_str(pl.lit("transaction"), *map(pl.col, PAIR), separator="|")


def key_of_event(nth: pl.Expr) -> pl.Expr:
    """The key of a repeated event of a transaction.

    Args:
        nth: Number of the event within its transaction, from 2.
    """
    return pl.concat_str(pl.lit("event"), *map(pl.col, PAIR), nth.cast(pl.String), separator="|")


def key_of_unusable() -> pl.Expr:
    """The key of an event without a usable id; events of one time are numbered in row order."""
    at = ["user_pseudo_id", "event_timestamp"]
    nth = pl.int_range(1, pl.len() + 1).over(at)
    return pl.concat_str(
        pl.lit("unusable"), *(pl.col(c).cast(pl.String) for c in at), nth, separator="|"
    )


def key_of_order() -> pl.Expr:
    """The key of an order without a transaction."""
    return pl.concat_str(pl.lit("order"), pl.col("order_id").cast(pl.String), separator="|")
