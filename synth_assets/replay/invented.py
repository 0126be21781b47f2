"""Updates and deletes that the data have no truth of, and that a user asks for by their rates.

What is drawn for a row depends on the seed and the row's key alone, so that the same row is changed
in the same way whatever else is played. The position of every such event, and what it changed, is
written to the file of ``--truth``.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import polars as pl
from polars.datatypes import IntegerType

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream
from synth_assets.replay.states import State, as_json, key_columns

# Longest time from a row's last change to one that is invented: a week, in seconds.
LONGEST = 7 * 24 * 60 * 60
KEY_HASH = "__key_hash"
# The columns of an update, with the row after it and what it changes, and of a deletion.
UPDATED, COLUMN = State("__updated_at", "__updated"), "__column"
DELETED = State("__deleted_at", "__none")


@dataclass(frozen=True)
class Rates:
    """The shares of rows that are updated and deleted, and the seed that decides which.

    Attributes:
        update: Share of rows that are updated once.
        delete: Share of rows that are deleted, after an update if there is one.
        seed: The seed.
    """

    update: float = 0.0
    delete: float = 0.0
    seed: int = 42

    @property
    def any(self) -> bool:
        """Whether anything is invented."""
        return bool(self.update or self.delete)


NONE = Rates()


def with_invented(rows: pl.LazyFrame, table: Table, rates: Rates, last: State) -> pl.LazyFrame:
    """Adds an update and a deletion of some rows, as the columns of ``UPDATED`` and ``DELETED``.

    Args:
        rows: Rows with their states.
        table: The table.
        rates: What is invented.
        last: The columns of the last state.

    Raises:
        UserError: No column can be changed.
    """
    changed = _changeable(table)
    if rates.update and not changed:
        raise UserError(f"{table.path} has no column that --update-rate can change")
    key, seed = pl.col(KEY_HASH), RandomStream(rates.seed, "replay", table.path)
    update, delete = seed.substream("update"), seed.substream("delete")
    texts = [pl.col(name).cast(pl.String) for name in key_columns(table)]
    choice = update.substream("column").integers(key, 0, max(len(changed), 1))
    values = {
        name: pl.when(choice == number).then(value).otherwise(pl.col(name))
        for number, (name, value) in enumerate(changed.items())
    }
    differs = pl.any_horizontal(
        pl.lit(False), *(pl.col(name).ne_missing(value) for name, value in values.items())
    )
    happens = update.bernoulli(key, rates.update) & differs
    gone = delete.bernoulli(key, rates.delete)
    at = pl.col(UPDATED.at)
    return (
        rows.with_columns(
            pl.concat_str(texts, separator="\x1f")
            .map_batches(_hashes, return_dtype=pl.UInt64)
            .alias(KEY_HASH)
        )
        .with_columns(
            pl.when(happens).then(pl.col(last.at) + _later(update, key)).alias(UPDATED.at),
            pl.when(happens).then(gather([*changed, ""], choice)).alias(COLUMN),
        )
        .with_columns(
            pl.when(at.is_null())
            .then(last.row)
            .otherwise(as_json(table, values))
            .alias(UPDATED.row),
            pl.when(gone).then(pl.coalesce(at, last.at) + _later(delete, key)).alias(DELETED.at),
        )
    )


def _later(stream: RandomStream, key: pl.Expr) -> pl.Expr:
    return stream.substream("later").integers(key, 1, LONGEST) * 1_000_000


def _changeable(table: Table) -> dict[str, pl.Expr]:
    """The columns that may change, each with the changed value; no keys and no moments."""
    changed = {}
    kept = {table.event_time, *(name for check in table.checks for name in check.distinct)}
    for info in columns_of(table.schema):
        column = pl.col(info.name)
        if info.primary_key or info.foreign_key or info.name in kept:
            continue
        if info.dtype == pl.Boolean:
            changed[info.name] = ~column
        elif isinstance(info.dtype, IntegerType):
            # A number stays that is the largest of its type.
            changed[info.name] = (
                pl.when(column < info.dtype.max()).then(column + 1).otherwise(column)
            )
        elif info.dtype.is_float():
            changed[info.name] = (column * 1.1).round(2)
        elif info.dtype == pl.String:
            upper = column.str.to_uppercase()
            changed[info.name] = (
                pl.when(upper != column).then(upper).otherwise(column.str.to_lowercase())
            )
    return changed


def _hashes(keys: pl.Series) -> pl.Series:
    return pl.Series([_hash(key) for key in keys], dtype=pl.UInt64)


def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")
