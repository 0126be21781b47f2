"""A shop a hundred times larger, and one of most of a year: every check holds on what is stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from synth_assets.core import sources
from synth_assets.core.cached_reader import CachedReader
from synth_assets.core.model import Domain, TableView
from synth_assets.domains.jaffle.domain import domain
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.quality.structural import checks_of
from synth_assets.stores.parquet import ParquetStore

pytestmark = pytest.mark.slow


def stored_shop(scenario: JaffleScenario, days: int, root: Path) -> tuple[Domain, ParquetStore]:
    shop = replace(domain(), scenario=scenario)
    store = ParquetStore(str(root))
    for table in shop.tables:
        keys = list(table.partitioning.keys())[:days]
        for partition, frame in sources.frames(table, scenario, keys):
            store.replace(table, partition.key, frame, scenario.fingerprint())
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
    reader = CachedReader(store)
    for table in shop.tables:
        keys = list(table.partitioning.keys())[:days]
        for check in checks_of(table):
            if check.blocking:
                judged = check.measure(TableView(shop, table, keys, reader, scenario))
                failed = [result for result in judged if not result.passed]
                assert not failed, (table.name, check.name, failed[0])
