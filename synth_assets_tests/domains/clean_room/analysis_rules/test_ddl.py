"""The statements for BigQuery have the contents of the views."""

from __future__ import annotations

import json

import pytest
import sqlglot
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules import (
    Party,
    PrivacyPolicy,
    ProtectedView,
    bigquery_script,
    create_view,
)
from synth_assets_tests.domains.clean_room.analysis_rules.made import VIEWS, P, view


def options(statement: exp.Create) -> dict[str, str]:
    return {one.name: one.args["value"].name for one in statement.find_all(exp.Property)}


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_a_statement_reads_back_to_the_view(name: str) -> None:
    table, policy = VIEWS[name]
    shared = view(f"my-project.d.{name}", f"{P}_base.{table}", policy)
    text = create_view(shared)
    assert text.startswith(f"CREATE OR REPLACE VIEW `my-project.d.{name}`")
    statement = sqlglot.parse_one(text, read="bigquery")
    assert isinstance(statement, exp.Create)
    assert json.loads(options(statement)["privacy_policy"]) == policy
    read = statement.expression.sql("bigquery", identify=True)
    assert read == shared.definition.sql("bigquery", identify=True)


def test_texts_are_quoted() -> None:
    policy = PrivacyPolicy.from_json(json.dumps(VIEWS["open_users"][1]))
    said = 'the owner\'s "best" \\ view\nin two lines'
    text = create_view(ProtectedView("a.b.c", "SELECT 'it''s' AS email FROM `a.b.t`", policy, said))
    assert options(sqlglot.parse_one(text, read="bigquery"))["description"] == said  # type: ignore[arg-type]


def test_a_script_has_every_view() -> None:
    views = tuple(
        view(f"{P}.{name}", f"{P}_base.{t}", policy) for name, (t, policy) in VIEWS.items()
    )
    script = bigquery_script([Party("provider", {}, views), Party("merchant")])
    parsed = [one for one in sqlglot.parse(script, read="bigquery") if isinstance(one, exp.Create)]
    assert len(parsed) == len(VIEWS)
