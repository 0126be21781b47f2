"""Whose privacy budget a view draws on: that of the people in its owner's table.

The account is named by the table, its privacy unit and the fingerprint of the scenario that the
stored rows carry. Nothing that whoever asks can set is in it: neither projects and schemas nor
the environment's own scenario. Both splits of a table have the same people, so they share an
account. It is opened when the table is stored; making the same data again leaves it as it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from synth_assets.core.model import Table, TableView
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.domains.clean_room.analysis_rules import PrivacyBudgets
from synth_assets.domains.clean_room.scenario import SPLITS, scenario_of
from synth_assets.domains.clean_room.use_cases.sharing import UseCase, view_name

# In the home of the data.
FILE = "clean_room_budget.sqlite"


def with_budget(table: Table, use_cases: Sequence[UseCase]) -> Table:
    """The table, which opens the accounts of its private views whenever it is stored."""
    units = {unit for _, name, unit in _private(use_cases) if name == table.name}
    if not units:
        return table

    def open_accounts(home: Path, stats: PartitionStats) -> None:
        ledger = PrivacyBudgets(home / FILE, {})
        ledger.open_accounts(_account(table, unit, stats) for unit in sorted(units))

    return replace(table, on_stored=open_accounts)


def ledger(home: Path, use_cases: Sequence[UseCase], stored: TableView) -> PrivacyBudgets:
    """The ledger of a home, and what of it the views of the stored tables draw on."""
    accounts, tables = {}, []
    for use_case, name, unit in _private(use_cases):
        of = stored.other(name)
        tables.append(of.table.path)
        for split in set(SPLITS) & set(of.partition_stats):
            view = view_name(scenario_of(stored), use_case, name, split)
            accounts[view] = _account(of.table, unit, of.partition_stats[split])
    made = " ".join(dict.fromkeys(tables))
    remedy = f"their owner opens one by making them again: `synth materialize {made}`"
    return PrivacyBudgets(home / FILE, accounts, remedy)


def _private(use_cases: Sequence[UseCase]) -> list[tuple[UseCase, str, str]]:
    """Each table that is shared with a budget, for what, and its privacy unit."""
    return [
        (use_case, table, policy.unit)
        for use_case in use_cases
        for table, policy in use_case.policies.items()
        if policy.differential_privacy_policy and policy.unit
    ]


def _account(table: Table, unit: str, stats: PartitionStats) -> str:
    text = json.dumps([table.path, unit, stats.fingerprint])
    return blake2b(text.encode(), digest_size=8).hexdigest()
