"""A store's reading half over frames in memory, for judging rules without files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from synth_assets.generation.domain import Domain
from synth_assets.generation.errors import UserError
from synth_assets.generation.rules import Rule, Verdict
from synth_assets.generation.stored import Receipt, Stored
from synth_assets.generation.table import Table


class Memory:
    """``slices[table name][key]`` is a stored slice; ``receipt`` changes what is said of it."""

    def __init__(self, slices: Mapping[str, Mapping[str, pl.DataFrame]]) -> None:
        self.slices = {name: dict(frames) for name, frames in slices.items()}
        self._said: dict[tuple[str, str], dict[str, Any]] = {}

    def receipt(self, table: str, key: str, **said: Any) -> Memory:
        self._said[table, key] = said
        return self

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, Receipt]:
        return {
            key: replace(
                Receipt(key, len(frame), 0, f"memory:{key}", "print", "1", frame.schema),
                **self._said.get((table.name, key), {}),
            )
            for key, frame in sorted(self.slices.get(table.name, {}).items())
            if key not in without
        }

    def uri(self, table: Table) -> str:
        return f"memory:{table.path}"

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        here = self.slices.get(table.name, {})
        keys = sorted(here) if keys is None else keys
        if missing := set(keys) - set(here):
            raise UserError(f"not stored: {sorted(missing)}")
        axis = table.slicing.axis
        return pl.concat(here[k].with_columns(pl.lit(k).alias(axis)) for k in keys).lazy()


def judge(
    rule: Rule,
    domain: Domain,
    table: str,
    reader: Memory,
    keys: Sequence[str] | None = None,
    scenario: Any = None,
) -> list[Verdict]:
    """The verdicts of a rule on stored partitions (all of them, if not told which)."""
    target = domain.table(table)
    keys = list(reader.describe(target)) if keys is None else keys
    return rule.measure(Stored(domain, target, keys, reader, scenario or domain.scenario))
