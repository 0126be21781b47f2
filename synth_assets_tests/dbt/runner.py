"""dbt run in this process, on a project that is parsed once for each way to parse it.

Parsing takes most of a short run. What a manifest depends on is its key here: the target, the
database, the names of schemas and projects, and variables that are not only read when models run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from synth_assets.orchestration.shipped import DBT_PROJECT

# Variables that names of schemas and databases are made of.
OF_NAMES = ("SYNTH_SCHEMA", "SYNTH_PROJECT", "SYNTH_DBT")
# Variables that are read when models run.
AT_RUN_TIME = ("min_date", "max_date", "allow_missing_sources")


def run_dbt(
    folder: Path, words: Sequence[str], variables: dict[str, Any], target: str = "duckdb"
) -> dbtRunnerResult:
    """Runs dbt with these words; artifacts and logs are in the folder."""
    parsed_with = {name: value for name, value in variables.items() if name not in AT_RUN_TIME}
    named = tuple(sorted((n, v) for n, v in os.environ.items() if n.startswith(OF_NAMES)))
    database = Path(os.environ.get("SYNTH_WAREHOUSE", "warehouse.duckdb")).stem
    manifest = _parsed(target, database, named, json.dumps(parsed_with, sort_keys=True)).deepcopy()
    done = dbtRunner(manifest=manifest).invoke(_arguments(folder, words, variables, target))
    assert done.exception is None, done.exception
    (folder / "target").mkdir(parents=True, exist_ok=True)
    manifest.write(str(folder / "target" / "manifest.json"))
    return done


@cache
def _parsed(
    target: str, database: str, named: tuple[tuple[str, str], ...], variables: str
) -> Manifest:
    """The project, parsed with the environment as it is."""
    arguments = _arguments(Path(mkdtemp()), ["parse"], json.loads(variables), target)
    done = dbtRunner().invoke(arguments)
    assert done.success, done.exception
    assert isinstance(done.result, Manifest)
    return done.result


def _arguments(
    folder: Path, words: Sequence[str], variables: dict[str, Any], target: str
) -> list[str]:
    return [
        *("--quiet", "--log-path", str(folder / "logs"), *words, "--target", target),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(folder / "target"), "--vars", json.dumps(variables)),
    ]
