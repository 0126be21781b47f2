"""A reader of frames in memory, to evaluate checks without a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, Domain, Table, TableView
from synth_assets.core.partition_stats import PartitionStats


class Memory:
    """``slices[table name][key]`` is a stored partition; ``stats`` replaces its statistics."""

    def __init__(self, slices: Mapping[str, Mapping[str, pl.DataFrame]]) -> None:
        self.slices = {name: dict(frames) for name, frames in slices.items()}
        self._stats: dict[tuple[str, str], dict[str, Any]] = {}

    def stats(self, table: str, key: str, **values: Any) -> Memory:
        self._stats[table, key] = values
        return self

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        return {
            key: replace(
                PartitionStats(key, len(frame), 0, f"memory:{key}", "print", "1", frame.schema),
                **self._stats.get((table.name, key), {}),
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
        partition_column = table.partitioning.partition_column
        return pl.concat(
            here[k].with_columns(pl.lit(k).alias(partition_column)) for k in keys
        ).lazy()


def judge(
    check: Check,
    domain: Domain,
    table: str,
    reader: Memory,
    keys: Sequence[str] | None = None,
    scenario: Any = None,
) -> list[CheckResult]:
    """The results of a check on some stored partitions, by default on all."""
    target = domain.table(table)
    keys = list(reader.describe(target)) if keys is None else keys
    return check.measure(TableView(domain, target, keys, reader, scenario or domain.scenario))
