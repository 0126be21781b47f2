"""The published files: tables, a resolver's configuration, and the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import duckdb
import polars as pl
import pytest
import sqlglot

from synth_assets.domains.identity_resolution.contact_noise import PLACEHOLDER
from synth_assets.domains.identity_resolution.identifiers import EMAIL, IDENTIFIERS, PHONE
from synth_assets.domains.identity_resolution.publishing import files, metadata, statistics
from synth_assets.domains.identity_resolution.publishing.output import Finished, Output, open_output
from synth_assets.domains.identity_resolution.publishing.report import Report, measure
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.resolution.normalise import normalised
from synth_assets.domains.identity_resolution.scenario import MAX_GROUP_SIZE, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import SOURCES as NAMES
from synth_assets.domains.identity_resolution.tables.identity_edits import MISSPELT
from synth_assets_tests.domains.identity_resolution.made import Frames

SCALE = 200_000
SCENARIO = IdentityScenario(seed=42, scale=SCALE)
# The resolver's tables of configuration, as its DuckDB script creates them.
META = """
CREATE SCHEMA idr_meta;
CREATE TABLE idr_meta.source_table (
    table_id VARCHAR, table_fqn VARCHAR, entity_type VARCHAR, entity_key_expr VARCHAR,
    watermark_column VARCHAR, watermark_lookback_minutes INTEGER, is_active BOOLEAN);
CREATE TABLE idr_meta.source (
    table_id VARCHAR, source_name VARCHAR, trust_rank INTEGER, is_active BOOLEAN);
CREATE TABLE idr_meta.rule (
    rule_id VARCHAR, rule_name VARCHAR, is_active BOOLEAN, priority INTEGER,
    identifier_type VARCHAR, canonicalize VARCHAR, allow_hashed BOOLEAN,
    require_non_null BOOLEAN, max_group_size INTEGER DEFAULT 10000);
CREATE TABLE idr_meta.identifier_mapping (
    table_id VARCHAR, identifier_type VARCHAR, identifier_value_expr VARCHAR, is_hashed BOOLEAN);
CREATE TABLE idr_meta.identifier_exclusion (
    identifier_type VARCHAR, identifier_value_pattern VARCHAR, match_type VARCHAR DEFAULT 'EXACT',
    reason VARCHAR, created_at TIMESTAMP DEFAULT now(), created_by VARCHAR);
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Output]:
    root = tmp_path_factory.mktemp("published") / "output"
    with open_output(root, files.request(SCENARIO, truth=True), {}) as output:
        for table in files.tables(truth=True):
            path = output.parquet(table.name)
            files.write(table, SCENARIO, path, 2, lambda rows: None)
            rows = pl.scan_parquet(path).select(pl.len()).collect().item()
            size = path.stat().st_size
            output.finish(table.name, Finished(rows=rows, bytes=size, seconds=1, peak_bytes=1))
        yield output


@pytest.fixture(scope="module")
def report(output: Output) -> Report:
    return measure(output, SCENARIO, 2)


@pytest.fixture(scope="module")
def resolver(output: Output) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the sources as views, and the tool's configuration loaded twice."""
    with duckdb.connect() as database:
        database.execute(META)
        for table in files.tables(truth=True):
            path = output.parquet(table.name)
            database.execute(f"CREATE VIEW {table.name} AS FROM read_parquet('{path}')")
        for script in [*metadata.scripts(metadata.DUCKDB, MAX_GROUP_SIZE).values()] * 2:
            database.execute(script)
        yield database


def test_the_files_hold_the_tables(output: Output, frames: Frames) -> None:
    assert set(output.manifest.tables) == set(frames)
    for name, frame in frames.items():
        assert pl.read_parquet(output.parquet(name)).equals(frame), name


@pytest.mark.parametrize("dialect", metadata.DIALECTS)
def test_configuration_is_sql_of_its_database(dialect: str) -> None:
    spelt = metadata.DIALECTS[dialect]
    for name, text in metadata.scripts(spelt, MAX_GROUP_SIZE).items():
        kinds = [type(s).__name__ for s in sqlglot.parse(text, dialect=dialect) if s]
        assert kinds == ["Delete", "Insert"] * (len(kinds) // 2), name
    for columns in IDENTIFIERS.values():
        for kind, column in columns.items():
            text = spelt.identifier(kind, column)
            assert sqlglot.parse_one(f"SELECT {text} FROM t", dialect=dialect)
    # An expression within a literal is parsed to itself.
    script = metadata.scripts(spelt, MAX_GROUP_SIZE)["identifier_mapping_config.sql"]
    literals = {e.this for e in _literals(script, dialect)}
    assert spelt.identifier(EMAIL, "reviewer_email") in literals


def _literals(script: str, dialect: str) -> Iterator[sqlglot.exp.Literal]:
    for statement in sqlglot.parse(script, dialect=dialect):
        if statement is not None:
            yield from statement.find_all(sqlglot.exp.Literal)


def test_configuration_may_be_loaded_twice(resolver: duckdb.DuckDBPyConnection) -> None:
    counts = {
        table: resolver.execute(f"SELECT count(*) FROM idr_meta.{table}").fetchall()[0][0]
        for table in ("source_table", "source", "rule", "identifier_mapping")
    }
    assert counts == {"source_table": 7, "source": 7, "rule": 6, "identifier_mapping": 17}
    most = "SELECT max_group_size FROM idr_meta.rule WHERE identifier_type = 'EMAIL'"
    assert resolver.execute(most).fetchall() == [(5000,)]


def test_configuration_passes_the_resolvers_own_checks(resolver: duckdb.DuckDBPyConnection) -> None:
    unruled = """
        FROM idr_meta.identifier_mapping m
        ANTI JOIN (FROM idr_meta.rule WHERE is_active) r USING (identifier_type)
    """
    assert not resolver.execute(unruled).fetchall()
    orphaned = "FROM idr_meta.identifier_mapping ANTI JOIN idr_meta.source_table USING (table_id)"
    assert not resolver.execute(orphaned).fetchall()
    sources = resolver.execute(
        "SELECT table_fqn, entity_key_expr, watermark_column FROM idr_meta.source_table"
    ).fetchall()
    assert len(sources) == 7
    for table, key, watermark in sources:
        facts = f"""
            SELECT count(*) = count(DISTINCT {key}), count(*) = count({watermark}::TIMESTAMP)
            FROM {table}
        """
        assert resolver.execute(facts).fetchall() == [(True, True)], table


def test_configured_expressions_equal_the_normalisation_of_the_domain(
    resolver: duckdb.DuckDBPyConnection,
) -> None:
    mappings = resolver.execute("FROM idr_meta.identifier_mapping").fetchall()
    for table, kind, expression, _ in mappings:
        column = IDENTIFIERS[table][kind.lower()]
        found = resolver.execute(
            f"SELECT {column} AS value, {expression} AS same FROM {table} "
            f"WHERE {column} IS NOT NULL"
        ).pl()
        assert len(found) > 1_000
        expected = normalised(kind.lower(), pl.col("value"))
        assert found.filter(pl.col("same").ne_missing(expected)).is_empty(), (table, kind)


@pytest.mark.parametrize("kind", [EMAIL, PHONE])
def test_spellings_of_a_value_are_one_identifier(
    resolver: duckdb.DuckDBPyConnection, kind: str
) -> None:
    true, shown = (metadata.DUCKDB.identifier(kind, c) for c in ("true_value", "observed_value"))
    columns = ", ".join({f"'{c[kind]}'" for c in IDENTIFIERS.values() if kind in c})
    found = resolver.execute(
        f"SELECT noise_kind, avg(({true} = {shown})::INT) FROM identity_edits "
        f"WHERE column_name IN ({columns}) GROUP BY ALL"
    )
    alike = dict(found.fetchall())
    another = {"typo", "domain_typo", PLACEHOLDER, MISSPELT}
    assert len(alike) >= 4
    assert alike == {noise: 0.0 if noise in another else 1.0 for noise in alike}


def test_placeholders_are_excluded(resolver: duckdb.DuckDBPyConnection) -> None:
    for kind in (EMAIL, PHONE):
        shown = metadata.DUCKDB.identifier(kind, "observed_value")
        columns = ", ".join({f"'{c[kind]}'" for c in IDENTIFIERS.values() if kind in c})
        left = resolver.execute(
            f"SELECT DISTINCT {shown} FROM identity_edits WHERE noise_kind = '{PLACEHOLDER}' "
            f"AND column_name IN ({columns}) EXCEPT SELECT identifier_value_pattern "
            f"FROM idr_meta.identifier_exclusion WHERE identifier_type = '{kind.upper()}'"
        )
        assert left.fetchall() == []


def test_report_counts_what_the_files_hold(
    report: Report, resolver: duckdb.DuckDBPyConnection
) -> None:
    assert report.people is not None
    assert report.noise is not None
    for source, of in SOURCES.items():
        assert report.tables[of.table]["rows"] == SCENARIO.records(source)
    known = {name: f"bool_or(source = '{SOURCES[name].table}')" for name in NAMES}
    resolver.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT person_id, count(*) AS size, "
        + ", ".join(f"{expression} AS {name}" for name, expression in known.items())
        + " FROM identity_truth WHERE person_id IS NOT NULL GROUP BY person_id"
    )
    for one in NAMES:
        counts = ", ".join(f"count(*) FILTER ({one} AND {other})" for other in NAMES)
        found = resolver.execute(f"SELECT {counts} FROM known").fetchall()[0]
        assert tuple(report.people["overlap"]["persons"][one].values()) == found
        shared = ", ".join(f"count(*) FILTER ({other})" for other in NAMES)
        found = resolver.execute(
            f"SELECT {shared} FROM identity_truth JOIN known USING (person_id) "
            f"WHERE source = '{SOURCES[one].table}'"
        ).fetchall()[0]
        assert tuple(report.people["overlap"]["records"][one].values()) == found
    sizes = resolver.execute("SELECT size, count(*) FROM known GROUP BY size ORDER BY size")
    expected = {str(size): persons for size, persons in sizes.fetchall()}
    assert report.people["cluster_sizes"] == expected
    cases = resolver.execute(
        "SELECT edge_case, count(*) FROM identity_truth WHERE edge_case IS NOT NULL GROUP BY ALL"
    )
    assert report.people["edge_cases"] == dict(cases.fetchall())
    assert sum(s["share"] for s in report.people["strata"].values()) == pytest.approx(1)
    total = sum(
        kind["edits"] for t in report.noise.values() for c in t.values() for kind in c.values()
    )
    edits = resolver.execute("SELECT count(*) FROM identity_edits").fetchall()[0][0]
    assert total == edits


def test_report_has_its_checks(report: Report) -> None:
    assert {check.name: check.passed for check in report.checks} == {
        "total records": True,
        "overlap percentages": True,
        "regions": True,
        "identifier formats": True,
        "Parquet files readable": True,
        "memory bounded": True,
    }
    assert report.passed
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_report_finds_what_is_wrong(output: Output) -> None:
    other = IdentityScenario(scale=SCALE * 2)
    odd = statistics.FORMATS | {EMAIL: r"^[a-z0-9.]+@"}
    module = "synth_assets.domains.identity_resolution.publishing.report"
    targets = {"ecom": 0.8}
    with (
        patch.object(statistics, "FORMATS", odd),
        patch(f"{module}.IN_CRM", targets),
        patch(f"{module}.MEASURING_MIB", 1),
    ):
        found = {check.name: check.passed for check in measure(output, other, 2).checks}
    assert found == {
        "total records": False,
        "overlap percentages": False,
        "regions": True,
        "identifier formats": False,
        "Parquet files readable": True,
        "memory bounded": False,
    }


def test_report_names_a_file_that_cannot_be_read(output: Output) -> None:
    path = output.parquet("survey_responses")
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :])
        report = measure(output, SCENARIO, 2)
    finally:
        path.write_bytes(whole)
    failed = {check.name for check in report.checks if check.passed is False}
    assert failed == {"total records", "Parquet files readable"}
    assert not report.passed


@pytest.mark.slow
def test_a_million_records_pass_every_check_within_the_expected_size(tmp_path: Path) -> None:
    scenario = IdentityScenario(seed=7, scale=1_000_000)
    with open_output(tmp_path / "output", files.request(scenario, truth=True), {}) as output:
        for table in files.tables(truth=True):
            path = output.parquet(table.name)
            files.write(table, scenario, path, 2, lambda rows: None)
            size, expected = path.stat().st_size, files.size(table, scenario)
            assert expected / 3 < size < expected, table.name
            output.finish(table.name, Finished(rows=1, bytes=size, seconds=1, peak_bytes=1))
        report = measure(output, scenario, 2)
    assert report.people is not None
    assert report.people["edge_cases"]["giant_email"] > 5_000
    passed = {check.name for check in report.checks if check.passed}
    # The memory of a test process is not that of a run.
    assert passed | {"memory bounded"} == {check.name for check in report.checks}
