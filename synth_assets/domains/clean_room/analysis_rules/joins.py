"""The join restriction: on which columns a view is, may and must not be joined.

A required join must be with the asking party's own data. The view itself, or another view of
somebody else, does not count: joining those would list what the asker does not know. The party's
own sub-queries and CTEs do count, as any table would that it could upload.
"""

from __future__ import annotations

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.block import Block, Source
from synth_assets.domains.clean_room.analysis_rules.errors import JoinRestrictedError
from synth_assets.domains.clean_room.analysis_rules.policy import JoinCondition

COMPARING = (exp.Predicate, exp.Nullif, exp.StartsWith, exp.Case)


def check(block: Block, reader: str) -> None:
    """Refuse a block whose joins some owner does not allow."""
    for alias, view in block.protected.items():
        policy = view.policy.join_restriction_policy if view.policy else None
        if policy is None:
            continue
        allowed = {column.lower() for column in policy.join_allowed_columns}
        joined = _joined(block, alias)
        if policy.join_condition is JoinCondition.BLOCKED and len(block.sources) > 1:
            raise JoinRestrictedError.occurring(view.name, policy.join_allowed_columns)
        if joined - allowed or _joins_in_disguise(block, alias, allowed):
            raise JoinRestrictedError.occurring(view.name, policy.join_allowed_columns)
        overlap = _joined_with_own(block, alias, reader) & allowed
        every = policy.join_condition is JoinCondition.ALL
        if policy.required and (overlap != allowed if every else not overlap):
            raise JoinRestrictedError.missing(view.name, policy.join_allowed_columns, every)


def _joined(block: Block, alias: str) -> set[str]:
    """The view's columns that ON compares with anything."""
    return {name for pair in block.equalities for table, name in pair if table == alias}


def _joined_with_own(block: Block, alias: str, reader: str) -> set[str]:
    """The view's columns that are compared with data that counts for the restriction."""
    found = set()
    for pair in block.equalities:
        for (table, name), (other, _) in (pair, pair[::-1]):
            if table == alias and _counts(block.sources[other], block.sources[alias], reader):
                found.add(name)
    return found


def _counts(partner: Source, view: Source, reader: str) -> bool:
    """Whether a join with this partner shows the reader no more than an overlap with its own."""
    return partner.name != view.name and reader in (partner.owner, view.owner)


def _joins_in_disguise(block: Block, alias: str, allowed: set[str]) -> bool:
    """Whether a column that must not be joined on is compared with another relation's."""
    for comparison in block.select.find_all(*COMPARING):
        if isinstance(comparison, exp.Case) and not comparison.this:
            continue  # its conditions are comparisons of their own
        columns = list(block.columns(comparison))
        restricted = any(one.table == alias and one.name not in allowed for one in columns)
        if restricted and any(one.table != alias for one in columns):
            return True
    return False
