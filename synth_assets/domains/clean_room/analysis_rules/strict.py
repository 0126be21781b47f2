"""Strict mode: the threshold holds for each aggregate, not only for each row of the answer.

BigQuery counts the units of a row. An aggregate in that row can still depend on one of them:
``SUM(IF(u.id = 2, p.score, 0))``, or a sum of weights from a table of the querying party. In strict
mode each aggregate has one of the forms of ``strict_forms``. It is NULL unless enough units have a
value for it and, if it has a condition, enough units do not satisfy the condition. The querying
party's tables may contribute only to counts and conditions, and may not repeat protected rows.

Not here: the threshold of the row (``threshold``) and joins (``joins``). Differences between
aggregates, and between queries, are not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.errors import StrictModeError
from synth_assets.domains.clean_room.analysis_rules.sandbox import Sandbox
from synth_assets.domains.clean_room.analysis_rules.select_block import SelectBlock, Source
from synth_assets.domains.clean_room.analysis_rules.strict_forms import (
    FORMS,
    MEASURING,
    Form,
    condition_and_value,
    count_distinct,
    measured_column,
    shown,
)
from synth_assets.domains.clean_room.analysis_rules.views import relation

COUNTING = (exp.Count, exp.ApproxDistinct)
OF_TWO = (exp.Corr, exp.CovarPop, exp.CovarSamp)


@dataclass
class StrictCheck:
    """Checks the aggregates of one query over views in strict mode.

    Args:
        reader: The querying party.
        tables: The relations that it may read, by name; it may join views only with these.
        database: The client database, with the querying party's own tables.
    """

    reader: str
    tables: Mapping[str, Source]
    database: Sandbox
    _requested: int = field(default=0, init=False)

    def withhold(
        self,
        block: SelectBlock,
        unit: exp.Expr,
        threshold: exp.Expr,
        aggregates: Mapping[str, exp.Expr],
        safe: Mapping[str, exp.Expr],
    ) -> dict[str, exp.Expr]:
        """A block's aggregates, each with a threshold of its own if a view is in strict mode.

        Args:
            block: A SELECT block.
            unit: Its privacy unit column.
            threshold: The least number of units.
            aggregates: The aggregates as the query has them, by name.
            safe: The same aggregates in forms that cannot fail.

        Returns:
            The aggregates to compute, by name.

        Raises:
            StrictModeError: An aggregate or a joined table is not allowed.
        """
        modes = [
            view.policy.strict_mode
            for view in block.protected.values()
            if view.policy and view.policy.strict_mode and view.owner != self.reader
        ]
        if not modes:
            return dict(safe)
        self._requested += max(1, len(aggregates))
        most = min(mode.max_aggregates_per_query for mode in modes)
        if self._requested > most:
            raise StrictModeError(
                f"a query can have at most {most} aggregates, got {self._requested}"
            )
        self._own_rows_once(block)
        forms = {name: self._form(block, node) for name, node in aggregates.items()}
        return {name: form.withheld(safe[name], unit, threshold) for name, form in forms.items()}

    def _form(self, block: SelectBlock, node: exp.Expr) -> Form:
        if isinstance(node, exp.CountIf):
            return Form(condition=node.this)
        if isinstance(node, OF_TWO):
            values = (node.this, node.expression)
            for value in values:
                self._measured(block, node, value)
            return Form(values)
        distinct = isinstance(node.this, exp.Distinct)
        argument = node.this.expressions[0] if distinct else node.this
        condition, value = condition_and_value(argument, node)
        if isinstance(node, COUNTING):
            one_by_one = isinstance(value, exp.Star | exp.Literal)
            if one_by_one and not distinct and not isinstance(node, exp.ApproxDistinct):
                return Form(condition=condition)
            self._key(block, node, value)
            return Form((value,), condition)
        if not isinstance(node, MEASURING) or distinct:
            raise StrictModeError(f"{shown(node)} can be decided by one unit: {FORMS}")
        if condition and isinstance(value, exp.Literal) and not value.is_string:
            return Form(condition=condition)
        self._measured(block, node, value)
        return Form((value,), condition)

    def _measured(self, block: SelectBlock, node: exp.Expr, value: exp.Expr) -> None:
        """Refuse a value that is not one column of a protected view, or that is a key."""
        column = measured_column(value)
        if column is None:
            raise StrictModeError(f"{shown(node)} computes with columns: {FORMS}")
        source = block.sources[column.table]
        if source.policy is None or source.owner == self.reader:
            raise StrictModeError(
                f"{shown(node)} adds up values of your own table, which can mark a person: {FORMS}"
            )
        if column.name in source.policy.columns:
            raise StrictModeError(f"{shown(node)} is over a key, which can only be counted")
        if source.columns[column.name] == "BOOLEAN":
            raise StrictModeError(f"{shown(node)} is over a BOOL: use COUNTIF({shown(column)})")

    def _key(self, block: SelectBlock, node: exp.Expr, value: exp.Expr) -> None:
        """Refuse to count a value that is not a key of a view or of the querying party's table."""
        column = value if isinstance(value, exp.Column) else None
        source = block.sources[column.table] if column else None
        if column is None or source is None or not self._is_key(source, column.name):
            raise StrictModeError(
                f"{shown(node)} is not over a key: count rows with COUNT(*), those with a value "
                "with COUNTIF(… IS NOT NULL), values by grouping by them"
            )

    def _is_key(self, source: Source, name: str) -> bool:
        if source.policy and source.owner != self.reader:
            return name in source.policy.columns
        column = exp.column(name, quoted=True)
        table = relation(source.internal, "own")
        unique = exp.EQ(this=exp.Count(this=exp.Star()), expression=count_distinct(column))
        return bool(
            self.database.execute(exp.select(exp.alias_(unique, "found")).from_(table)).item()
        )

    def _own_rows_once(self, block: SelectBlock) -> None:
        """Refuse the querying party's side if it repeats protected rows, or is a sub-query.

        Only the party's own tables decide, so a refusal reveals nothing new to it.
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

    def _repeats(self, block: SelectBlock, joined: set[str]) -> bool:
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
        return self.database.execute(found.group_by(*columns).having(more).limit(1)).height > 0


def _connected(block: SelectBlock, aliases: Iterable[str]) -> Iterator[set[str]]:
    """The sets of aliases that are joined with each other."""
    left = set(aliases)
    while left:
        part, grown = {left.pop()}, True
        while grown:
            pairs = ({table for table, _ in pair} for pair in block.equalities)
            near = {table for pair in pairs if pair & part for table in pair & left}
            part, left, grown = part | near, left - near, bool(near)
        yield part
