"""The rows that ``synth replay`` plays: those of the store, or generated without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.partition_keys import keys_between
from synth_assets.core.scenario import Scenario
from synth_assets.frames.readers import MemoryReader
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.damage import naming_damaged, refuse_damaged


@dataclass(frozen=True)
class Rows:
    """Rows of a table with their partition column, and the scenario that they are of.

    ``reading`` is for the time in which they are read: it names a damaged partition.
    """

    frame: pl.LazyFrame
    scenario: Scenario
    origin: str
    reading: Callable[[], AbstractContextManager[None]] = nullcontext


def stored_rows(domain: Domain, table: Table, partitions: str | None) -> Rows:
    """The rows that the table's store has.

    Args:
        domain: The table's domain.
        table: The table.
        partitions: A partition key, a range ``a..b``, or None for all stored partitions.

    Raises:
        DamagedPartitionError: One of the partitions is damaged.
        UserError: None of the partitions is stored, or they are of another scenario.
    """
    stores = Settings.from_environment().open_stores()
    requested, there = set(keys_between(table.partitioning, partitions)), stores.describe(table)
    keys = [key for key in there if key in requested]
    _refuse_several(table, keys)
    if not keys:
        raise UserError(
            f"nothing of {table.path} is stored at {stores.uri(table)}: run "
            f"`synth materialize {table.path}` first, or play rows that are not, with --generate"
        )
    now = domain.scenario.fingerprint()
    if table.history and any(there[key].fingerprint != now for key in keys):
        raise UserError(
            f"{table.path} is stored with another scenario than the environment has, which its "
            "rows' history depends on: set the scenario as it was"
        )
    refuse_damaged(stores, table, keys)
    reading = partial(naming_damaged, stores, table, keys)
    return Rows(stores.scan(table, keys), domain.scenario, stores.uri(table), reading)


def generated_rows(
    domain: Domain, table: Table, partitions: str | None, values: Mapping[str, object]
) -> Rows:
    """Rows that are computed now, and not stored.

    Args:
        domain: The table's domain.
        table: The table.
        partitions: A partition key, a range ``a..b``, or None for all partitions.
        values: Fields of the scenario that a run may set.

    Raises:
        UserError: A key or a value is wrong.
    """
    scenario = type(domain.scenario).of({**domain.scenario.model_dump(), **values})
    domain = replace(domain, scenario=scenario)
    keys = keys_between(table.partitioning, partitions)
    _refuse_several(table, keys)
    # In memory: each window of events would compute them again.
    return Rows(MemoryReader(domain).scan(table, keys), scenario, "generated")


def _refuse_several(table: Table, keys: Sequence[str]) -> None:
    if table.one_table_per_partition and len(keys) > 1:
        raise UserError(
            f"each partition of {table.path} is a table of its own: name one of "
            f"{', '.join(keys)} with --partitions"
        )
