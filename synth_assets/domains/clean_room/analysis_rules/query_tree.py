"""Where a query reads tables and where it combines them, found in its syntax tree.

What follows from that for protected views is in ``query_session``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.grammar import in_expression
from synth_assets.domains.clean_room.analysis_rules.views import dotted


def sources_of(select: exp.Select) -> list[exp.Expr]:
    """The tables and sub-queries in FROM and JOIN of one SELECT, in order.

    Args:
        select: A SELECT of a query.
    """
    first = select.args.get("from_")
    return [part.this for part in [first, *(select.args.get("joins") or [])] if part]


def tables_in_expressions(select: exp.Select) -> list[exp.Table]:
    """The tables that queries in a SELECT's expressions read.

    Args:
        select: A SELECT of a query.
    """
    parts = [value for name, value in select.args.items() if name not in ("from_", "joins")]
    parts += [join.args.get("on") for join in select.args.get("joins") or []]
    roots = [one for part in parts for one in (part if isinstance(part, list) else [part])]
    nodes = (root for root in roots if isinstance(root, exp.Expr))
    return [table for root in nodes for table in root.find_all(exp.Table)]


def combining_nodes(
    query: exp.Query, is_protected: Callable[[str], bool]
) -> Iterator[exp.Expr | None]:
    """Every SELECT that joins, and every other node that compares the rows of two relations.

    UNION ALL is one of them: counting its rows by value shows which values occur on both sides.
    Parts of WITH that read only the party's own tables are left out.

    Args:
        query: The whole query.
        is_protected: Whether a name is that of a protected view.
    """
    reading_views: set[str] = set()
    for part in (*query.find_all(exp.CTE), query):
        tables = [one for one in part.find_all(exp.Table) if _part_of(one) is part]
        names = [dotted(one) for one in tables]
        if not any(is_protected(name) or name.lower() in reading_views for name in names):
            continue
        reading_views.add(part.alias.lower())
        for node in part.find_all(exp.Join, exp.SetOperation, exp.Select):
            if _part_of(node) is part:
                if isinstance(node, exp.Join):
                    yield node.parent
                elif not isinstance(node, exp.Select) or in_expression(node):
                    yield node


def _part_of(node: exp.Expr) -> exp.Expr:
    """The part of WITH that a node is in, or else the whole query."""
    return node.find_ancestor(exp.CTE) or node.root()
