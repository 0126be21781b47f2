"""Strict mode: the threshold holds for each aggregate, not for the row of the answer alone.

BigQuery counts the units behind a row. An aggregate in that row can still be about one of them:
``SUM(IF(u.id = 2, p.score, 0))``, or a sum of weights that the asker has put into a table. Here
each aggregate has one of the forms below, and is NULL unless enough units have a value for it and,
if it has a condition, enough do not satisfy that. What the asker's tables contribute is
limited to counting and conditions, and they may not repeat protected rows.

What is not here: the threshold of the row (``threshold``) and joins (``joins``). Differences
between aggregates, and between queries, are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.block import Block, Source, guarded
from synth_assets.domains.clean_room.analysis_rules.enclosure import Enclosure
from synth_assets.domains.clean_room.analysis_rules.errors import StrictModeError
from synth_assets.domains.clean_room.analysis_rules.views import relation

COUNTING = (exp.Count, exp.ApproxDistinct)
MEASURING = (exp.Sum, exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance,
             exp.VariancePop)  # fmt: skip
OF_TWO = (exp.Corr, exp.CovarPop, exp.CovarSamp)
# None of them is an indicator of a value that the asker can choose.
SAFE_FUNCTIONS = (exp.Cast, exp.TryCast, exp.Extract, exp.Length)
FORMS = (
    "in strict mode an aggregate is COUNT(*), COUNT([DISTINCT] key), COUNTIF(condition), SUM, AVG, "
    "STDDEV or VARIANCE of a column of the protected view, CORR or COVAR of two, or one of these "
    "with IF(condition, value, NULL or 0) inside"
)


@dataclass(frozen=True)
class Form:
    """An aggregate as strict mode understands it: over which values, under which condition."""

    values: tuple[exp.Expr, ...] = ()
    condition: exp.Expr | None = None

    def satisfied(self, unit: exp.Expr) -> exp.Expr:
        """How many units have a value that the aggregate takes in."""
        parts = [guarded(self.condition)] if self.condition else []
        parts += [guarded(value).is_(exp.null()).not_() for value in self.values]
        return _distinct(exp.Case(ifs=[exp.If(this=exp.and_(*parts), true=unit.copy())]))

    def left_out(self, unit: exp.Expr) -> exp.Expr:
        """How many units have a value that the condition keeps from the aggregate."""
        assert self.condition is not None
        met = exp.Coalesce(this=guarded(self.condition), expressions=[exp.false()])
        parts = [exp.Not(this=exp.Paren(this=met))]
        parts += [guarded(value).is_(exp.null()).not_() for value in self.values]
        return _distinct(exp.Case(ifs=[exp.If(this=exp.and_(*parts), true=unit.copy())]))

    def withheld(self, aggregate: exp.Expr, unit: exp.Expr, threshold: exp.Expr) -> exp.Expr:
        """The aggregate, NULL where too few units satisfy its condition, or do not."""
        if not self.values and not self.condition:
            return aggregate
        enough: exp.Expr = exp.GTE(this=self.satisfied(unit), expression=threshold.copy())
        if self.condition:
            others = exp.GTE(this=self.left_out(unit), expression=threshold.copy())
            enough = exp.and_(enough, others)
        return exp.Case(ifs=[exp.If(this=enough, true=aggregate)])


@dataclass
class StrictCheck:
    """What a party may compute in one query over views in strict mode.

    Args:
        reader: The asking party.
        tables: What it can read, by name. Its own side of a join must be among these.
        database: Where the asking party's own tables are.
    """

    reader: str
    tables: Mapping[str, Source]
    database: Enclosure
    _asked: int = field(default=0, init=False)

    def withhold(
        self,
        block: Block,
        unit: exp.Expr,
        threshold: exp.Expr,
        aggregates: Mapping[str, exp.Expr],
        safe: Mapping[str, exp.Expr],
    ) -> dict[str, exp.Expr]:
        """The safe forms of a block's aggregates, each with a threshold of its own."""
        modes = [
            view.policy.strict_mode
            for view in block.protected.values()
            if view.policy and view.policy.strict_mode and view.owner != self.reader
        ]
        if not modes:
            return dict(safe)
        self._asked += max(1, len(aggregates))
        most = min(mode.max_aggregates_per_query for mode in modes)
        if self._asked > most:
            raise StrictModeError(f"a query can have at most {most} aggregates, got {self._asked}")
        self._own_rows_once(block)
        forms = {name: self._form(block, node) for name, node in aggregates.items()}
        return {name: form.withheld(safe[name], unit, threshold) for name, form in forms.items()}

    def _form(self, block: Block, node: exp.Expr) -> Form:
        if isinstance(node, exp.CountIf):
            return Form(condition=node.this)
        if isinstance(node, OF_TWO):
            values = (node.this, node.expression)
            for value in values:
                self._measured(block, node, value)
            return Form(values)
        distinct = isinstance(node.this, exp.Distinct)
        argument = node.this.expressions[0] if distinct else node.this
        condition, value = _branch(argument, node)
        if isinstance(node, COUNTING):
            one_by_one = isinstance(value, exp.Star | exp.Literal)
            if one_by_one and not distinct and not isinstance(node, exp.ApproxDistinct):
                return Form(condition=condition)
            self._key(block, node, value)
            return Form((value,), condition)
        if not isinstance(node, MEASURING) or distinct:
            raise StrictModeError(f"{_shown(node)} can be decided by one unit: {FORMS}")
        if condition and isinstance(value, exp.Literal) and not value.is_string:
            return Form(condition=condition)
        self._measured(block, node, value)
        return Form((value,), condition)

    def _measured(self, block: Block, node: exp.Expr, value: exp.Expr) -> None:
        """Refuse what is not one column of a protected view that holds values."""
        column = _column(value)
        if column is None:
            raise StrictModeError(f"{_shown(node)} computes with columns: {FORMS}")
        source = block.sources[column.table]
        if source.policy is None or source.owner == self.reader:
            raise StrictModeError(
                f"{_shown(node)} adds up values of your own table, which can mark a person: {FORMS}"
            )
        if column.name in source.policy.columns:
            raise StrictModeError(f"{_shown(node)} is over a key, which can only be counted")
        if source.columns[column.name] == "BOOLEAN":
            raise StrictModeError(f"{_shown(node)} is over a BOOL: use COUNTIF({_shown(column)})")

    def _key(self, block: Block, node: exp.Expr, value: exp.Expr) -> None:
        """Refuse to count what is not the key of a view or of the asking party's table."""
        column = value if isinstance(value, exp.Column) else None
        source = block.sources[column.table] if column else None
        if column is None or source is None or not self._is_key(source, column.name):
            raise StrictModeError(
                f"{_shown(node)} is not over a key: count rows with COUNT(*), those with a value "
                "with COUNTIF(… IS NOT NULL), values by grouping by them"
            )

    def _is_key(self, source: Source, name: str) -> bool:
        if source.policy and source.owner != self.reader:
            return name in source.policy.columns
        column = exp.column(name, quoted=True)
        table = relation(source.internal, "own")
        unique = exp.EQ(this=exp.Count(this=exp.Star()), expression=_distinct(column))
        return bool(self.database.ask(exp.select(exp.alias_(unique, "found")).from_(table)).item())

    def _own_rows_once(self, block: Block) -> None:
        """Refuse the asking party's side if it repeats protected rows, or was made for the query.

        It is judged by the party's own tables alone, so the refusal says nothing it did not know.
        """
        own = {alias for alias, one in block.sources.items() if one.owner == self.reader}
        for alias in own:
            source = block.sources[alias]
            if self.tables.get(source.name) is not source or source.policy:
                raise StrictModeError(
                    f"{alias} is a query: a protected view is joined with your tables as they are"
                )
        for joined in _connected(block, own):
            if self._repeats(block, joined):
                raise StrictModeError(
                    f"{', '.join(sorted(joined))} would repeat rows of the protected view: "
                    "no two rows of your side may be joined with the same protected rows"
                )

    def _repeats(self, block: Block, joined: set[str]) -> bool:
        inside = [p for p in block.equalities if {table for table, _ in p} <= joined]
        outside = {c for p in block.equalities if p not in inside for c in p if c[0] in joined}
        columns = [exp.column(name, table=table, quoted=True) for table, name in sorted(outside)]
        first, *others = (relation(block.sources[a].internal, a) for a in sorted(joined))
        found = exp.select(exp.alias_(exp.Literal.number(1), "found")).from_(first)
        for other in others:
            found = found.join(other, join_type="cross")
        for left, right in inside:
            sides = (exp.column(name, table=table, quoted=True) for table, name in (left, right))
            found = found.where(exp.EQ(this=next(sides), expression=next(sides)))
        found = found.where(*(column.is_(exp.null()).not_() for column in columns))
        more = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
        return self.database.ask(found.group_by(*columns).having(more).limit(1)).height > 0


def _branch(argument: exp.Expr, of: exp.Expr) -> tuple[exp.Expr | None, exp.Expr]:
    """The condition and the value of ``IF(condition, value, NULL or 0)``, or the value alone."""
    argument = argument.unnest()
    if isinstance(argument, exp.Case) and not argument.this and len(argument.args["ifs"]) == 1:
        branch, other = argument.args["ifs"][0], argument.args.get("default")
    elif isinstance(argument, exp.If):
        branch, other = argument, argument.args.get("false")
    else:
        return None, argument
    zero = isinstance(other, exp.Literal) and not other.is_string and not float(other.this)
    if not (other is None or isinstance(other, exp.Null) or (zero and isinstance(of, MEASURING))):
        raise StrictModeError(f"{_shown(of)} has two values: {FORMS}")
    return branch.this, branch.args["true"].unnest()


def _column(value: exp.Expr) -> exp.Column | None:
    """The column that a value is, or that a safe function has as its only argument."""
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


def _connected(block: Block, aliases: Iterable[str]) -> Iterator[set[str]]:
    """The parts into which these sources fall, joined with each other alone."""
    left = set(aliases)
    while left:
        part, grown = {left.pop()}, True
        while grown:
            pairs = ({table for table, _ in pair} for pair in block.equalities)
            near = {table for pair in pairs if pair & part for table in pair & left}
            part, left, grown = part | near, left - near, bool(near)
        yield part


def _distinct(expression: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[expression]))


def _shown(node: exp.Expr) -> str:
    """An expression as the query has it, in few characters."""
    text = node.sql("bigquery", identify=False).replace("`", "")
    return text if len(text) <= 80 else f"{text[:77]}..."
