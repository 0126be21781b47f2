"""The YAML files of a dbt project, without dbt: nothing has to be parsed or built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from synth_assets.core.errors import UserError
from synth_assets.importing.dbt import DbtTable, schema_of, tests_of
from synth_assets.importing.found import FoundSchema

PROJECT_FILE = "dbt_project.yml"
# Names of both ages of dbt: paths and tests were named otherwise.
FOLDERS = (("model-paths", "models"), ("seed-paths", "seeds"))


def read(folder: Path) -> FoundSchema:
    """The tables of a project.

    Args:
        folder: The folder with ``dbt_project.yml``.

    Raises:
        UserError: A file is not YAML, or the project has no table with columns.
    """
    project = _loaded(folder / PROJECT_FILE)
    paths = [
        path
        for key, default in FOLDERS
        for name in project.get(key) or [default]
        for path in sorted((folder / str(name)).rglob("*.y*ml"))
    ]
    tables = [table for path in paths for table in _tables(_loaded(path))]
    name = project.get("name") or folder.name
    return schema_of(tables, f"the dbt project {name}", str(folder))


def _loaded(path: Path) -> Mapping[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f" line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{at} is not YAML") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a text in UTF-8") from None
    return document if isinstance(document, dict) else {}


def _tables(document: Mapping[str, Any]) -> Iterator[DbtTable]:
    for source in document.get("sources") or ():
        for entry in source.get("tables") or ():
            yield _table(entry, "source", str(source.get("name") or ""))
    for kind in ("seed", "model"):
        for entry in document.get(f"{kind}s") or ():
            yield _table(entry, kind)


def _table(entry: Mapping[str, Any], kind: str, schema: str = "") -> DbtTable:
    columns = [column for column in entry.get("columns") or () if column.get("name")]
    tests = [test for given in _tests(entry) for test in tests_of(given, None)]
    tests += [
        test for c in columns for given in _tests(c) for test in tests_of(given, str(c["name"]))
    ]
    doc, constraints = str(entry.get("description") or ""), entry.get("constraints") or ()
    return DbtTable(str(entry["name"]), kind, doc, schema, columns, constraints, tests)


def _tests(entry: Mapping[str, Any]) -> list[Any]:
    return list(entry.get("data_tests") or entry.get("tests") or ())
