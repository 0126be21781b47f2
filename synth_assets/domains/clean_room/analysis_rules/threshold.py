"""The aggregation threshold: a group leaves only if enough distinct units are behind it.

The unit that is counted is the protected view's own column, whatever the query calls it. NULL is
no unit. Smaller groups are left out without a word.
"""

from __future__ import annotations

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.block import Block, guarded
from synth_assets.domains.clean_room.analysis_rules.errors import (
    NotProvablySafeError,
    PrivacyOptionError,
    PrivacyUnitNotSharedError,
)
from synth_assets.domains.clean_room.analysis_rules.release import grouped, keep_units_hidden, units
from synth_assets.domains.clean_room.analysis_rules.strict import StrictCheck

PLAIN = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.LogicalAnd, exp.LogicalOr)
ADDING = (exp.Sum, exp.Avg)
# Squares of anything larger leave the range of FLOAT64, and the engine would fail on them.
LARGEST = 1e100


def threshold_release(block: Block, strict: StrictCheck) -> tuple[exp.Select, exp.Select]:
    """What may be computed over the protected data, and what is then made of it."""
    unit, hidden = the_unit(block)
    keep_units_hidden(block, hidden)
    cut = grouped(block)
    inner = block.filtered()
    keys = {name: guarded(key) for name, key in cut.keys.items()}
    least = _threshold(block)
    values = {name: aggregate(one) for name, one in cut.aggregates.items()}
    values = strict.withhold(block, unit, least, cut.aggregates, values)
    inner = inner.select(*(exp.alias_(one, name) for name, one in {**keys, **values}.items()))
    inner = inner.group_by(*(key.copy() for key in keys.values()))
    distinct = exp.Count(this=exp.Distinct(expressions=[unit.copy()]))
    return inner.having(exp.GTE(this=distinct, expression=least)), cut.outer


def the_unit(block: Block) -> tuple[exp.Column, list[exp.Column]]:
    """The column whose values are counted, and every column equal to it that stays hidden."""
    hidden = units(block)
    named = block.clause.options.get("privacy_unit_column") if block.clause else None
    if not hidden:
        if named is None:
            raise PrivacyOptionError(
                "without a view that sets it, OPTIONS must give privacy_unit_column"
            )
        hidden = [_found(block, named)]
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
    """An aggregate that cannot fail, whatever is in the rows."""
    made = node.copy()
    if made.find(exp.Distinct) and len(made.find(exp.Distinct).expressions) > 1:  # type: ignore[union-attr]
        raise NotProvablySafeError("DISTINCT in an aggregate takes one expression")
    for argument in [made.this, made.args.get("expression")]:
        if isinstance(argument, exp.Expr) and not isinstance(argument, exp.Star):
            inner = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
            inner.replace(_safe(inner, made))
    return made


def _safe(argument: exp.Expr, of: exp.Expr) -> exp.Expr:
    value = guarded(argument)
    if isinstance(of, (*PLAIN, *ADDING)):
        return value
    number = exp.Anonymous(this="TRY", expressions=[exp.cast(value, "DOUBLE")])
    small = exp.LTE(this=exp.Abs(this=number), expression=exp.Literal.number(f"{LARGEST:.0e}"))
    return exp.Case(ifs=[exp.If(this=small, true=number.copy())])


def _threshold(block: Block) -> exp.Expr:
    asked = block.clause.whole("threshold") if block.clause else None
    policies = {
        view.name: view.policy.aggregation_threshold_policy.threshold
        for view in block.protected.values()
        if view.policy and view.policy.aggregation_threshold_policy
    }
    if asked is None and not policies:
        raise PrivacyOptionError("without a view that sets it, OPTIONS must give threshold")
    least = max(policies.values(), default=1)
    if asked is not None and asked < least:
        view = max(policies, key=lambda name: policies[name])
        raise PrivacyOptionError(
            f"Threshold is too low: {asked}, policy for table {view} allows min {least}"
        )
    return exp.Literal.number(max(asked or least, least))


def _found(block: Block, named: str) -> exp.Column:
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
