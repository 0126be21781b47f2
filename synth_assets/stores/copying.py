"""Copies partitions from one store to another; partitions that were copied before are skipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.stores.damage import naming_damaged, refuse_damaged
from synth_assets.stores.relocated import store_for
from synth_assets.stores.store import Store
from synth_assets.stores.write_guard import ensure_compatible


@dataclass(frozen=True)
class CopyResult:
    """A partition that is now in both stores.

    Attributes:
        stats: What the target reports of it.
        copied: Whether it was copied; False if the target had it already.
    """

    stats: PartitionStats
    copied: bool


def copy_partitions(
    table: Table, source: Store, target: Store, keys: Sequence[str], *, recreate: bool = False
) -> Iterator[CopyResult]:
    """Copies partitions of a table as they are, fingerprint and code version included.

    Each partition is replaced atomically, so that an interrupted copy can be resumed.

    Args:
        table: The table.
        source: The store to read from.
        target: The store to write to.
        keys: The partitions to copy; keys that ``source`` does not store are ignored.
        recreate: Whether to drop partitions of other scenarios from ``target``, not refuse them.

    Yields:
        One result per partition, after it was copied or skipped.

    Raises:
        DamagedPartitionError: A partition of ``source`` is damaged; nothing is copied.
        UserError: The partitions have several fingerprints or another code version, or ``target``
            holds foreign partitions and ``recreate`` is False.
    """
    source, target = store_for(table, source), store_for(table, target)
    partition_stats = {
        key: stats for key, stats in source.describe(table).items() if key in set(keys)
    }
    if not partition_stats:
        return
    fingerprint = _single_fingerprint(table, partition_stats)
    refuse_damaged(source, table, list(partition_stats))
    with target.opened():
        ensure_compatible(target, table, partition_stats, fingerprint, recreate=recreate)
        existing = target.describe(table)
        for key, stats in partition_stats.items():
            if key in existing and _contents(existing[key]) == _contents(stats):
                yield CopyResult(existing[key], copied=False)
                continue
            rows = source.scan(table, [key]).drop(table.partitioning.partition_column)
            with naming_damaged(source, table, [key]):
                stored = target.replace(table, key, rows, fingerprint)
            yield CopyResult(stored, copied=True)


def _single_fingerprint(table: Table, partition_stats: dict[str, PartitionStats]) -> str:
    origins = {(r.fingerprint, r.code_version) for r in partition_stats.values()}
    fingerprint, version = origins.pop()
    if origins or version != table.code_version:
        raise UserError(
            f"{table.path} was made by several scenarios or by other code: "
            f"make it again with `synth materialize {table.path} --recreate` before copying it"
        )
    return fingerprint


def _contents(stats: PartitionStats) -> tuple[int, str, str]:
    """What decides the contents of a partition; equal in two stores that hold the same rows."""
    return stats.rows, stats.fingerprint, stats.code_version
