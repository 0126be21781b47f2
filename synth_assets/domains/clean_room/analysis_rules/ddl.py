"""Statements that create the protected views, with their policies, in BigQuery."""

from __future__ import annotations

from collections.abc import Iterable

import sqlglot
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.views import Party, ProtectedView


def create_view(view: ProtectedView) -> str:
    """``CREATE OR REPLACE VIEW`` with the policy as an option of the view.

    Args:
        view: The view.
    """
    options = {"privacy_policy": view.policy.to_json(), "description": view.description}
    properties = [
        exp.Property(this=exp.var(name), value=exp.Literal.string(text))
        for name, text in options.items()
        if text
    ]
    statement = exp.Create(
        this=exp.to_table(f"`{view.name}`", dialect="bigquery"),
        kind="VIEW",
        replace=True,
        expression=view.definition,
        properties=exp.Properties(expressions=properties),
    )
    text = statement.sql("bigquery", pretty=True, identify=True)
    sqlglot.parse_one(text, read="bigquery")
    return text


def bigquery_script(parties: Iterable[Party]) -> str:
    """The statements of all parties' views as one script.

    Args:
        parties: The parties, in the order of the script.
    """
    parts = []
    for party in parties:
        parts += [f"-- Views of {party.name}", *(f"{create_view(view)};" for view in party.views)]
    return "\n\n".join(parts) + "\n"
