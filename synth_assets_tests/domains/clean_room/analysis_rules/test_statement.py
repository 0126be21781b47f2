"""The statement that is sent to a database is the parsed one, and names only what it may."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules import CleanRoom, grammar
from synth_assets.domains.clean_room.analysis_rules.errors import NotProvablySafeError
from synth_assets.domains.clean_room.analysis_rules.statement import verified
from synth_assets_tests.domains.clean_room.analysis_rules.test_forms import INJECTIONS


def _tree(sql: str) -> exp.Query:
    tree = sqlglot.parse_one(sql, read="bigquery")
    assert isinstance(tree, exp.Query)
    return tree


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT SUM(EXTRACT(`YEAR FROM d)) || (SELECT MAX(b) FROM held) || SUM(EXTRACT(YEAR` "
        "FROM d)) FROM held",
        "SELECT EXTRACT(`YEAR FROM d), EXTRACT(YEAR` FROM d) FROM held",
        "SELECT EXTRACT(`YEAR FROM d) FROM held -- ` FROM d) FROM held",
        "SELECT a FROM other",
        "SELECT a FROM information_schema.tables",
        "SELECT a FROM main.held",
        "SELECT a FROM duckdb_views()",
        "SELECT (SELECT a FROM other) FROM held",
        "SELECT GETENV('HOME') FROM held",
        "SELECT STRING_AGG(a) FROM held",
    ],
)
def test_what_reads_otherwise_or_names_more_is_refused(sql: str) -> None:
    with pytest.raises(NotProvablySafeError, match="cannot be written for the database"):
        verified(_tree(sql), {"held"})


def test_texts_are_printed_as_they_were_written() -> None:
    sql = r"SELECT 'it\'s; -- x' AS `a b`, 'leaf_0_' AS `leaf_1_`, 1.5e3 AS n FROM held"
    expected = (
        """SELECT 'it''s; -- x' AS "a b", 'leaf_0_' AS "leaf_1_", 1.5e3 AS "n" FROM "held\""""
    )
    assert verified(_tree(sql), {"held"}) == expected


@pytest.mark.parametrize("sql", INJECTIONS[:3], ids=["threshold", "overlap", "privacy"])
def test_an_injection_is_refused_though_its_form_is_not_looked_at(
    clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    monkeypatch.setattr(grammar, "misused", lambda node: None)
    with pytest.raises(NotProvablySafeError, match="cannot be written for the database"):
        clean_room.run(sql, "merchant")
