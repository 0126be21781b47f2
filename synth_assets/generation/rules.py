"""A rule: one property of the stored data, measured, with a verdict per partition.

One rule is one asset check. The rules that tables share are in ``rulebook``; a rule about one
domain's facts stands beside the table it judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from synth_assets.generation.slicing import Slicing
from synth_assets.generation.stored import Stored

SAMPLES = 5
# Slices named one by one in a sentence.
FEW = 3


@dataclass(frozen=True)
class Verdict:
    """The outcome of a rule on one partition (``key``) or, with None, on the whole table.

    ``measured`` is the figure held against ``bound``; ``numbers`` are further figures worth a
    plot; ``offenders`` a few of the rows that broke the rule; ``note`` what to do about it,
    where that is known.
    """

    key: str | None
    passed: bool
    measured: float
    bound: str
    numbers: dict[str, float] = field(default_factory=dict)
    offenders: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""


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


def waiting(key: str | None, what: str) -> Verdict:
    """The verdict on what cannot be judged yet: it passes, and says what it waits for."""
    return Verdict(key, True, 0.0, f"judged once {what}")


def once_complete(rule: Rule, *others: str, own: bool = True) -> Rule:
    """The rule, judged where all is stored that rows of a slice, and of the others, may refer to.

    Of shards that is every shard, of days the earlier ones. A verdict on the whole table waits
    for what any of its slices waits for. Runs that go on at once leave such gaps for a while.
    Without ``own`` rows refer to the others' slices alone.
    """

    def measure(stored: Stored) -> list[Verdict]:
        tables = [*([stored] if own else []), *(stored.other(name) for name in others)]
        keys = stored.keys if rule.per_partition else list(stored.receipts)
        absent = {s.table.name: (s.table.slicing, s.absent) for s in tables}
        awaited = {key: _awaited(key, absent) for key in keys}
        ready = [key for key in keys if not awaited[key]]
        if not rule.per_partition:
            first = next(filter(None, awaited.values()), None)
            return [waiting(None, first)] if first else rule.measure(stored)
        found = {v.key: v for v in rule.measure(replace(stored, keys=ready))} if ready else {}
        return [found.get(key) or waiting(key, str(awaited[key])) for key in keys]

    return replace(rule, measure=measure)


def _awaited(key: str, absent: Mapping[str, tuple[Slicing, Sequence[str]]]) -> str | None:
    """The slices that rows under a key may refer to and that are not stored, in words."""
    missing = {
        name: [other for other in keys if slicing.refers(key, other)]
        for name, (slicing, keys) in absent.items()
    }
    named = [f"{name} ({few(keys)})" for name, keys in missing.items() if keys]
    return f"{', '.join(named)} is stored" if named else None


def few(keys: Sequence[str]) -> str:
    """Keys as a sentence has them: a few by name, many by the first and the last."""
    return ", ".join(keys) if len(keys) <= FEW else f"{keys[0]} to {keys[-1]}, {len(keys):,} slices"
