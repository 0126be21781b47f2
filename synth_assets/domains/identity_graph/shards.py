"""Rules judged shard by shard: all about a household lies in its shard, so memory stays small.

They stand in for the rules that every table has for keys and references, which look at the whole
table at once: that rows lie in the shard of their household makes them say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from synth_assets.domains.identity_graph.audience import config_of, of_shard
from synth_assets.domains.identity_graph.layout import MOST_MEMBERS, shard_starts
from synth_assets.generation.rules import Rule, Verdict, offenders_by_key
from synth_assets.generation.stored import Stored

Offenders = Callable[[Stored, str], pl.LazyFrame]


def shard_rule(name: str, doc: str, offenders: Offenders, reads: Sequence[str] = ()) -> Rule:
    """A rule that no row may break; ``offenders`` gives the rows of a shard that do."""

    def measure(stored: Stored) -> list[Verdict]:
        receipts, verdicts = stored.receipts, []
        for key in stored.keys:
            bad = offenders(stored, key)
            axis = stored.table.slicing.axis
            count, sample = offenders_by_key(bad, axis).get(key, (0, []))
            rate = count / max(receipts[key].rows, 1)
            numbers = {"rows": float(receipts[key].rows), "violation_rate": rate}
            verdicts.append(Verdict(key, count == 0, float(count), "= 0", numbers, sample))
        return verdicts

    def every(stored: Stored) -> pl.LazyFrame:
        return pl.concat(offenders(stored, key) for key in stored.keys)

    return Rule(name, doc, measure, reads=tuple(reads), offenders=every)


def own(stored: Stored, key: str) -> pl.LazyFrame:
    """The table's own rows in a shard."""
    return stored.reader.scan(stored.table, [key])


def primary_key(*columns: str, name: str = "primary_key") -> Rule:
    """No two rows share a key."""

    def offenders(stored: Stored, key: str) -> pl.LazyFrame:
        keys = own(stored, key).group_by(columns).agg(pl.len()).filter(pl.col("len") > 1)
        twice = keys.drop("len").collect(engine="streaming")
        if twice.is_empty():
            return own(stored, key).head(0)
        return own(stored, key).join(twice.lazy(), on=list(columns), how="semi")

    listed = ", ".join(columns)
    return shard_rule(name, f"No two rows share {listed}.", offenders)


def reference(column: str, parent: str, parent_column: str) -> Rule:
    """Every value of a column is found in the parent's same shard."""

    def offenders(stored: Stored, key: str) -> pl.LazyFrame:
        known = of_shard(stored, parent, key).select(pl.col(parent_column).alias(column))
        told = own(stored, key).select(column).unique()
        lost = told.join(known, on=column, how="anti").collect(engine="streaming")
        if lost.is_empty():
            return own(stored, key).head(0)
        return own(stored, key).filter(pl.col(column).is_in(lost.to_series().implode()))

    doc = f"Every `{column}` is found in `{parent}.{parent_column}`, in the same shard."
    return shard_rule(f"fk_{column}", doc, offenders, [parent])


def at_home(column: str, people: int = MOST_MEMBERS) -> Rule:
    """Every row lies in the shard of its household."""

    def offenders(stored: Stored, key: str) -> pl.LazyFrame:
        shard, _ = stored.table.slicing.steps(key)
        household = (pl.col(column) - 1) // people
        return own(stored, key).filter(household % config_of(stored).shards != shard)

    return shard_rule("at_home", "Every row lies in the shard of its household.", offenders)


def household_count() -> Rule:
    """Every shard has exactly its households."""

    def measure(stored: Stored) -> list[Verdict]:
        starts, verdicts = shard_starts(config_of(stored)), []
        for key in stored.keys:
            first, last = stored.table.slicing.steps(key)
            wanted, rows = int(starts[last] - starts[first]), stored.receipts[key].rows
            verdicts.append(Verdict(key, rows == wanted, float(rows), f"= {wanted:,}"))
        return verdicts

    return Rule("row_count", "Every shard has exactly its share of the households.", measure)
