"""A shop a hundred times larger, and one of most of a year: every rule holds on what is stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from synth_assets.domains.jaffle import domain
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.generation.domain import Domain
from synth_assets.generation.stored import Snapshot, Stored
from synth_assets.stores.parquet import ParquetStore

pytestmark = pytest.mark.slow


def stored_shop(scenario: JaffleScenario, days: int, root: Path) -> tuple[Domain, ParquetStore]:
    shop = replace(domain(), scenario=scenario)
    store = ParquetStore(str(root))
    for table in shop.tables:
        keys = list(table.slicing.keys())[:days]
        for piece, frame in table.frames(scenario, keys):
            store.replace(table, piece.key, frame, scenario.fingerprint())
    return shop, store


LARGE = {
    "training_customers": 200_000,
    "training_orders": 1_500_000,
    "validation_customers": 20_000,
    "validation_orders": 150_000,
}
LONG = {"touches_per_customer": 5}


@pytest.mark.parametrize(("values", "days"), [(LARGE, 30), (LONG, 300)], ids=["large", "long"])
def test_every_blocking_rule_holds(values: dict[str, int], days: int, tmp_path: Path) -> None:
    scenario = JaffleScenario.of(values)
    shop, store = stored_shop(scenario, days, tmp_path)
    reader = Snapshot(store)
    for table in shop.tables:
        keys = list(table.slicing.keys())[:days]
        for rule in table.all_rules:
            if rule.blocking:
                judged = rule.measure(Stored(shop, table, keys, reader, scenario))
                failed = [verdict for verdict in judged if not verdict.passed]
                assert not failed, (table.name, rule.name, failed[0])
