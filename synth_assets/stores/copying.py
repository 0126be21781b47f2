"""Slices from one store to another, one by one; those that have arrived are passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synth_assets.generation.errors import UserError
from synth_assets.generation.stored import Receipt
from synth_assets.generation.table import Table
from synth_assets.stores.admission import make_room
from synth_assets.stores.apart import store_for
from synth_assets.stores.store import Store


@dataclass(frozen=True)
class Copied:
    """A slice that lies in both stores; ``moved`` False where it did before."""

    receipt: Receipt
    moved: bool


def copy_slices(
    table: Table, source: Store, target: Store, keys: Sequence[str], *, recreate: bool = False
) -> Iterator[Copied]:
    """Puts slices of a table into ``target`` as they are in ``source``, provenance included.

    Each arrives whole or not at all, so a copy that was cut short goes on where it stopped.
    """
    source, target = store_for(table, source), store_for(table, target)
    receipts = {key: receipt for key, receipt in source.describe(table).items() if key in set(keys)}
    if not receipts:
        return
    fingerprint = _one_maker(table, receipts)
    with target.opened():
        make_room(target, table, receipts, fingerprint, recreate=recreate)
        arrived = target.describe(table)
        for key, receipt in receipts.items():
            if key in arrived and _same(arrived[key], receipt):
                yield Copied(arrived[key], moved=False)
                continue
            rows = source.scan(table, [key]).drop(table.slicing.axis)
            yield Copied(target.replace(table, key, rows, fingerprint), moved=True)


def _one_maker(table: Table, receipts: dict[str, Receipt]) -> str:
    makers = {(r.fingerprint, r.code_version) for r in receipts.values()}
    fingerprint, version = makers.pop()
    if makers or version != table.code_version:
        raise UserError(
            f"{table.path} was made by several scenarios or by other code: "
            f"make it again with `synth materialize {table.path} --recreate` before copying it"
        )
    return fingerprint


def _same(one: Receipt, other: Receipt) -> bool:
    def made(receipt: Receipt) -> tuple[int, str, str]:
        return receipt.rows, receipt.fingerprint, receipt.code_version

    return made(one) == made(other)
