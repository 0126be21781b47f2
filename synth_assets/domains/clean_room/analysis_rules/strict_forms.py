"""The forms of aggregates that strict mode understands, and their thresholds.

A form is the values and the condition of an aggregate, ``IF(condition, value, NULL or 0)`` among
others. Which form an aggregate of a query may have is decided in ``strict``.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.errors import StrictModeError
from synth_assets.domains.clean_room.analysis_rules.select_block import guarded

MEASURING = (exp.Sum, exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance,
             exp.VariancePop)  # fmt: skip
# None of them can indicate a value that the querying party chooses.
SAFE_FUNCTIONS = (exp.Cast, exp.TryCast, exp.Extract, exp.Length)
FORMS = (
    "in strict mode an aggregate is COUNT(*), COUNT([DISTINCT] key), COUNTIF(condition), SUM, AVG, "
    "STDDEV or VARIANCE of a column of the protected view, CORR or COVAR of two, or one of these "
    "with IF(condition, value, NULL or 0) inside"
)


@dataclass(frozen=True)
class Form:
    """An aggregate as strict mode understands it: its values and its condition."""

    values: tuple[exp.Expr, ...] = ()
    condition: exp.Expr | None = None

    def satisfied(self, unit: exp.Expr) -> exp.Expr:
        """The number of units with a value that the aggregate includes.

        Args:
            unit: The privacy unit column.
        """
        parts = [guarded(self.condition)] if self.condition else []
        parts += [guarded(value).is_(exp.null()).not_() for value in self.values]
        return count_distinct(exp.Case(ifs=[exp.If(this=exp.and_(*parts), true=unit.copy())]))

    def left_out(self, unit: exp.Expr) -> exp.Expr:
        """The number of units with a value that the condition excludes.

        Args:
            unit: The privacy unit column.
        """
        assert self.condition is not None
        met = exp.Coalesce(this=guarded(self.condition), expressions=[exp.false()])
        parts = [exp.Not(this=exp.Paren(this=met))]
        parts += [guarded(value).is_(exp.null()).not_() for value in self.values]
        return count_distinct(exp.Case(ifs=[exp.If(this=exp.and_(*parts), true=unit.copy())]))

    def withheld(self, aggregate: exp.Expr, unit: exp.Expr, threshold: exp.Expr) -> exp.Expr:
        """The aggregate, or NULL where too few units satisfy its condition, or too few do not.

        Args:
            aggregate: The aggregate, in a form that cannot fail.
            unit: The privacy unit column.
            threshold: The least number of units.
        """
        if not self.values and not self.condition:
            return aggregate
        enough: exp.Expr = exp.GTE(this=self.satisfied(unit), expression=threshold.copy())
        if self.condition:
            others = exp.GTE(this=self.left_out(unit), expression=threshold.copy())
            enough = exp.and_(enough, others)
        return exp.Case(ifs=[exp.If(this=enough, true=aggregate)])


def condition_and_value(argument: exp.Expr, of: exp.Expr) -> tuple[exp.Expr | None, exp.Expr]:
    """The condition and the value of ``IF(condition, value, NULL or 0)``.

    Args:
        argument: The argument of an aggregate.
        of: The aggregate.

    Returns:
        None and the argument if it has no condition.

    Raises:
        StrictModeError: The argument has two values.
    """
    argument = argument.unnest()
    if isinstance(argument, exp.Case) and not argument.this and len(argument.args["ifs"]) == 1:
        branch, other = argument.args["ifs"][0], argument.args.get("default")
    elif isinstance(argument, exp.If):
        branch, other = argument, argument.args.get("false")
    else:
        return None, argument
    zero = isinstance(other, exp.Literal) and not other.is_string and not float(other.this)
    if not (other is None or isinstance(other, exp.Null) or (zero and isinstance(of, MEASURING))):
        raise StrictModeError(f"{shown(of)} has two values: {FORMS}")
    return branch.this, branch.args["true"].unnest()


def measured_column(value: exp.Expr) -> exp.Column | None:
    """The column that a value is, or that is the only argument of a safe function; else None.

    Args:
        value: The value of an aggregate.
    """
    value = value.unnest()
    if isinstance(value, SAFE_FUNCTIONS):
        parts = [
            part
            for part in value.iter_expressions()
            if not isinstance(part, exp.Var | exp.DataType)
        ]
        to = value.args.get("to")
        if len(parts) != 1 or (to and to.is_type(exp.DType.BOOLEAN)):
            return None
        value = parts[0]
    return value if isinstance(value, exp.Column) else None


def count_distinct(expression: exp.Expr) -> exp.Expr:
    """``COUNT(DISTINCT expression)``.

    Args:
        expression: Any expression.
    """
    return exp.Count(this=exp.Distinct(expressions=[expression]))


def shown(node: exp.Expr) -> str:
    """An expression as the query has it, for messages, in at most 80 characters.

    Args:
        node: Any expression.
    """
    text = node.sql("bigquery", identify=False).replace("`", "")
    return text if len(text) <= 80 else f"{text[:77]}..."
