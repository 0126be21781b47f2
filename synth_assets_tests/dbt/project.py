"""A domain stored in a home of its own, and dbt run on its models there."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult

from synth_assets.generation.domain import Domain
from synth_assets.generation.stored import Stored
from synth_assets.orchestration.settings import DBT_PROJECT, Settings
from synth_assets.orchestration.warehouse import prepare_environment, target_of


@contextmanager
def only_these(settings: Mapping[str, str]) -> Iterator[None]:
    """No other settings than these; what dbt is told stays here."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("SYNTH_")]:
        del os.environ[name]
    os.environ.update(settings)
    yield
    os.environ.clear()
    os.environ.update(before)


def fill(of: Domain, settings: Settings, without: Collection[str] = ()) -> None:
    """Stores all tables, or all but some, in order."""
    stores, scenario = settings.open_stores(), of.scenario
    for table in of.tables:
        if table.name in without:
            continue
        keys, store = list(table.slicing.keys()), stores.of(table)
        made = table.frames(scenario, keys)
        if table.derive is not None:
            made = table.derived(Stored(of, table, keys, stores, scenario))
        with store.opened():
            for piece, frame in made:
                store.replace(table, piece.key, frame, scenario.fingerprint())


def invoke(of: Domain, settings: Settings, *words: str, **variables: Any) -> dbtRunnerResult:
    """Runs dbt in the warehouse that holds the domain's tables; fails unless it could."""
    prepare_environment(of, settings, settings.open_stores())
    folder = settings.home / "dbt"
    done = dbtRunner().invoke(
        [
            *("--quiet", "--log-path", str(folder / "logs"), *words),
            *("--target", target_of(of, settings, settings.routes)),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(folder / "target"), "--vars", json.dumps(variables)),
        ]
    )
    assert done.exception is None, done.exception
    return done
