"""The privacy budget account that a view draws on: that of the people in its owner's table.

An account is identified by the table, its privacy unit and the fingerprint of the scenario that is
stored with the rows. Nothing that a querying party can set is part of it: no projects, schemas or
scenario of the environment. Both splits of a table have the same people, so they share an account.
It is opened when the table is stored; storing the same data again does not change it.
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

# File name in the home of the data.
FILE = "clean_room_budget.sqlite"


def with_budget(table: Table, use_cases: Sequence[UseCase]) -> Table:
    """The table, which then opens the accounts of its private views whenever it is stored.

    Args:
        table: A party's table.
        use_cases: All use cases; those with differential privacy need accounts.
    """
    units = {unit for _, name, unit in _private(use_cases) if name == table.name}
    if not units:
        return table

    def open_accounts(home: Path, stats: PartitionStats) -> None:
        budgets = PrivacyBudgets(home / FILE, {})
        budgets.open_accounts(_account(table, unit, stats) for unit in sorted(units))

    return replace(table, on_stored=open_accounts)


def privacy_budgets(home: Path, use_cases: Sequence[UseCase], stored: TableView) -> PrivacyBudgets:
    """The privacy budgets of a home, for the views of the stored tables.

    Args:
        home: The folder of the data.
        use_cases: The use cases that are shared.
        stored: Any table of the domain.
    """
    accounts, tables = {}, []
    for use_case, name, unit in _private(use_cases):
        of = stored.other(name)
        tables.append(of.table.path)
        for split in set(SPLITS) & set(of.partition_stats):
            view = view_name(scenario_of(stored), use_case, name, split)
            accounts[view] = _account(of.table, unit, of.partition_stats[split])
    names = " ".join(dict.fromkeys(tables))
    remedy = f"their owner opens one by making them again: `synth materialize {names}`"
    return PrivacyBudgets(home / FILE, accounts, remedy)


def _private(use_cases: Sequence[UseCase]) -> list[tuple[UseCase, str, str]]:
    """Each use case with a table that is shared with a budget, and the table's privacy unit."""
    return [
        (use_case, table, policy.unit)
        for use_case in use_cases
        for table, policy in use_case.policies.items()
        if policy.differential_privacy_policy and policy.unit
    ]


def _account(table: Table, unit: str, stats: PartitionStats) -> str:
    text = json.dumps([table.path, unit, stats.fingerprint])
    return blake2b(text.encode(), digest_size=8).hexdigest()
