"""Names of columns that also mean something in Python, in Polars or in the checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.sources import frames
from synth_assets.domains.outside import domain_at
from synth_assets.quality.structural import checks_of
from synth_assets_tests.declarative.conftest import Declare, rows_of
from synth_assets_tests.quality.memory import Memory, judge

NAMES = (
    "args", "kwargs", "exprs", "named_exprs", "function", "cls", "columns", "validate", "filter",
    "schema", "name", "len", "count", "key", "hash", "literal", "sample", "through", "alias",
    "__doc__", "__class__", "__hit", "record", "kind", "before", "after", "on", "how", "entity",
)  # fmt: skip


def tables(partition: str) -> str:
    numbers = "".join(f"      {name}: {{kind: integers, high: 3}}\n" for name in NAMES)
    head = (
        f"    rows: 40\n    partitioning: {{kind: daily, column: {partition}}}\n    columns:\n"
        "      exp: {kind: sequence, primary_key: true}\n      at: {kind: timestamp}\n"
    )
    return (
        f"  parents:\n{head}{numbers}  rows:\n{head}{numbers}"
        "      self_: {kind: reference, to: parents}\n"
        "      l: {kind: later, than: at, through: self_, most: 2d}\n"
        "      c: {kind: copy, through: self_, column: args}\n"
        "      e: {kind: expression, sql: args + kwargs}\n"
        "    checks: [{kind: unique, columns: [exp, len]}]\n"
        "    anomalies: [{kind: set, name: self, column: args, rate: 0.5, value: 3}]\n"
    ).replace("other", "other" if partition == "self" else "self")


@pytest.mark.parametrize("partition", ["self", "day", "len", "sample"])
def test_any_name_is_that_of_a_column(declare: Declare, partition: str) -> None:
    text = tables(partition)
    if partition in NAMES:
        text = text.replace(f"      {partition}: {{kind: integers, high: 3}}\n", "")
        text = text.replace("exp, len]", "exp]") if partition == "len" else text
    domain = declare(text)
    slices = {
        table.name: {
            part.key: rows.collect()
            for part, rows in frames(table, domain.scenario, table.partitioning.keys())
        }
        for table in domain.tables
    }
    declared = [*domain.table("rows").schema.columns()]
    assert declared == slices["rows"]["2026-01-01"].columns
    assert set(NAMES) - {partition} < set(declared)
    for check in checks_of(domain.table("rows")):
        assert all(r.passed for r in judge(check, domain, "rows", Memory(slices))), check.name


def test_rows_that_repeat_are_found_by_a_column_called_len(declare: Declare) -> None:
    domain = declare(
        "  a:\n    rows: 50\n    columns:\n      len: {kind: integers, high: 3}\n"
        "    checks: [{kind: unique, columns: [len]}]\n"
    )
    [check] = [c for c in checks_of(domain.table("a")) if c.name == "unique_len"]
    rows = rows_of(domain, "a").drop("partition")
    [result] = judge(check, domain, "a", Memory({"a": {"all": rows}}))
    assert not result.passed


@pytest.mark.parametrize("name", ["row", "primary_key"])
def test_the_names_that_are_taken_are_refused(declare: Declare, name: str) -> None:
    with pytest.raises(UserError, match=rf"yaml:7: .* cannot be called '{name}'"):
        declare(f"  a:\n    rows: 5\n    columns:\n      {name}: {{kind: sequence}}\n")


@pytest.mark.parametrize("name", ["main", "pg_x", "shop_marts", "replay", "shop__a", "shop_"])
def test_a_domain_with_a_name_that_others_write_is_refused_where_it_is_named(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / "domain.yaml"
    file.write_text(
        f"doc: Names.\ndomain: {name}\ntables:\n"
        "  a: {rows: 5, columns: {id: {kind: sequence}}}\n"
    )
    with pytest.raises(UserError, match=rf"yaml:2: domain: a domain cannot be called '{name}'"):
        domain_at(file)


@pytest.mark.parametrize("name", ["gate_report", "orders__gate"])
def test_a_table_with_the_name_of_another_asset_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "domain.yaml"
    file.write_text(
        f"domain: shop\ndoc: Names.\ntables:\n"
        f"  {name}: {{rows: 5, columns: {{id: {{kind: sequence}}}}}}\n"
    )
    with pytest.raises(UserError, match=rf"yaml:4: .*a table cannot be called '{name}'"):
        domain_at(file)
