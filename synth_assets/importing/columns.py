"""The generator of a column: the first of ``DECIDERS`` that has an answer.

What a source declares comes first, then what rows show, then what a name suggests, then the type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from synth_assets.declarative.sql import parsed
from synth_assets.importing import amounts, distinct, moments, texts
from synth_assets.importing.comparisons import gives
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.found import NUMBERS, FoundColumn, FoundTable, Kind
from synth_assets.importing.identifiers import needs_quotes
from synth_assets.importing.listed import MOST, listed_values, scalar
from synth_assets.importing.name_rules import Rule
from synth_assets.importing.names import is_personal, rule_for

# The exponent of Zipf's law with which a tenth of the parents has half of the rows, about.
ZIPF_FROM, ZIPF_EXPONENT = 0.3, 0.8
# A note says that more parents have rows than rows show, from such a difference of shares on.
MOST_UNUSED = 0.1
# What stands for types that the YAML language does not have, by how the type begins.
OTHERS: dict[str, dict[str, Any]] = {
    "inet": {"kind": "vocabulary", "provider": "ipv4"},
    "cidr": {"kind": "constant", "value": "10.0.0.0/8"},
    "macaddr": {"kind": "vocabulary", "provider": "mac_address"},
    "interval": {"kind": "constant", "value": "01:00:00"},
    "xml": {"kind": "constant", "value": "<row/>"},
    "oid": {"kind": "pattern", "pattern": "#####"},
    "map": {"kind": "constant", "value": "{}"},
    "struct": {"kind": "constant", "value": "{}"},
    "object": {"kind": "constant", "value": "{}"},
    "union": {"kind": "constant", "value": "{}"},
    "array": {"kind": "constant", "value": "[]"},
}
# An array, and how many elements it has if all have as many.
ARRAY = re.compile(r".*\[(\d*)\]")
MOST_ELEMENTS = 100
# A string of bits, which is as long as its type says, or no longer.
BITS = re.compile(r"(?:var)?bit(?: varying)?(?:\((\d+)\))?")
MOST_BITS = 200
KINDS: dict[Kind, dict[str, Any]] = {
    Kind.JSON: {"kind": "constant", "value": "{}"},
    Kind.BINARY: {"kind": "pattern", "pattern": "[0-9a-f]{32}"},
    Kind.TIME: {"kind": "pattern", "pattern": "[01]#:[0-5]#:[0-5]#"},
    Kind.BOOLEAN: {"kind": "boolean"},
    Kind.UUID: {"kind": "uuid"},
}


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
    if structure.children_of is not None:
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


def _number(context: Context, column: FoundColumn) -> Decision | None:
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


def _text(context: Context, column: FoundColumn) -> Decision | None:
    if column.type.kind is not Kind.TEXT:
        return None
    pattern = None if is_personal(column.name) else texts.from_shape(context.of(column))
    if pattern and not texts.declared(column):
        return Decision({"kind": "pattern", "pattern": pattern}, Because.ROWS)
    found = texts.fitting(column, _rule(context, column))
    if column.pattern and found.because is not Because.DECLARED:
        return replace(found, note="its values do not match the regular expression of the source")
    return found


def _other(context: Context, column: FoundColumn) -> Decision:
    """Types that the YAML language does not have: texts that look like them."""
    kind, spelled = column.type.kind, column.type.spelled
    rule = _rule(context, column)
    if kind is Kind.BOOLEAN:
        if rule is not None and rule.fields:
            return Decision(rule.fields, Because.NAME)
        return Decision(KINDS[kind], Because.TYPE)
    if kind in KINDS:
        note = "" if kind is Kind.UUID else f"the type `{spelled}` is text here"
        return Decision(KINDS[kind], Because.TYPE, note)
    known: Mapping[str, Any] | None = next(
        (OTHERS[start] for start in OTHERS if spelled.startswith(start)), None
    )
    if bits := BITS.fullmatch(spelled):
        known = {"kind": "pattern", "pattern": f"[01]{{{min(int(bits[1] or 1), MOST_BITS)}}}"}
    if array := ARRAY.fullmatch(spelled):
        elements = ", ".join(["NULL"] * min(int(array[1] or 0), MOST_ELEMENTS))
        known = {"kind": "constant", "value": f"[{elements}]"}
    known = OTHERS["array"] if "list" in spelled else known
    fields = known or texts.fitting(column, rule).fields
    return Decision(fields, Because.TYPE, f"the type `{spelled}` is text here")


def _rule(context: Context, column: FoundColumn) -> Rule | None:
    return rule_for(context.table.name, column.name, column.type.kind)


DECIDERS: tuple[Callable[[Context, FoundColumn], Decision | None], ...] = (
    _related, _formula, _key, _listed, moments.decide, _shares, _number, _text, _other,
)  # fmt: skip
