"""Contracts, JSON Schemas and diagrams say what the tables declare."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard, Server

from synth_assets.contracts.diagrams import connected, er_diagram
from synth_assets.contracts.dictionary import data_dictionary
from synth_assets.contracts.json_schema import json_schema
from synth_assets.contracts.odcs import contract
from synth_assets.contracts.place import Place
from synth_assets.core.model import Domain, TableView
from synth_assets.core.schema import columns_of, sql_type
from synth_assets.domains import load_domains
from synth_assets.orchestration.contract_places import place_of
from synth_assets.quality.structural import checks_of
from synth_assets.stores.kinds import open_store
from synth_assets.stores.routing import Stores
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.environment import only

REFERENCE = r'--o[{|] \w+ : "'
PLACE = Place(
    Server(server="lake", type="local", path="lake/{model}.parquet", format="parquet"),
    sql_type,
    lambda table: f"{table.domain}.{table.name}",
)
# A table with references and schedules, and one stored as a table for each partition. The slow test
# of the Data Contract CLI has nested columns, which take a validator seconds.
CHOSEN = ["jaffle/raw_orders_training", "clean_room/transactions"]


@cache
def domains() -> list[Domain]:
    with only():
        return load_domains()


def contract_of(path: str) -> dict[str, Any]:
    name, _, table = path.partition("/")
    domain = next(d for d in domains() if d.name == name)
    return yaml.safe_load(contract(domain, domain.table(table), PLACE).to_yaml())


@pytest.mark.parametrize("path", CHOSEN)
def test_a_contract_is_valid_by_the_standard(path: str) -> None:
    standard = json.loads(OpenDataContractStandard.json_schema())
    jsonschema.validate(contract_of(path), standard)


def test_a_contract_has_keys_references_checks_and_service_levels() -> None:
    document = contract_of("jaffle/raw_orders_training")
    [orders] = document["schema"]
    columns = {column["name"]: column for column in orders["properties"]}
    assert columns["id"]["primaryKey"]
    assert columns["id"]["logicalTypeOptions"] == {"minimum": 1}
    [reference] = columns["user_id"]["relationships"]
    assert reference["to"].endswith("#/schema/raw_customers_training/properties/id")
    assert columns["day"]["partitioned"]
    rules = {rule["name"]: rule for rule in orders["quality"]}
    assert "not exists" in rules["reference_user_id"]["query"]
    jaffle = next(d for d in domains() if d.name == "jaffle")
    assert {check.name for check in checks_of(jaffle.table("raw_orders_training"))} <= set(rules)
    levels = {level["property"]: level for level in document["slaProperties"]}
    assert levels["frequency"]["schedule"] == "20 3 * * *"
    assert document["team"]["members"] == [{"username": "team:jaffle", "role": "owner"}]


def test_tables_with_planted_anomalies_warn() -> None:
    [orders] = contract_of("jaffle/raw_orders_validation")["schema"]
    assert {rule["severity"] for rule in orders["quality"]} == {"warning"}


def test_each_partition_with_a_table_of_its_own_is_an_object() -> None:
    objects = contract_of("clean_room/transactions")["schema"]
    assert [o["name"] for o in objects] == ["transactions", "transactions_inference"]
    queries = [rule["query"] for o in objects for rule in o["quality"] if "query" in rule]
    assert "ewallet_provider.provider_users_inference as parent" in queries[1]


def test_a_json_schema_accepts_rows_and_refuses_others() -> None:
    jaffle = next(d for d in domains() if d.name == "jaffle")
    table = jaffle.table("raw_orders_training")
    schema = json_schema(table)
    jsonschema.Draft202012Validator.check_schema(schema)
    [(_, rows)] = table.source.partitions(_view(jaffle, table.name, "2026-01-05"))
    first = json.loads(rows.head(1).collect().write_ndjson())
    jsonschema.validate(first, schema)
    for wrong in ({"id": 0}, {"id": None}, {"status": 1}, {"other": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(first | wrong, schema)


def test_nulls_enumerations_and_nested_columns_have_json_types() -> None:
    journey = next(d for d in domains() if d.name == "journey")
    properties = json_schema(journey.table("events"))["properties"]
    nested = [p for p in properties.values() if "array" in p["type"]]
    assert nested
    assert all("properties" in p["items"] for p in nested if "object" in p["items"]["type"])
    everything = [json_schema(table)["properties"] for d in domains() for table in d.tables]
    enums = [p for properties in everything for p in properties.values() if "enum" in p]
    assert enums
    assert all((None in p["enum"]) == ("null" in p["type"]) for p in enums)


@pytest.mark.parametrize("name", [d.name for d in domains()])
def test_a_diagram_has_every_table_and_reference(name: str) -> None:
    domain = next(d for d in domains() if d.name == name)
    diagram = er_diagram(domain.tables)
    assert len(re.findall(r"^  \w+ \{$", diagram, re.MULTILINE)) == len(domain.tables)
    keys = [c for t in domain.tables for c in columns_of(t.schema) if c.foreign_key]
    assert len(re.findall(REFERENCE, diagram)) == len(keys)
    assert len(re.findall(REFERENCE, data_dictionary(domain))) == len(keys)


def test_tables_without_a_connection_have_diagrams_of_their_own() -> None:
    jaffle = next(d for d in domains() if d.name == "jaffle")
    groups = connected(jaffle.tables)
    assert [len(group) for group in groups] == [6, 6, 1, 1, 1, 1]
    assert {table.name.endswith("_validation") for table in groups[1]} == {True}


def test_a_dictionary_of_some_tables_links_to_no_other() -> None:
    domain = next(d for d in domains() if d.name == "jaffle")
    text = data_dictionary(domain, [domain.table("raw_orders_training")])
    assert "references `raw_customers_training.id`" in text
    assert re.findall(r"\(#(\w+)\)", text) == ["raw_orders_training"]


def test_a_dictionary_has_every_column_and_check() -> None:
    domain = next(d for d in domains() if d.name == "identity_graph")
    text = data_dictionary(domain)
    for table in domain.tables:
        assert f"## {table.name}\n" in text
        assert all(f"| `{c.name}` |" in text for c in columns_of(table.schema))
        assert all(f"| `{check.name}` |" in text for check in checks_of(table))


def test_the_command_writes_the_files_of_a_selection(synth: Synth, tmp_path: Any) -> None:
    done = synth("contract", "jaffle/stg_google_ads", "--to", tmp_path / "out")
    assert done.code == 0, done.err
    assert "3 files of 1 table to" in done.out
    names = {p.name for p in (tmp_path / "out" / "jaffle").iterdir()}
    assert names == {"stg_google_ads.odcs.yaml", "stg_google_ads.schema.json", "dictionary.md"}


def test_a_contract_names_the_store_without_its_password(
    synth: Synth, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_STORE", "postgres")
    monkeypatch.setenv("SYNTH_POSTGRES_URL", "postgresql://me:hidden@db.example:6543/shop")
    done = synth("contract", "jaffle/stg_google_ads", "--to", tmp_path)
    assert done.code == 0, done.err
    text = (tmp_path / "jaffle" / "stg_google_ads.odcs.yaml").read_text()
    [server] = yaml.safe_load(text)["servers"]
    assert server == {
        "server": "postgres",
        "type": "postgres",
        "database": "shop",
        "host": "db.example",
        "port": 6543,
        "schema": "jaffle",
    }
    assert "hidden" not in text


@pytest.mark.parametrize(
    ("kind", "location", "expected"),
    [
        ("parquet", "/srv/lake", {"path": "/srv/lake/jaffle/{model}/*/data.parquet"}),
        (
            "parquet",
            "s3://b/lake",
            {"type": "s3", "location": "s3://b/lake/jaffle/{model}/*/data.parquet"},
        ),
        ("delta", "/srv/delta", {"path": "/srv/delta/jaffle/{model}", "format": "delta"}),
        ("duckdb", "/srv/s.duckdb", {"database": "/srv/s.duckdb", "schema": "jaffle"}),
        ("postgres", "/srv/pg", {"host": "/srv/pg", "database": "postgres", "schema": "jaffle"}),
        (
            "postgres",
            "postgresql://u:p@/shop?host=/run/pg",
            {"host": "/run/pg", "database": "shop"},
        ),
        # Importing the clients of these two takes seconds.
        pytest.param(
            "bigquery",
            "project.dev_",
            {"project": "project", "dataset": "dev_jaffle"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "unity",
            "main.dev_@s3://b/lake",
            {"catalog": "main", "schema": "dev_jaffle"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_every_kind_of_store_has_a_place(
    kind: str, location: str, expected: dict[str, str]
) -> None:
    jaffle = next(d for d in domains() if d.name == "jaffle")
    table = jaffle.table("raw_orders_training")
    place = place_of(Stores.only(open_store(kind, location)), table)
    server = place.server.model_dump(by_alias=True, exclude_none=True)
    assert server | expected == server
    assert "raw_orders_training" in place.relation(table)
    text = contract(jaffle, table, place).to_yaml()
    assert OpenDataContractStandard.from_string(text).servers == [place.server]
    assert place.type_name(columns_of(table.schema)[0].dtype)


def test_an_unknown_table_is_named(synth: Synth, tmp_path: Any) -> None:
    done = synth("contract", "jaffle/nope", "--to", tmp_path)
    assert done.code == 2
    assert "jaffle/nope" in done.err


def _view(domain: Domain, table: str, key: str) -> Any:
    return TableView(domain, domain.table(table), [key], None, domain.scenario)  # type: ignore[arg-type]
