"""Splits a SELECT into a statement over protected data and a SELECT over the released rows.

The inner part computes keys and aggregates of groups. HAVING, ORDER BY, LIMIT and arithmetic on
aggregates go to the outer part, which reads released rows only. Its results and its errors
therefore reveal nothing about a group that was not released.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.allowed_nodes import AGGREGATES
from synth_assets.domains.clean_room.analysis_rules.errors import (
    NotProvablySafeError,
    PrivacyUnitExposedError,
)
from synth_assets.domains.clean_room.analysis_rules.select_block import SelectBlock

RELEASED = "released_rows"


@dataclass(frozen=True)
class Grouped:
    """Keys and aggregates by the name of their column in the release, and the outer SELECT."""

    keys: dict[str, exp.Expr]
    aggregates: dict[str, exp.Expr]
    outer: exp.Select


def split_grouped(block: SelectBlock) -> Grouped:
    """Split a block that groups and aggregates.

    Args:
        block: A SELECT block.

    Raises:
        NotProvablySafeError: The block has no groups or aggregates, nests aggregates, or uses
            columns outside of them.
    """
    group = block.select.args.get("group")
    keys = {f"key_{i}": key.copy() for i, key in enumerate(group.expressions if group else [])}
    for key in keys.values():
        if key.find(*AGGREGATES, exp.Anonymous) or not any(block.columns(key)):
            raise NotProvablySafeError("GROUP BY must name columns, or expressions of columns")
    names = {key.sql(): name for name, key in keys.items()}
    aggregates: dict[str, exp.Expr] = {}

    def swap(node: exp.Expr) -> exp.Expr:
        text = node.sql()
        if isinstance(node, (*AGGREGATES, exp.Anonymous)):
            if any(inner is not node for inner in node.find_all(*AGGREGATES, exp.Anonymous)):
                raise NotProvablySafeError("an aggregate cannot be inside another one")
            if text not in names:
                names[text] = f"aggregate_{len(aggregates)}"
                aggregates[names[text]] = node.copy()
        return exp.column(names[text], table=RELEASED) if text in names else node

    outer = _outer(block)
    having = block.select.args.get("having")
    if having:
        outer.set("where", exp.Where(this=having.this.copy()))
    outer = _swapped(outer, swap)
    for column in outer.find_all(exp.Column):
        if column.table != RELEASED and column.table in block.sources:
            raise NotProvablySafeError(
                f"{column.sql('bigquery')} is neither grouped by nor inside an aggregate: over a "
                "protected view only groups and aggregates can be selected, filtered or ordered by"
            )
    if not keys and not aggregates:
        raise NotProvablySafeError("a query over this view must use an aggregate or GROUP BY")
    return Grouped(keys, aggregates, outer)


def split_row_by_row(block: SelectBlock) -> tuple[exp.Select, exp.Select]:
    """Split a block with joined rows that may leave as they are.

    Args:
        block: A SELECT block without a privacy clause.

    Returns:
        The statement that joins the rows, and the SELECT over them.
    """
    names: dict[str, str] = {}

    def swap(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column) or node.table not in block.sources:
            return node
        name = names.setdefault(node.sql(), f"column_{len(names)}")
        return exp.column(name, table=RELEASED)

    outer = _swapped(_outer(block, "where", "group", "having"), swap)
    columns = [exp.alias_(exp.maybe_parse(text), name) for text, name in names.items()]
    return block.body().select(*columns or [exp.alias_(exp.Literal.number(1), "row")]), outer


def unit_columns(block: SelectBlock) -> list[exp.Column]:
    """The privacy unit columns of a block's views.

    Args:
        block: A SELECT block.
    """
    return [
        exp.column(view.policy.unit, table=alias)
        for alias, view in block.protected.items()
        if view.policy and view.policy.unit
    ]


def keep_units_hidden(block: SelectBlock, hidden: list[exp.Column]) -> None:
    """Refuse any use of a unit column except joining, counting and testing for NULL.

    Args:
        block: A SELECT block.
        hidden: Its unit columns.

    Raises:
        PrivacyUnitExposedError: A unit column is used in another place.
    """
    forbidden = {(column.table, column.name) for column in hidden}
    for part in ("expressions", "where", "group", "having", "order"):
        value = block.select.args.get(part)
        for root in value if isinstance(value, list) else [value] if value else []:
            for column in root.find_all(exp.Column):
                if (column.table, column.name) in forbidden and not _harmless(column):
                    raise PrivacyUnitExposedError(column.sql("bigquery"))


def _harmless(column: exp.Column) -> bool:
    parent = column.parent
    if isinstance(parent, exp.Distinct):
        parent = parent.parent
    null_test = isinstance(parent, exp.Is) and isinstance(parent.expression, exp.Null)
    in_where = null_test and column.find_ancestor(exp.Where) is not None
    return isinstance(parent, exp.Count | exp.ApproxDistinct) or in_where


def _swapped(outer: exp.Select, swap: Callable[[exp.Expr], exp.Expr]) -> exp.Select:
    swapped = outer.transform(swap, copy=False)
    assert isinstance(swapped, exp.Select)
    return swapped


def _outer(block: SelectBlock, *more: str) -> exp.Select:
    """Some of the block's parts, for a SELECT over the released rows."""
    outer = exp.Select(expressions=[one.copy() for one in block.select.expressions])
    for part in ("order", "limit", "offset", "distinct", *more):
        if block.select.args.get(part):
            outer.set(part, block.select.args[part].copy())
    return outer
