"""dbt's sources: ``models/<domain>/sources.yml`` of the dbt project, written from the schemas.

A source is a domain, or another schema in which some of its tables are stored. Its tables are the
generated tables, read from the lake. Run ``python -m synth_assets.orchestration.dbt_sources`` after
a table has changed; a test fails while the files differ from the result of ``render``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Daily
from synth_assets.core.schema import ColumnInfo, columns_of, sql_type
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains import load_domains
from synth_assets.orchestration.deployment import PREFIX
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets.orchestration.warehouse import read_by_dbt

HEADER = (
    "# Written by `python -m synth_assets.orchestration.dbt_sources`; change the schemas instead.\n"
)
SCHEMA = "{{{{ env_var('SYNTH_SCHEMA_PREFIX', '') }}}}{}"
# The name of a party's schema is a setting; the source has the default name.
PARTY_SCHEMA = "{{{{ env_var('SYNTH_SCHEMA_OF_{}', '{}') }}}}"
# A party may have its own BigQuery project; other warehouses have one database for all.
DATABASE = "{{{{ env_var('SYNTH_PROJECT_OF_{}', target.database) }}}}"
# For readers of a source who do without `landed`, which looks the lake up itself. The braces are
# dbt-duckdb's: it fills in the meta value, and the source's schema and name.
LAKE = "{{ env_var('SYNTH_LAKE', env_var('SYNTH_HOME', '../.synth') ~ '/lake') }}"
LOCATION = "read_parquet('{lake}/{schema}/{name}/*/data.parquet', hive_partitioning = true)"


def render(domains: Sequence[Domain]) -> dict[str, str]:
    """The text of each domain's ``sources.yml``, by domain name.

    Args:
        domains: The domains.
    """
    return {domain.name: HEADER + _dump(_document(domain)) for domain in domains}


def write(project_dir: Path = DBT_PROJECT) -> list[Path]:
    """Writes the sources of every domain.

    Args:
        project_dir: Folder of the dbt project.

    Returns:
        The paths of the written files.
    """
    paths = []
    for name, text in render(load_domains()).items():
        path = project_dir / "models" / name / "sources.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        paths.append(path)
    return paths


def main() -> None:
    """Writes the files, with the default names of schemas, and prints their paths."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    with TemporaryDirectory() as no_settings:
        os.environ["SYNTH_HOME"] = no_settings
        for path in write():
            sys.stdout.write(f"{path}\n")


def _document(domain: Domain) -> dict[str, Any]:
    sources: dict[str, list[dict[str, Any]]] = {}
    parties: dict[str, str] = {}
    for table in read_by_dbt(domain):
        for stored in stored_tables(table):
            entry = _table([domain.name, table.name], stored)
            sources.setdefault(stored.domain, []).append(entry)
            if "party" in stored.tags:
                parties[stored.domain] = stored.tags["party"]
    entries = [_source(domain, *source, parties.get(source[0])) for source in sources.items()]
    return {"version": 2, "sources": entries}


def _source(
    domain: Domain, schema: str, tables: list[dict[str, Any]], party: str | None
) -> dict[str, Any]:
    database = {"database": DATABASE.format(party.upper())} if party else {}
    name = PARTY_SCHEMA.format(party.upper(), schema) if party else schema
    return {
        "name": schema,
        "description": domain.doc,
        **database,
        "schema": SCHEMA.format(name),
        "config": {"meta": {"lake": LAKE, "external_location": LOCATION}},
        "tables": tables,
    }


def _table(asset_key: list[str], table: Table) -> dict[str, Any]:
    partition_column = table.partitioning.partition_column
    tags = [f"{name}:{value}" for name, value in table.tags.items()]
    # The tag of the models that read a table also selects the tests of the table.
    tags += ["daily"] if isinstance(table.partitioning, Daily) else []
    partition = {
        "name": partition_column,
        "description": f"Partition: the {partition_column} whose slice holds the row.",
        "data_type": sql_type(table.partitioning.column_type),
    }
    columns = columns_of(table.schema)
    return {
        "name": table.name,
        "description": table.doc,
        "config": {"meta": {"dagster": {"asset_key": asset_key}}, "tags": tags},
        "columns": [*(_column(table, column) for column in columns), partition],
    }


def _column(table: Table, column: ColumnInfo) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": column.name,
        "description": column.description,
        "data_type": sql_type(column.dtype),
    }
    if column.pii:
        entry["config"] = {"tags": ["pii"], "meta": {"pii": column.pii}}
    tests = list(_tests(table, column))
    if tests:
        entry["data_tests"] = tests
    return entry


def _tests(table: Table, column: ColumnInfo) -> Iterator[str | dict[str, Any]]:
    """Tests of keys only; the table's checks test its other properties."""
    if column.primary_key:
        yield _on_key("not_null", table)
        if sum(c.primary_key for c in columns_of(table.schema)) == 1:
            yield _on_key("unique", table)
    if column.foreign_key is not None and table.blocking:
        role, parent_column = column.foreign_key
        parent = f"source('{table.domain}', '{table.parents[role]}')"
        yield {"relationships": {"arguments": {"to": parent, "field": parent_column}}}


def _on_key(test: str, table: Table) -> str | dict[str, Any]:
    return test if table.blocking else {test: {"config": {"severity": "warn"}}}


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Indents lists under their key, as in hand-written YAML."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _dump(document: dict[str, Any]) -> str:
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))


if __name__ == "__main__":
    main()
