"""dbt's sources say what the schemas say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import dataframely as dy
import pytest
import yaml

from synth_assets.core.consistency import problem_of_name
from synth_assets.core.model import Domain, Table
from synth_assets.core.schema import columns_of
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains import load_domains
from synth_assets.orchestration.dbt_sources import render
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets.orchestration.warehouse import read_by_dbt

DOMAINS = load_domains()
# A table, and one of those that a store has for it.
TABLES = [
    pytest.param(domain, table, stored, id=f"{domain.name}-{stored.name}")
    for domain in DOMAINS
    for table in read_by_dbt(domain)
    for stored in stored_tables(table)
]


@cache
def sources_in(text: str) -> list[dict[str, Any]]:
    """The sources of a file."""
    return list(yaml.load(text, Loader=yaml.CSafeLoader)["sources"])


def entry(domain: Domain, stored: Table) -> dict[str, Any]:
    """A table's part of its source."""
    text = render([domain])[domain.name]
    (source,) = [source for source in sources_in(text) if source["name"] == stored.domain]
    return next(t for t in source["tables"] if t["name"] == stored.name)


def with_schema(domain: Domain, name: str, schema: type[dy.Schema]) -> Domain:
    """The domain, one of its tables with another schema."""
    tables = [replace(t, schema=schema) if t.name == name else t for t in domain.tables]
    return replace(domain, tables=tables)


def column_tests(table: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(column, test, what is set) of every test."""
    return [
        (column["name"], *(next(iter(t.items())) if isinstance(t, dict) else (t, {})))
        for column in table["columns"]
        for t in column.get("data_tests", [])
    ]


def test_the_files_are_what_the_schemas_say() -> None:
    stored = {p.parent.name: p.read_text() for p in DBT_PROJECT.glob("models/*/sources.yml")}
    assert stored == render(DOMAINS), "run `python -m synth_assets.orchestration.dbt_sources`"


def test_a_changed_schema_is_noticed() -> None:
    domain = next(d for d in DOMAINS if d.name == "jaffle")

    class Reworded(domain.table("stg_app_sessions").schema):
        session_id = dy.String(primary_key=True, description="Other words.")

    class Extended(domain.table("stg_app_sessions").schema):
        referrer = dy.String(nullable=True, description="Where the visitor came from.")

    for schema in (Reworded, Extended):
        changed = with_schema(domain, "stg_app_sessions", schema)
        assert render([changed]) != render([domain])


@pytest.mark.parametrize(("domain", "table", "stored"), TABLES)
def test_every_table_is_a_source_with_all_its_columns(
    domain: Domain, table: Table, stored: Table
) -> None:
    found = entry(domain, stored)
    assert found["description"] == table.doc
    assert found["config"]["meta"]["dagster"]["asset_key"] == [domain.name, table.name]
    columns = columns_of(table.schema)
    names = [*(c.name for c in columns), stored.partitioning.partition_column]
    assert [c["name"] for c in found["columns"]] == names
    assert all(c["description"] and c["data_type"] for c in found["columns"])
    marked = {c["name"] for c in found["columns"] if "pii" in c.get("config", {}).get("tags", [])}
    assert marked == {c.name for c in columns if c.pii}


@pytest.mark.parametrize(("domain", "table", "stored"), TABLES)
def test_keys_are_tested_and_only_warn_where_anomalies_are_planted(
    domain: Domain, table: Table, stored: Table
) -> None:
    tests = column_tests(entry(domain, stored))
    columns = columns_of(table.schema)
    keys = {c.name for c in columns if c.primary_key}
    assert {column for column, test, _ in tests if test == "not_null"} == keys
    unique = {column for column, test, _ in tests if test == "unique"}
    assert unique == (keys if len(keys) == 1 else set())
    severities = {config.get("config", {}).get("severity", "error") for _, _, config in tests}
    assert severities <= {"error" if table.blocking else "warn"}
    related = {column: config["arguments"] for column, test, config in tests if test[0] == "r"}
    expected = {
        c.name: {
            "to": f"source('{stored.domain}', '{stored.parents[c.foreign_key[0]]}')",
            "field": c.foreign_key[1],
        }
        for c in columns
        if c.foreign_key and table.blocking
    }
    assert related == expected


def test_no_domain_can_have_the_name_of_a_schema_of_models() -> None:
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())
    schemas = set(_schemas(project["models"]))
    assert {"jaffle_marts", "marts"} <= schemas
    assert [name for name in schemas if problem_of_name(name) is None] == []
    assert problem_of_name("jaffle") is None


def _schemas(models: dict[str, Any]) -> Iterator[str]:
    for name, value in models.items():
        if name == "+schema":
            yield value
        elif isinstance(value, dict):
            yield from _schemas(value)
