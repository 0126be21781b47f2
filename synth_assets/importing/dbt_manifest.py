"""A dbt project's ``manifest.json``, which dbt writes of all that it has parsed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets.importing.dbt import DbtTable, DbtTest, schema_of, target
from synth_assets.importing.dbt_forms import Manifest, Node, Tested, checked
from synth_assets.importing.found import FoundSchema
from synth_assets.importing.yaml_document import read_json

KINDS = ("source", "seed", "model")


def read(path: Path) -> FoundSchema:
    """The tables of a manifest's own project.

    Args:
        path: The file.

    Raises:
        UserError: The file is no manifest, or has no table with columns.
    """
    try:
        manifest = checked(Manifest, read_json(path), path)
    except UserError as error:
        raise UserError(f"{error}: no manifest of dbt: `dbt parse` writes one") from None
    project = manifest.metadata.project_name
    nodes = [*manifest.sources.values(), *manifest.nodes.values()]
    own = [n for n in nodes if not project or n.package_name == project]
    found = [_table(node) for node in own if node.resource_type in KINDS]
    tables = {(table.schema, table.name): table for table in found}
    for node in own:
        if node.resource_type == "test" and node.test_metadata:
            _add_test(tables, node.test_metadata)
    return schema_of(found, f"the dbt project {project or None}", str(path))


def _table(node: Node) -> DbtTable:
    columns = [column for column in node.columns.values() if column.name]
    return DbtTable(
        node.name, node.resource_type, node.description, node.source_name, columns, node.constraints
    )


def _add_test(tables: Mapping[tuple[str, str], DbtTable], metadata: Tested) -> None:
    arguments = dict(metadata.kwargs)
    nested = arguments.get("arguments")
    arguments |= nested if isinstance(nested, dict) else {}
    name = target(str(arguments.pop("model", "")))
    if name is not None and name in tables:
        column = arguments.pop("column_name", None)
        column = None if column is None else str(column)
        tables[name].tests.append(DbtTest(metadata.name, arguments, column))
