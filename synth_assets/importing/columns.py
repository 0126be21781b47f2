"""The generator of a column: the first of ``DECIDERS`` that has an answer.

What a source declares comes first, then what rows show, then what a name suggests, then the type.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from synth_assets.declarative.sql import parsed
from synth_assets.importing import distinct, foreign_types, key_parts, moments, numeric, texts
from synth_assets.importing.comparisons import gives
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.found import NUMBERS, FoundColumn, FoundTable, Kind
from synth_assets.importing.identifiers import needs_quotes
from synth_assets.importing.listed import listed_values, scalar
from synth_assets.importing.names import is_personal, rule_for

# The exponent of Zipf's law with which a tenth of the parents has half of the rows, about.
ZIPF_FROM, ZIPF_EXPONENT = 0.3, 0.8
# A note says that more parents have rows than rows show, from such a difference of shares on.
MOST_UNUSED = 0.1


def decide(context: Context, column: FoundColumn) -> Decision:
    """The generator of a column.

    Args:
        context: Its table.
        column: The column.
    """
    found = (decider(context, column) for decider in DECIDERS)
    return next(decision for decision in found if decision is not None)


def _related(context: Context, column: FoundColumn) -> Decision | None:
    """References, copies through them, positions, and references that were cut."""
    structure = context.structure
    if context.has_failed("column", column.name):
        return None
    if column.name == structure.position:
        return Decision({"kind": "position"}, Because.DECLARED)
    if column.name in structure.copies:
        through, name = structure.copies[column.name]
        return Decision({"kind": "copy", "through": through, "column": name}, Because.DECLARED)
    if column.name in structure.references:
        return _reference(context, column)
    if column.name in structure.cut and not _is_distinct(context, column):
        return _cut(context, column)
    return None


def _cut(context: Context, column: FoundColumn) -> Decision | None:
    """The key of a random row of a parent that cannot be asked: a number, written like the key."""
    reference = context.structure.cut[column.name]
    parent = context.others[reference.parent]
    key = decide(parent, parent.table.column(reference.parent_columns[0])).fields
    if key["kind"] != "sequence" or key.get("step", 1) != 1:
        note = f"has no value of `{reference.parent}`, whose keys do not follow from row numbers"
        rest = (decider(context, column) for decider in DECIDERS if decider is not _related)
        return replace(next(found for found in rest if found), note=note)
    start, note = (
        key.get("start", 1),
        f"the key of some row of `{reference.parent}`, without a check",
    )
    numbers = {"kind": "integers", "low": start, "high": start + max(parent.count, 1) - 1}
    if not (key.get("prefix") or key.get("digits")):
        return Decision(numbers, Because.DECLARED, note)
    number = distinct.numbered(column, context)
    name = f'"{number}"' if needs_quotes(number) else number
    sql = f"'{key.get('prefix', '')}' || lpad(CAST({name} AS text), {key.get('digits', 0)}, '0')"
    hidden = {number: {**numbers, "hidden": True}}
    return Decision({"kind": "expression", "sql": sql}, Because.DECLARED, note, hidden)


def _reference(context: Context, column: FoundColumn) -> Decision:
    reference = context.structure.references[column.name]
    parent = context.tables[reference.parent]
    fields: dict[str, Any] = {"kind": "reference", "to": parent.name}
    if reference.parent_columns != parent.primary_key:
        fields["column"] = reference.parent_columns[0]
    profile = context.profile.references.get((column.name,)) if context.profile else None
    single = column.unique and parent != context.table and not context.partitions.daily
    if single and column.name != context.structure.children_of:
        fields["unique"] = True
    elif (
        profile is not None
        and (profile.top_tenth or 0) >= ZIPF_FROM
        and column.name != context.structure.children_of
    ):
        fields |= {"distribution": "zipf", "exponent": ZIPF_EXPONENT}
    because = Because.NAME if reference.guessed else Because.DECLARED
    note = f"refers to `{parent.name}`"
    if profile is not None and column.name != context.structure.children_of:
        expected = 1 - math.exp(-context.count / max(context.rows[parent.name], 1))
        if profile.used is not None and profile.used < expected - MOST_UNUSED:
            note += ", of which more have rows here"
    return Decision(fields, because, note)


def _key(context: Context, column: FoundColumn) -> Decision | None:
    """Distinct values of the first part of a key that needs them, and of unique columns."""
    if not _is_distinct(context, column) or column.name == context.partitions.day:
        return None
    guessed = column.name in context.table.primary_key and context.table.key_guessed
    return distinct.decide(context, column, Because.NAME if guessed else Because.DECLARED)


def _is_distinct(context: Context, column: FoundColumn) -> bool:
    """Whether no value may occur twice: in a unique column, and where a key is unique by it."""
    structure = context.structure
    if column.unique:
        return True
    if structure.children_of is not None or key_parts.parts_of(context) is not None:
        return False
    taken = {*structure.references, *structure.copies}
    return column.name == distinct.key_column(context.table, tuple(taken))


def _formula(context: Context, column: FoundColumn) -> Decision | None:
    table = context.table
    if not column.formula or context.has_failed("column", column.name):
        return None
    if column.name in table.primary_key:
        return None  # which may repeat its values
    if column.name in _read_by(table, column.name) or not gives(table, column):
        return None
    return Decision({"kind": "expression", "sql": column.formula}, Because.DECLARED)


def _read_by(table: FoundTable, name: str) -> set[str]:
    """The columns that the formula of a column reads, and those that their formulas read."""
    formulas = {column.name: column.formula for column in table.columns if column.formula}
    found: set[str] = set()
    waiting = [name]
    while waiting:
        try:
            read = set(parsed(formulas.get(waiting.pop(), "NULL")).columns) - found
        except ValueError:
            continue
        found |= read
        waiting += read
    return found


def _listed(context: Context, column: FoundColumn) -> Decision | None:
    """The values that are declared, with the shares that rows have."""
    values = listed_values(column)
    if not values:
        return None
    measured = context.of(column).shares or {}
    shares = {scalar(column, value): share for value, share in measured.items()}
    known = {value: shares[value] for value in values if value in shares}
    if not known:
        return Decision({"kind": "choice", "values": values}, Because.DECLARED)
    total = sum(known.values())  # rows may have values that are not declared
    known = {value: round(share / total, 4) for value, share in known.items()}
    rare = len(values) - len(known)
    note = f"{rare} of {len(values)} declared values left out: too few rows have them"
    return Decision({"kind": "choice", "values": known}, Because.ROWS, note if rare else "")


def _shares(context: Context, column: FoundColumn) -> Decision | None:
    profile = context.of(column)
    if not profile.shares or is_personal(column.name):
        return None
    if column.type.kind is Kind.BOOLEAN:
        probability = profile.shares.get("true", 0.0)
        return Decision({"kind": "boolean", "probability": probability}, Because.ROWS)
    shares = {scalar(column, value): share for value, share in profile.shares.items()}
    if column.type.kind in NUMBERS and any(isinstance(value, str) for value in shares):
        return None  # of numbers that the language does not have
    return Decision({"kind": "choice", "values": shares}, Because.ROWS)


def _text(context: Context, column: FoundColumn) -> Decision | None:
    if column.type.kind is not Kind.TEXT:
        return None
    pattern = None if is_personal(column.name) else texts.from_shape(context.of(column))
    if pattern and not texts.declared(column):
        return Decision({"kind": "pattern", "pattern": pattern}, Because.ROWS)
    rule = rule_for(context.table.name, column.name, column.type.kind)
    found = texts.fitting(column, rule)
    if column.pattern and found.because is not Because.DECLARED:
        return replace(found, note="its values do not match the regular expression of the source")
    return found


DECIDERS: tuple[Callable[[Context, FoundColumn], Decision | None], ...] = (
    _related, _formula, key_parts.decide, _key, _listed, moments.decide, _shares, numeric.decide,
    _text, foreign_types.decide,
)  # fmt: skip
