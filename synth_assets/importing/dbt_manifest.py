"""A dbt project's ``manifest.json``, which dbt writes of all that it has parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synth_assets.core.errors import UserError
from synth_assets.importing.dbt import DbtTable, DbtTest, schema_of, target
from synth_assets.importing.found import FoundSchema

KINDS = ("source", "seed", "model")


def read(path: Path) -> FoundSchema:
    """The tables of a manifest's own project.

    Args:
        path: The file.

    Raises:
        UserError: The file is no manifest, or has no table with columns.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        nodes = [*manifest["sources"].values(), *manifest["nodes"].values()]
        project = manifest["metadata"].get("project_name")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{path} is no manifest of dbt: `dbt parse` writes one") from None
    own = [n for n in nodes if not project or n.get("package_name") == project]
    found = [_table(node) for node in own if node.get("resource_type") in KINDS]
    tables = {(table.schema, table.name): table for table in found}
    for node in own:
        if node.get("resource_type") == "test" and node.get("test_metadata"):
            _add_test(tables, node["test_metadata"])
    return schema_of(found, f"the dbt project {project}", str(path))


def _table(node: Mapping[str, Any]) -> DbtTable:
    return DbtTable(
        node["name"],
        node["resource_type"],
        str(node.get("description") or ""),
        str(node.get("source_name") or ""),
        list((node.get("columns") or {}).values()),
        [_plain(given) for given in node.get("constraints") or ()],
    )


def _plain(constraint: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = constraint.get("type")
    return {**constraint, "type": getattr(kind, "value", kind)}


def _add_test(tables: Mapping[tuple[str, str], DbtTable], metadata: Mapping[str, Any]) -> None:
    arguments = dict(metadata.get("kwargs") or {})
    nested = arguments.get("arguments")
    arguments |= nested if isinstance(nested, dict) else {}
    name = target(str(arguments.pop("model", "")))
    if name is not None and name in tables:
        column = arguments.pop("column_name", None)
        tables[name].tests.append(DbtTest(str(metadata["name"]), arguments, column))
