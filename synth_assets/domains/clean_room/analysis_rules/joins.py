"""The join restriction: the columns on which a view must, may and must not be joined.

Any expression of a restricted column and another relation's column is a join, too: ``a - b``
distinguishes equal from different values as ``a = b`` does, in every clause. By BigQuery's rule
AND, OR, IF and CASE over conditions on one relation each are no joins. In strict mode they are,
except in a filter or in an aggregate.

A required join must be with the querying party's own data. The view itself and views of other
parties do not count: joining those would list values that the querying party does not know. The
party's own sub-queries and CTEs count, since the party could upload them as tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.allowed_nodes import AGGREGATES
from synth_assets.domains.clean_room.analysis_rules.errors import JoinRestrictedError
from synth_assets.domains.clean_room.analysis_rules.policy import JoinCondition
from synth_assets.domains.clean_room.analysis_rules.select_block import SelectBlock, Source

# Nodes with parts that are independent of each other.
LISTING = (exp.Select, exp.Group, exp.Order)


def check(block: SelectBlock, reader: str) -> None:
    """Refuse a block with joins that an owner of its views does not allow.

    Args:
        block: A SELECT block.
        reader: The querying party.

    Raises:
        JoinRestrictedError: A join is not allowed, or a required one is missing.
    """
    for alias, view in block.protected.items():
        policy = view.policy.join_restriction_policy if view.policy else None
        if policy is None:
            continue
        allowed = {column.lower() for column in policy.join_allowed_columns}
        joined = _joined(block, alias)
        if policy.join_condition is JoinCondition.BLOCKED and len(block.sources) > 1:
            raise JoinRestrictedError.occurring(view.name, policy.join_allowed_columns)
        if joined - allowed or _combined(block, alias, allowed):
            raise JoinRestrictedError.occurring(view.name, policy.join_allowed_columns)
        overlap = _joined_with_own(block, alias, reader) & allowed
        every = policy.join_condition is JoinCondition.ALL
        if policy.required and (overlap != allowed if every else not overlap):
            raise JoinRestrictedError.missing(view.name, policy.join_allowed_columns, every)


def _joined(block: SelectBlock, alias: str) -> set[str]:
    """The view's columns that ON compares with other columns."""
    return {name for pair in block.equalities for table, name in pair if table == alias}


def _joined_with_own(block: SelectBlock, alias: str, reader: str) -> set[str]:
    """The view's columns that ON compares with data that counts for a required join."""
    found = set()
    for pair in block.equalities:
        for (table, name), (other, _) in (pair, pair[::-1]):
            if table == alias and _counts(block.sources[other], block.sources[alias], reader):
                found.add(name)
    return found


def _counts(partner: Source, view: Source, reader: str) -> bool:
    """Whether a join with this partner reveals only the overlap with the reader's own data."""
    return partner.name != view.name and reader in (partner.owner, view.owner)


def _combined(block: SelectBlock, alias: str, allowed: set[str]) -> bool:
    """Whether a restricted column is in one expression with a column of another relation."""
    strict = any(view.policy and view.policy.strict_mode for view in block.protected.values())
    for columns in _combinations(block, block.select, strict):
        restricted = any(one.table == alias and one.name not in allowed for one in columns)
        if restricted and any(one.table != alias for one in columns):
            return True
    return False


def _combinations(block: SelectBlock, node: exp.Expr, strict: bool) -> Iterator[list[exp.Column]]:
    """The columns of each expression below a node that combines several of its parts."""
    parts = [
        part
        for name, value in node.args.items()
        if name not in ("from_", "joins")
        for part in (value if isinstance(value, list) else [value])
        if isinstance(part, exp.Expr)
    ]
    found = [columns for part in parts if (columns := _of_rows(block, part))]
    if len(found) > 1 and not _only_connects(node, strict):
        yield [column for columns in found for column in columns]
    for part in parts:
        yield from _combinations(block, part, strict)


def _of_rows(block: SelectBlock, node: exp.Expr) -> list[exp.Column]:
    """The columns that a node reads row by row: those outside of aggregates."""
    nodes = node.walk(prune=lambda one: isinstance(one, (*AGGREGATES, exp.Anonymous)))
    found = [one for one in nodes if isinstance(one, exp.Column)]
    return [column for column in found if column.table in block.sources]


def _only_connects(node: exp.Expr, strict: bool) -> bool:
    """Whether a node combines parts that are checked separately.

    In strict mode this holds for the conditions of a filter, and for condition and value inside an
    aggregate, where units are counted. Elsewhere AND and NOT together could compare two columns.
    """
    if isinstance(node, LISTING):
        return True
    if isinstance(node, exp.If) and node.arg_key == "ifs" and node.parent:
        node = node.parent
    conditional = isinstance(node, exp.If) or (isinstance(node, exp.Case) and not node.this)
    if not strict:
        return conditional or isinstance(node, exp.Connector)
    if conditional:
        above = _above(node, exp.Paren, exp.Distinct)
        return isinstance(above, AGGREGATES) and not isinstance(above, exp.CountIf)
    above = _above(node, exp.Paren, exp.And)
    if isinstance(above, exp.If):
        return isinstance(node, exp.And) and _only_connects(above, strict)
    return isinstance(node, exp.And) and isinstance(above, (exp.Where, exp.Having, *AGGREGATES))


def _above(node: exp.Expr, *through: type[exp.Expr]) -> exp.Expr | None:
    """The first ancestor that is of none of these kinds."""
    above = node.parent
    while isinstance(above, through):
        above = above.parent
    return above
