"""A budget belongs to its owner's data, under all names that a querying party uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.core.model import Domain, TableView
from synth_assets.domains.clean_room.analysis_rules.errors import (
    BudgetExhaustedError,
    BudgetMissingError,
)
from synth_assets.domains.clean_room.analysis_rules.privacy_budget import Spend
from synth_assets.domains.clean_room.domain import SHARED
from synth_assets.domains.clean_room.scenario import SPLITS, scenario_of
from synth_assets.domains.clean_room.use_cases import budgets, private_counts
from synth_assets.domains.clean_room.use_cases.sharing import MERCHANT, view_name
from synth_assets_tests.domains.clean_room.made import clean_room
from synth_assets_tests.quality.memory import Memory

POLICY = private_counts.USE_CASE.policies["provider_users"]


def stored(of: Domain, reader: Memory) -> TableView:
    return TableView(of, of.table("provider_users"), SPLITS, reader, of.scenario)


def spend(of: TableView, home: Path, split: str, epsilon: float = 1.0) -> None:
    view = view_name(scenario_of(of), private_counts.USE_CASE, "provider_users", split)
    budgets.privacy_budgets(home, SHARED, of).spend([Spend(view, POLICY, MERCHANT, epsilon, 1e-6)])


@pytest.mark.parametrize(
    "set_by_asker",
    [{}, {"provider_project": "p2"}, {"provider_schema": "s2"}, {"seed": 7}, {"users": 1_000}],
    ids=str,
)
def test_the_account_is_that_of_the_stored_rows(
    tmp_path: Path, set_by_asker: dict[str, object], answered: tuple[Domain, Memory]
) -> None:
    of, reader = answered
    table = of.table("provider_users")
    assert table.on_stored is not None
    for stats in reader.describe(table).values():
        table.on_stored(tmp_path, stats)
    spend(stored(of, reader), tmp_path, "training", 9.5)
    asked = stored(clean_room(**set_by_asker), reader)
    for split in SPLITS:
        with pytest.raises(BudgetExhaustedError):
            spend(asked, tmp_path, split)
    # Made again, they are the same data; made of another scenario, they are others.
    table.on_stored(tmp_path, reader.describe(table)["training"])
    with pytest.raises(BudgetExhaustedError):
        spend(asked, tmp_path, "training")
    others = Memory(reader.slices)
    for split in SPLITS:
        others.stats("provider_users", split, fingerprint="other")
    with pytest.raises(BudgetMissingError, match="synth materialize clean_room/provider_users"):
        spend(stored(of, others), tmp_path, "training")


def test_only_a_table_with_a_private_view_opens_an_account(answered: tuple[Domain, Memory]) -> None:
    opening = [table.name for table in answered[0].tables if table.on_stored]
    assert opening == ["provider_users"]
