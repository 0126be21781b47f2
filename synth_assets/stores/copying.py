"""Partitions from one store to another, one by one; those that have arrived are passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synth_assets.core.errors import UserError
from synth_assets.core.model import PartitionStats, Table
from synth_assets.stores.admission import make_room
from synth_assets.stores.apart import store_for
from synth_assets.stores.store import Store


@dataclass(frozen=True)
class Copied:
    """A partition that lies in both stores; ``moved`` False where it did before."""

    stats: PartitionStats
    moved: bool


def copy_partitions(
    table: Table, source: Store, target: Store, keys: Sequence[str], *, recreate: bool = False
) -> Iterator[Copied]:
    """Puts partitions of a table into ``target`` as they are in ``source``, provenance included.

    Each arrives whole or not at all, so a copy that was cut short goes on where it stopped.
    """
    source, target = store_for(table, source), store_for(table, target)
    partition_stats = {
        key: stats for key, stats in source.describe(table).items() if key in set(keys)
    }
    if not partition_stats:
        return
    fingerprint = _one_maker(table, partition_stats)
    with target.opened():
        make_room(target, table, partition_stats, fingerprint, recreate=recreate)
        arrived = target.describe(table)
        for key, stats in partition_stats.items():
            if key in arrived and _same(arrived[key], stats):
                yield Copied(arrived[key], moved=False)
                continue
            rows = source.scan(table, [key]).drop(table.partitioning.partition_column)
            yield Copied(target.replace(table, key, rows, fingerprint), moved=True)


def _one_maker(table: Table, partition_stats: dict[str, PartitionStats]) -> str:
    makers = {(r.fingerprint, r.code_version) for r in partition_stats.values()}
    fingerprint, version = makers.pop()
    if makers or version != table.code_version:
        raise UserError(
            f"{table.path} was made by several scenarios or by other code: "
            f"make it again with `synth materialize {table.path} --recreate` before copying it"
        )
    return fingerprint


def _same(one: PartitionStats, other: PartitionStats) -> bool:
    def made(stats: PartitionStats) -> tuple[int, str, str]:
        return stats.rows, stats.fingerprint, stats.code_version

    return made(one) == made(other)
