"""The check that a query is in the part of SQL that the engine allows, node by node.

Everything that is not listed is refused: the allowed types of nodes and their parts are in
``allowed_nodes``, the texts that a node may carry in ``forms``.
"""

from __future__ import annotations

from contextlib import suppress

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from synth_assets.domains.clean_room.analysis_rules.allowed_nodes import (
    AROUND,
    PARTS,
    PROTECTED,
    TYPES,
)
from synth_assets.domains.clean_room.analysis_rules.clauses import BOUNDED, QueryText
from synth_assets.domains.clean_room.analysis_rules.dialect import translate
from synth_assets.domains.clean_room.analysis_rules.errors import (
    NotASelectError,
    NotProvablySafeError,
)
from synth_assets.domains.clean_room.analysis_rules.forms import misused

LONGEST = 50_000
DEEPEST = 200

# Ancestors of a query or table that is read row by row.
SOURCES = (exp.Select, exp.From, exp.Join, exp.Subquery, exp.SetOperation, exp.With, exp.CTE)
SOURCE_PARTS = ("this", "expression", "expressions", "with_")
STARTS = ("SELECT", "WITH", "(")
# What users write for nodes with another name.
SYNTAX: dict[type[exp.Expr], str] = {
    exp.AtTimeZone: "AT TIME ZONE",
    exp.Parameter: "a parameter",
    exp.Var: "a part",
}


def parsed(query_text: QueryText) -> exp.Query:
    """Parse a query and check that every node of it is allowed.

    Args:
        query_text: The query with markers in place of its privacy clauses.

    Returns:
        The tree, translated to DuckDB's meaning.

    Raises:
        NotASelectError: The text is not one SELECT statement.
        NotProvablySafeError: The query has a construct that is not allowed.
    """
    first = query_text.tokens[0].text.upper() if query_text.tokens else ""
    if first not in STARTS:
        shown = first[:30] or "nothing"
        raise NotASelectError(f"only SELECT queries can be run in the clean room, got {shown}")
    if len(query_text.sql) > LONGEST:
        raise NotASelectError(f"the query is too long: at most {LONGEST} characters are allowed")
    try:
        found = sqlglot.parse(query_text.sql, read="bigquery")
    except SqlglotError as error:
        near = (getattr(error, "errors", None) or [{}])[0].get("highlight") or "its end"
        raise NotASelectError(f"the query is not SQL: see near {near!r:.60}") from None
    except RecursionError:
        raise NotProvablySafeError("the query is nested too deeply to be proven safe") from None
    statements = [one for one in found if one is not None and not isinstance(one, exp.Semicolon)]
    if len(statements) != 1:
        raise NotASelectError(f"only one statement can be run at a time, got {len(statements)}")
    query = statements[0]
    if not isinstance(query, exp.Query):
        raise NotASelectError(f"only SELECT queries can be run in the clean room, got {query.key}")
    _allow(query)
    for node in query.walk():
        # A comment can carry instructions to the SQL library.
        node.comments = None
        node.meta.clear()
    translate(query)
    return query


def check_protected_select(select: exp.Select, bounded: bool) -> None:
    """Refuse constructs that are not allowed in a SELECT over protected views.

    Args:
        select: The SELECT; its numbers are rewritten as INT64 or FLOAT64.
        bounded: Whether aggregates with contribution bounds are allowed.

    Raises:
        NotProvablySafeError: The SELECT has such a construct.
    """
    for node in select.walk():
        if type(node) not in PROTECTED and not (bounded and _of_bounded(node)):
            _refuse(node, "in a SELECT over protected views")
        if isinstance(node, exp.Select) and node is not select:
            raise NotProvablySafeError(
                "a query in an expression is not allowed over protected views"
            )
        if isinstance(node, exp.Literal) and not node.is_string:
            _small(node)
    for part in ("with_", "qualify"):
        if select.args.get(part):
            raise NotProvablySafeError(
                f"{part.upper().strip('_')} is not allowed over protected views"
            )


def in_expression(node: exp.Expr) -> bool:
    """Whether a part of a query is read by an expression, not by FROM, WITH or UNION.

    Args:
        node: A table or a query in a larger query.
    """
    while node.parent:
        above = node.parent
        parts = ("from_", "joins", "with_") if isinstance(above, exp.Select) else SOURCE_PARTS
        if not isinstance(above, SOURCES) or node.arg_key not in parts:
            return True
        node = above
    return False


def _allow(query: exp.Query) -> None:
    for node in query.walk():
        if type(node) not in AROUND and not _is_bounded(node):
            _refuse(node, "in the clean room")
        _keep_form(node)
        allowed = PARTS.get(type(node))
        if allowed is not None:
            for part, value in node.args.items():
                if value not in (None, False, []) and part not in allowed:
                    _refuse(node, f"with {part.strip('_')}")
        if isinstance(node, exp.DataType) and node.this not in TYPES:
            raise NotProvablySafeError(
                "CAST is allowed to INT64, FLOAT64, STRING, BOOL, DATE, DATETIME and TIMESTAMP, "
                f"not to {node.sql('bigquery')}"
            )
        if isinstance(node, exp.Join):
            _plain_join(node)
        if isinstance(node, exp.With) and node.parent is not query:
            raise NotProvablySafeError("WITH is allowed at the start of the whole query only")
        if isinstance(node, exp.Limit | exp.Offset) and not node.expression.is_int:
            raise NotProvablySafeError("LIMIT and OFFSET must be whole numbers")
    if any(node.depth > DEEPEST for node in query.find_all(exp.Column, exp.Literal)):
        raise NotProvablySafeError("the query is nested too deeply to be proven safe")


def _keep_form(node: exp.Expr) -> None:
    """Refuse texts that ``forms`` does not allow, empty names and rows as values."""
    if isinstance(node, exp.Select) and not node.expressions:
        raise NotASelectError("a SELECT must name at least one column")
    if isinstance(node, exp.Identifier) and not node.name:
        raise NotASelectError("a name between back quotes must not be empty")
    part = misused(node)
    if part:
        what = "of this form" if part == "this" else f"with this {part.strip('_')}"
        raise NotProvablySafeError(f"{_called(node)} {what} is not allowed in the clean room")
    if isinstance(node, exp.Tuple) and not isinstance(node.parent, exp.Kwarg):
        raise NotProvablySafeError(
            "a row of values in parentheses is not allowed in the clean room: select its columns"
        )


def _plain_join(join: exp.Join) -> None:
    if not isinstance(join.this, exp.Table | exp.Subquery):
        _refuse(join.this, "as a source")
    if join.kind.upper() not in ("", "INNER", "OUTER", "CROSS"):
        raise NotProvablySafeError(f"{join.kind} JOIN is not allowed in the clean room")


def _is_bounded(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper().startswith(BOUNDED)


def _of_bounded(node: exp.Expr) -> bool:
    """Whether a node is a bounded aggregate, or its named argument, a pair of numbers."""
    inside = isinstance(node, exp.Kwarg | exp.Tuple) and node.find_ancestor(exp.Anonymous)
    return _is_bounded(node) or bool(inside)


def _small(literal: exp.Literal) -> None:
    """Refuse numbers outside INT64 and FLOAT64; rewrite a FLOAT64 so that it is no decimal."""
    if literal.is_int:
        if abs(int(literal.this)) >= 2**63:
            raise NotProvablySafeError(f"the number {literal.this[:40]} does not fit INT64")
        return
    value = float(literal.this)
    text = repr(value)
    if text in ("inf", "nan"):
        raise NotProvablySafeError(f"the number {literal.this[:40]} does not fit FLOAT64")
    literal.set("this", text if "e" in text else f"{text}e0")


def _refuse(node: exp.Expr, where: str) -> None:
    raise NotProvablySafeError(
        f"{_called(node)} is not allowed {where}: it cannot be proven safe. Allowed are plain "
        "SELECTs with joins, WHERE, GROUP BY, HAVING, ORDER BY and LIMIT, the usual operators, and "
        "the aggregates AVG, COUNT, COUNTIF, SUM, LOGICAL_AND, LOGICAL_OR, CORR, COVAR_*, "
        "STDDEV_*, VAR_* and APPROX_COUNT_DISTINCT"
    )


def _called(node: exp.Expr) -> str:
    """What a user wrote for a node: a function's name, or the kind of syntax."""
    if isinstance(node, exp.Anonymous):
        return node.name.upper()
    if isinstance(node, exp.Identifier):
        return "a name"
    if isinstance(node, exp.Func):
        # Printing an incomplete node raises various errors; the name is for a message only.
        with suppress(Exception):
            name = node.sql("bigquery").partition("(")[0]
            if name.replace("_", "").isalnum():
                return name.upper()
    return SYNTAX.get(type(node), node.key.upper())
