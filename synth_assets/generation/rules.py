"""A rule: one property of the stored data, measured, with a verdict per partition.

One rule is one asset check. The rules that tables share are in ``rulebook``; a rule about one
domain's facts stands beside the table it judges.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from synth_assets.generation.stored import Stored

SAMPLES = 5


@dataclass(frozen=True)
class Verdict:
    """The outcome of a rule on one partition (``key``) or, with None, on the whole table.

    ``measured`` is the figure held against ``bound``; ``numbers`` are further figures worth a
    plot; ``offenders`` a few of the rows that broke the rule.
    """

    key: str | None
    passed: bool
    measured: float
    bound: str
    numbers: dict[str, float] = field(default_factory=dict)
    offenders: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Rule:
    """A named property.

    ``blocking``: a failure stops what is downstream; otherwise it warns. ``per_partition``: one
    verdict for each key under judgement, else one for the table. ``reads`` names other tables
    of the domain that it looks at. ``offenders`` gives every row that breaks the rule, where
    the rule is about rows; ``finds`` names the planted anomalies that the rule must find.
    """

    name: str
    doc: str
    measure: Callable[[Stored], list[Verdict]]
    blocking: bool = True
    per_partition: bool = True
    reads: tuple[str, ...] = ()
    offenders: Callable[[Stored], pl.LazyFrame] | None = None
    finds: tuple[str, ...] = ()

    def warning(self) -> Rule:
        """The same rule, but a failure warns and stops nothing."""
        return replace(self, blocking=False)

    def finding(self, *kinds: str) -> Rule:
        """The same rule, answerable for anomalies of these kinds."""
        return replace(self, finds=kinds)


def offenders_by_key(bad: pl.LazyFrame, axis: str) -> dict[str, tuple[int, list[Any]]]:
    """How many rows of ``bad`` lie in each partition, and a few of them."""
    shown = [column for column in bad.collect_schema().names() if column != axis]
    counted = bad.group_by(axis).agg(pl.len(), pl.struct(shown).head(SAMPLES).alias("sample"))
    return {key: (count, sample) for key, count, sample in counted.collect().iter_rows()}


def row_rule(
    name: str,
    doc: str,
    offenders: Callable[[Stored], pl.LazyFrame],
    *,
    reads: Sequence[str] = (),
) -> Rule:
    """A rule that no row may break; ``offenders`` gives the rows that do, with their axis."""

    def measure(stored: Stored) -> list[Verdict]:
        found = offenders_by_key(offenders(stored), stored.table.slicing.axis)
        receipts = stored.receipts
        verdicts = []
        for key in stored.keys:
            count, sample = found.get(key, (0, []))
            rows = receipts[key].rows
            rate = count / rows if rows else 0.0
            numbers = {"rows": float(rows), "violation_rate": rate}
            verdicts.append(Verdict(key, count == 0, float(count), "= 0", numbers, sample))
        return verdicts

    return Rule(name, doc, measure, reads=tuple(reads), offenders=offenders)


def once_complete(rule: Rule, *others: str) -> Rule:
    """The rule, which is not judged before all of the table, and of the others, is stored.

    Only slicings whose slices refer to one another (shards) make it wait.
    """

    def measure(stored: Stored) -> list[Verdict]:
        tables = [stored, *(stored.other(name) for name in others)]
        missing = [s.table.name for s in tables if s.partial]
        if not missing:
            return rule.measure(stored)
        bound = f"judged once all slices of {', '.join(missing)} are stored"
        if rule.per_partition:
            return [Verdict(key, True, 0.0, bound) for key in stored.keys]
        return [Verdict(None, True, 0.0, bound)]

    return replace(rule, measure=measure)
