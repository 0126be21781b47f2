"""The aggregation threshold: a group is released only if it has enough distinct units.

The unit is the protected view's own column, under whatever alias the query reads it. NULL is not
counted. Smaller groups are left out without a message.
"""

from __future__ import annotations

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.errors import (
    NotProvablySafeError,
    PrivacyOptionError,
    PrivacyUnitNotSharedError,
)
from synth_assets.domains.clean_room.analysis_rules.release import (
    keep_units_hidden,
    split_grouped,
    unit_columns,
)
from synth_assets.domains.clean_room.analysis_rules.select_block import SelectBlock, guarded
from synth_assets.domains.clean_room.analysis_rules.strict import StrictCheck

PLAIN = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.LogicalAnd, exp.LogicalOr)
ADDING = (exp.Sum, exp.Avg)
# The square of a larger number exceeds FLOAT64, and the engine would raise an error.
LARGEST = 1e100


def threshold_release(block: SelectBlock, strict: StrictCheck) -> tuple[exp.Select, exp.Select]:
    """Split a block into the statement over protected data and the SELECT over its rows.

    Args:
        block: A SELECT block with the clause AGGREGATION_THRESHOLD.
        strict: The checks of strict mode, which apply to views that have it.

    Returns:
        The inner statement, which leaves out groups below the threshold, and the outer SELECT.

    Raises:
        RefusedError: An option, a column or an aggregate of the block is not allowed.
    """
    unit, hidden = privacy_unit(block)
    keep_units_hidden(block, hidden)
    groups = split_grouped(block)
    inner = block.filtered()
    keys = {name: guarded(key) for name, key in groups.keys.items()}
    least = _threshold(block)
    values = {name: aggregate(one) for name, one in groups.aggregates.items()}
    values = strict.withhold(block, unit, least, groups.aggregates, values)
    inner = inner.select(*(exp.alias_(one, name) for name, one in {**keys, **values}.items()))
    inner = inner.group_by(*(key.copy() for key in keys.values()))
    distinct = exp.Count(this=exp.Distinct(expressions=[unit.copy()]))
    return inner.having(exp.GTE(this=distinct, expression=least)), groups.outer


def privacy_unit(block: SelectBlock) -> tuple[exp.Column, list[exp.Column]]:
    """The privacy unit column of a block, and all unit columns, which must stay hidden.

    Args:
        block: A SELECT block with a privacy clause.

    Raises:
        PrivacyOptionError: The clause names no unit, or another one than the policy.
        PrivacyUnitNotSharedError: Joined views have different units.
    """
    hidden = unit_columns(block)
    named = block.clause.options.get("privacy_unit_column") if block.clause else None
    if not hidden:
        if named is None:
            raise PrivacyOptionError(
                "without a view that sets it, OPTIONS must give privacy_unit_column"
            )
        hidden = [_column_named(block, named)]
    elif named is not None and not any(_means(named, column) for column in hidden):
        shown = ", ".join(column.name for column in hidden)
        raise PrivacyOptionError(
            f"privacy_unit_column must be the one of the policy, {shown}, got {named}"
        )
    first = hidden[0]
    for other in hidden[1:]:
        if not block.equal((first.table, first.name), (other.table, other.name)):
            raise PrivacyUnitNotSharedError(
                f"the views joined must share one privacy unit: join on {first.sql('bigquery')} "
                f"= {other.sql('bigquery')}"
            )
    return first, hidden


def aggregate(node: exp.Expr) -> exp.Expr:
    """A copy of an aggregate that cannot fail on any row.

    Args:
        node: The aggregate as the query has it.

    Raises:
        NotProvablySafeError: DISTINCT has several expressions.
    """
    safe = node.copy()
    if safe.find(exp.Distinct) and len(safe.find(exp.Distinct).expressions) > 1:  # type: ignore[union-attr]
        raise NotProvablySafeError("DISTINCT in an aggregate takes one expression")
    for argument in [safe.this, safe.args.get("expression")]:
        if isinstance(argument, exp.Expr) and not isinstance(argument, exp.Star):
            inner = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
            inner.replace(_safe(inner, safe))
    return safe


def _safe(argument: exp.Expr, of: exp.Expr) -> exp.Expr:
    value = guarded(argument)
    if isinstance(of, (*PLAIN, *ADDING)):
        return value
    number = exp.Anonymous(this="TRY", expressions=[exp.cast(value, "DOUBLE")])
    small = exp.LTE(this=exp.Abs(this=number), expression=exp.Literal.number(f"{LARGEST:.0e}"))
    return exp.Case(ifs=[exp.If(this=small, true=number.copy())])


def _threshold(block: SelectBlock) -> exp.Expr:
    requested = block.clause.whole("threshold") if block.clause else None
    policies = {
        view.name: view.policy.aggregation_threshold_policy.threshold
        for view in block.protected.values()
        if view.policy and view.policy.aggregation_threshold_policy
    }
    if requested is None and not policies:
        raise PrivacyOptionError("without a view that sets it, OPTIONS must give threshold")
    least = max(policies.values(), default=1)
    if requested is not None and requested < least:
        view = max(policies, key=lambda name: policies[name])
        raise PrivacyOptionError(
            f"Threshold is too low: {requested}, policy for table {view} allows min {least}"
        )
    return exp.Literal.number(max(requested or least, least))


def _column_named(block: SelectBlock, named: str) -> exp.Column:
    *table, name = named.lower().split(".")
    tables = [
        alias
        for alias, source in block.sources.items()
        if name in source.columns and table in ([], [alias])
    ]
    if len(tables) != 1:
        raise PrivacyOptionError(f"privacy_unit_column {named} is not one column of this query")
    return exp.column(name, table=tables[0])


def _means(named: str, column: exp.Column) -> bool:
    return named.lower() in (column.name, f"{column.table}.{column.name}")
