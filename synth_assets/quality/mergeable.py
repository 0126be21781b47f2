"""Checks of a whole table that are evaluated by shard: each shard has a summary, summaries merge.

Three kinds of summary cover what such checks need:

- Counts of rows by the values of columns: exact.
- Numbers of an entity (a person with records in many shards) by its key: exact with all entities,
  a consistent sample with one in ``sample`` of them, which are the same ones in every shard.
- Distinct values: a HyperLogLog sketch of 4,096 registers (Flajolet and others, 2007), with a
  standard error of 1.6%.

A key that increases within shards has a fourth: its ranges, in ``key_ranges``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Mergeable, TableView

# Bits of a hash that choose the register, registers, and the bits that are left.
REGISTER_BITS = 12
REGISTERS = 2**REGISTER_BITS
RANK_BITS = 64 - REGISTER_BITS
# Standard error of an estimated number of distinct values, as a share of it.
DISTINCT_ERROR = 1.04 / math.sqrt(REGISTERS)
# Correction of the harmonic mean's bias for so many registers.
ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)
# Seed of the hashes of keys, which no check of the same table may use for anything else.
KEY_SEED = 7

Judge = Callable[[TableView, pl.DataFrame], list[CheckResult]]


def mergeable_check(name: str, doc: str, mergeable: Mergeable, *, blocking: bool = True) -> Check:
    """A check of a whole table, evaluated a batch of partitions at a time.

    Args:
        name: The check's name.
        doc: What holds.
        mergeable: The summaries, and what is judged of them.
        blocking: Whether a failure stops what is downstream.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        return mergeable.judge(stored, summary(stored, mergeable))

    return Check(name, doc, measure, blocking=blocking, per_partition=False, mergeable=mergeable)


def summary(stored: TableView, mergeable: Mergeable) -> pl.DataFrame:
    """The summary of all stored partitions, in the memory of a batch of them.

    Args:
        stored: The view.
        mergeable: The summaries.
    """
    whole = replace(stored, keys=list(stored.partition_stats))
    stored.all()  # raises where nothing is stored
    parts = (mergeable.summarize(rows).collect(engine="streaming") for rows in whole.batches())
    return reduce(lambda one, other: merged(mergeable, [one, other]), parts)


def merged(mergeable: Mergeable, summaries: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The summary of the partitions of several summaries.

    Args:
        mergeable: How they merge.
        summaries: Summaries of partitions that do not overlap, in any order.
    """
    return mergeable.merge(pl.concat(summaries).lazy()).collect()


def counts(judge: Judge, **by: pl.Expr) -> Mergeable:
    """Counts of rows by values; a summary has the values and ``rows``.

    Args:
        judge: What is judged of the counts.
        **by: The values, by the names that they have in the summary.
    """

    def summarize(rows: pl.LazyFrame) -> pl.LazyFrame:
        return rows.group_by([value.alias(name) for name, value in by.items()]).agg(
            rows=pl.len().cast(pl.Int64)
        )

    def merge(summaries: pl.LazyFrame) -> pl.LazyFrame:
        return summaries.group_by(list(by)).agg(pl.col("rows").sum())

    return Mergeable(summarize, merge, judge)


def sums_by_entity(
    judge: Judge, key: pl.Expr, numbers: Mapping[str, pl.Expr], *, sample: int = 1
) -> Mergeable:
    """Sums of numbers by entity, where its rows are in many shards.

    A summary has a row for each entity: with ``sample`` it is as small as needed. Shares of the
    sampled entities estimate those of all without bias, since the hash decides who is sampled.

    Args:
        judge: What is judged of the sums; it gets ``entity``, a hash of the key, and the numbers.
        key: The entity's key; rows without one are left out.
        numbers: What is summed, by name.
        sample: One in so many entities; 1 for all, which is exact.
    """
    entity = key.hash(KEY_SEED)

    def summarize(rows: pl.LazyFrame) -> pl.LazyFrame:
        chosen = rows.filter(key.is_not_null())
        chosen = chosen.filter(entity % sample == 0) if sample > 1 else chosen
        return chosen.group_by(entity=entity).agg(**{n: e.sum() for n, e in numbers.items()})

    def merge(summaries: pl.LazyFrame) -> pl.LazyFrame:
        return summaries.group_by("entity").agg(pl.col(list(numbers)).sum())

    return Mergeable(summarize, merge, judge)


def distinct(judge: Judge, key: pl.Expr) -> Mergeable:
    """A sketch of the distinct values of a key; ``estimate`` has their number.

    Args:
        judge: What is judged of the sketch.
        key: The key; nulls are no values.
    """
    hashed = key.hash(KEY_SEED)
    # The position of the first one among the remaining bits, from 1; all zeros are one more.
    rest = hashed // REGISTERS
    rank = RANK_BITS - rest.cast(pl.Float64).log(2).floor()
    rank = pl.when(rest == 0).then(RANK_BITS + 1).otherwise(rank).cast(pl.UInt8)

    def summarize(rows: pl.LazyFrame) -> pl.LazyFrame:
        present = rows.filter(key.is_not_null())
        return present.group_by(register=(hashed % REGISTERS).cast(pl.UInt16)).agg(rank=rank.max())

    def merge(summaries: pl.LazyFrame) -> pl.LazyFrame:
        return summaries.group_by("register").agg(pl.col("rank").max())

    return Mergeable(summarize, merge, judge)


def estimate(sketch: pl.DataFrame) -> float:
    """The number of distinct values of a sketch.

    Args:
        sketch: A summary of ``distinct``.
    """
    empty = REGISTERS - len(sketch)
    inverse = sketch.select((0.5 ** pl.col("rank").cast(pl.Float64)).sum()).item()
    raw = ALPHA * REGISTERS**2 / (inverse + empty)
    # Few values leave registers empty, of which their number follows more exactly.
    few = empty > 0 and raw <= 2.5 * REGISTERS
    return float(REGISTERS * math.log(REGISTERS / empty) if few else raw)


def by_kind(checks: Sequence[Check]) -> Iterator[tuple[str, Check]]:
    """Each check with how it grows with the table: by partition, by merging, or whole.

    Args:
        checks: Checks of a table.
    """
    for check in checks:
        if check.per_partition:
            yield "by partition", check
        else:
            yield ("merged" if check.mergeable else "whole"), check
