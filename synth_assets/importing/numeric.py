"""The generator of a column of numbers: by what rows show, its name, or its bounds.

The distributions are in ``amounts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synth_assets.importing import amounts, distinct
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.found import NUMBERS, FoundColumn, Kind
from synth_assets.importing.identifiers import needs_quotes
from synth_assets.importing.listed import MOST
from synth_assets.importing.names import rule_for


def decide(context: Context, column: FoundColumn) -> Decision | None:
    """The generator of a column of numbers; None for any other column.

    Args:
        context: Its table.
        column: The column.
    """
    if column.type.kind not in NUMBERS:
        return None
    if (wide := _wide(context, column)) is not None:
        return wide
    profile = context.of(column)
    if (from_rows := amounts.from_rows(column, profile)) is not None:
        fields, note = from_rows
        if profile.frequent is not None:
            return _with_frequent(context, column, fields, note)
        return Decision(fields, Because.ROWS, note)
    rule = rule_for(context.table.name, column.name, column.type.kind)
    if rule is not None and rule.fields:
        fields, note = amounts.from_name(column, rule.fields)
        return Decision(fields, Because.NAME, note)
    declared = column.low is not None or column.high is not None
    fields, note = amounts.from_bounds(column)
    return Decision(fields, Because.DECLARED if declared else Because.TYPE, note)


def _with_frequent(
    context: Context, column: FoundColumn, fields: Mapping[str, Any], note: str
) -> Decision:
    """A number that many rows share, and the distribution of the others."""
    frequent = context.of(column).frequent
    assert frequent is not None
    value, share = frequent
    flag = distinct.beside(column, context, ("common", "is_common", "is_the_common"))
    switch = {
        "kind": "switch", "on": flag,
        "cases": {True: {"kind": "constant", "value": value}}, "otherwise": fields,
    }  # fmt: skip
    hidden = {flag: {"kind": "boolean", "probability": share, "hidden": True}}
    said = f"{share:.0%} of its rows have one value; the others: {note}"
    return Decision(switch, Because.ROWS, said, hidden)


def _wide(context: Context, column: FoundColumn) -> Decision | None:
    """Whole numbers that rows have beyond those of the language: some number, and a distance."""
    bounds = context.of(column).bounds
    if bounds is None or column.type.kind is not Kind.INTEGER:
        return None
    first, last = column.type.integers
    low, high = (min(max(int(bound), first), last) for bound in bounds)
    if -MOST <= low <= high <= MOST:
        return None
    middle, half = (low + high) // 2, (high - low) // 2
    step = half // MOST + 1
    number = distinct.numbered(column, context)
    distance = {"kind": "integers", "low": -(half // step), "high": half // step, "hidden": True}
    name = f'"{number}"' if needs_quotes(number) else number
    product = f"{name} * {step}" if step > 1 else name
    return Decision(
        {"kind": "expression", "sql": f"{middle} + {product}"},
        Because.ROWS,
        "its range alone: numbers of this size have no other distribution",
        {number: distance},
    )
