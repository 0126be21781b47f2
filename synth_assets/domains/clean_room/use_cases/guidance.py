"""Messages for queries over the other party's tables, or the model, instead of the views.

Such a query is refused with the views to use and the command that prints the query for them. No
rule is enforced here; ``analysis_rules`` checks every query that passes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from synth_assets.domains.clean_room.analysis_rules.clauses import QueryText
from synth_assets.domains.clean_room.analysis_rules.errors import RefusedError, UnknownRelationError
from synth_assets.domains.clean_room.analysis_rules.views import dotted
from synth_assets.domains.clean_room.scenario import DOMAIN, SPLITS, CleanRoomScenario
from synth_assets.domains.clean_room.tables import account_tier_predictions as predictions_table
from synth_assets.domains.clean_room.tables import account_tier_predictor as predictor_table
from synth_assets.domains.clean_room.use_cases.sharing import (
    OWNER,
    TABLES,
    UseCase,
    base_name,
    view_name,
)

PREDICTOR = f"{DOMAIN}/{predictor_table.NAME}"
PREDICTIONS = f"{DOMAIN}/{predictions_table.NAME}"
UNPROTECTED = "`synth clean-room query --unprotected`"


def guide(
    sql: str, asker: str | None, use_cases: Sequence[UseCase], scenario: CleanRoomScenario
) -> None:
    """Refuse a query over the other party's tables or the model, and name the alternative.

    Args:
        sql: The query.
        asker: The querying party; None for the owner of both parties' tables.
        use_cases: What the parties share.
        scenario: The scenario, which has the names of projects and data sets.

    Raises:
        RefusedError: The query is for BigQuery ML.
        UnknownRelationError: The query reads the other party's tables, or an unknown project.
    """
    statements = _statements(sql)
    for statement in statements:
        _not_a_model(statement)
    queries = [one for one in statements if isinstance(one, exp.Query)]
    named = {dotted(table) for query in queries for table in query.find_all(exp.Table)}
    known = {base_name(scenario, t, s): (t, s) for t in TABLES for s in SPLITS}
    _not_of_another_project(named, known)
    if asker is None:
        return
    used = {known[name][0] for name in named & set(known)}
    for name in sorted(named & set(known)):
        table, split = known[name]
        if OWNER[table] != asker:
            raise UnknownRelationError(
                _to_views(name, table, split, asker, used, use_cases, scenario)
            )


def _statements(sql: str) -> list[exp.Expr]:
    """The statements of a text; none if it cannot be parsed, which the engine reports."""
    try:
        found = sqlglot.parse(QueryText(sql).sql, read="bigquery")
    except (RefusedError, SqlglotError, RecursionError):
        return []
    return [one for one in found if isinstance(one, exp.Expr)]


def _not_a_model(statement: exp.Expr) -> None:
    printed = "`synth clean-room model` prints the statements for BigQuery"
    if isinstance(statement, exp.Create) and statement.kind == "MODEL":
        raise RefusedError(
            f"CREATE MODEL is not run here: `synth materialize {PREDICTOR}` learns the same model "
            f"on this machine, and {printed}"
        )
    if any(table.db.upper() == "ML" for table in statement.find_all(exp.Table)):
        raise RefusedError(
            f"functions of ML are not run here: `synth materialize {PREDICTOR} {PREDICTIONS}` "
            f"learns the model and predicts by it on this machine, into {PREDICTIONS}; "
            f"{printed}"
        )


def _not_of_another_project(named: set[str], known: Collection[str]) -> None:
    for name in sorted(named - set(known)):
        alike = [one for one in known if one.split(".")[1:] == name.split(".")[1:]]
        if alike:
            raise UnknownRelationError(
                f"there is no table `{name}` here: it is called `{alike[0]}`. The options "
                "--merchant-project-id and --provider-project-id of `synth clean-room` name the "
                "parties' projects"
            )


def _to_views(
    name: str,
    table: str,
    split: str,
    asker: str,
    used: set[str],
    use_cases: Sequence[UseCase],
    scenario: CleanRoomScenario,
) -> str:
    """The message that names the views of the other party's table, the likeliest one first."""
    fitting = [one for one in use_cases if one.asker == asker and table in one.policies]
    fitting.sort(key=lambda one: len(one.tables ^ used))
    option = "" if split == SPLITS[0] else f" --split {split}"
    views = [
        f"`{view_name(scenario, one, table, split)}` "
        f"(`synth clean-room example {one.name}{option}` prints the query)"
        for one in fitting
    ]
    return (
        f"table `{name}` is the {OWNER[table]}'s. The {asker} reads it through a protected view: "
        f"{', or '.join(views) or 'there is none'}. Who owns both parties' tables can run the "
        f"query as it is with {UNPROTECTED}"
    )
