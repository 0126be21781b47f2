"""A domain stored in a home of its own, and dbt run on its models there."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from synth_assets.core.model import Domain, TableView
from synth_assets.orchestration.dbt_environment import prepare_environment
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.warehouse import target_of
from synth_assets_tests.dbt.runner import run_dbt

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult


def fill(of: Domain, settings: Settings, without: Collection[str] = ()) -> None:
    """Stores all tables, or all but some, in order."""
    stores, scenario = settings.open_stores(), of.scenario
    for table in of.tables:
        if table.name in without:
            continue
        keys, store = list(table.partitioning.keys()), stores.of(table)
        view = TableView(of, table, keys, stores, scenario)
        with store.opened():
            for partition, frame in table.source.partitions(view):
                store.replace(table, partition.key, frame, scenario.fingerprint())


def invoke(of: Domain, settings: Settings, *words: str, **variables: Any) -> dbtRunnerResult:
    """Runs dbt in the warehouse that holds the domain's tables; fails unless it could."""
    prepare_environment(of, settings, settings.open_stores())
    target = target_of(of, settings, settings.routes)
    return run_dbt(settings.home / "dbt", words, variables, target)
