"""The generator of a column: the first of ``DECIDERS`` that has an answer.

What a source declares comes first, then what rows show, then what a name suggests, then the type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from synth_assets.declarative.sql import parsed
from synth_assets.importing import amounts, moments, texts
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.found import NUMBERS, FoundColumn, Kind
from synth_assets.importing.identifiers import needs_quotes
from synth_assets.importing.name_rules import Rule
from synth_assets.importing.names import is_personal, rule_for

# The exponent of Zipf's law with which a tenth of the parents has half of the rows, about.
ZIPF_FROM, ZIPF_EXPONENT = 0.3, 0.8
# What stands for types that the YAML language does not have, by how the type begins.
OTHERS: dict[str, dict[str, Any]] = {
    "inet": {"kind": "vocabulary", "provider": "ipv4"},
    "cidr": {"kind": "constant", "value": "10.0.0.0/8"},
    "macaddr": {"kind": "vocabulary", "provider": "mac_address"},
    "interval": {"kind": "constant", "value": "01:00:00"},
    "xml": {"kind": "constant", "value": "<row/>"},
    "bit": {"kind": "pattern", "pattern": "[01]"},
    "oid": {"kind": "pattern", "pattern": "#####"},
    "map": {"kind": "constant", "value": "{}"},
    "struct": {"kind": "constant", "value": "{}"},
    "object": {"kind": "constant", "value": "{}"},
    "array": {"kind": "constant", "value": "[]"},
}
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
    if column.name == structure.position:
        return Decision({"kind": "position"}, Because.DECLARED)
    if column.name in structure.copies:
        through, name = structure.copies[column.name]
        return Decision({"kind": "copy", "through": through, "column": name}, Because.DECLARED)
    if column.name in structure.references:
        return _reference(context, column)
    if column.name in structure.cut:
        parent = context.tables[structure.cut[column.name].parent]
        if column.type.kind is Kind.INTEGER:
            rows = context.rows[parent.name]
            return Decision(
                {"kind": "integers", "low": 1, "high": max(rows, 1)},
                Because.DECLARED,
                f"a number of a row of `{parent.name}`, without a check that it is there",
            )
    return None


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
    return Decision(fields, because, f"refers to `{parent.name}`")


def _key(context: Context, column: FoundColumn) -> Decision | None:
    """Distinct values of the first part of a key that needs them, and of unique columns."""
    if not (_is_distinct_key(context, column) or column.unique):
        return None
    is_key = column.name in context.table.primary_key
    because = Because.NAME if is_key and context.table.key_guessed else Because.DECLARED
    kind, rows = column.type.kind, context.count
    rule = rule_for(context.table.name, column.name, kind)
    if kind is Kind.UUID:
        return Decision({"kind": "uuid"}, because)
    if kind is Kind.INTEGER:
        low = int(max(column.low or 0, 0)) + 1
        return Decision({"kind": "sequence", **({"start": low} if low > 1 else {})}, because)
    if kind in (Kind.TEXT, Kind.OTHER):
        if rule is not None and rule.pii == "email":
            return _email(context, column, because)
        if is_key:
            fields = texts.key_text(column, context.table.name, context.of(column), rows)
            return Decision(fields, because)
        pattern = texts.from_shape(context.of(column)) or ""
        if not pattern or texts.capacity(pattern) < rows:
            pattern = texts.distinct_pattern(column, rule, rows)
        return Decision({"kind": "pattern", "pattern": pattern, "unique": True}, because)
    return None


def _is_distinct_key(context: Context, column: FoundColumn) -> bool:
    """Whether the primary key is unique only if this column is."""
    key, structure = context.table.primary_key, context.structure
    if column.name not in key or structure.children_of is not None:
        return False
    candidates = [c for c in key if c not in structure.references and c not in structure.copies]
    kinds = (Kind.INTEGER, Kind.UUID, Kind.TEXT, Kind.OTHER)
    able = [c for c in candidates if context.table.column(c).type.kind in kinds]
    own = [c for c in able if c.lower() == "id" or c.lower().endswith("_id")]
    return bool(able) and column.name == (own or able)[0]


def _email(context: Context, column: FoundColumn, because: Because) -> Decision:
    """An address that has the key, so that no two rows share it."""
    key = context.table.primary_key
    if len(key) != 1 or key[0] == column.name:
        fields = {"kind": "pattern", "pattern": "[a-z]{10}@example.com", "unique": True}
        return Decision(fields, because)
    name = f'"{key[0]}"' if needs_quotes(key[0]) else key[0]
    sql = f"'person' || {name} || '@example.com'"
    return Decision({"kind": "expression", "sql": sql, "unique": True}, because)


def _formula(context: Context, column: FoundColumn) -> Decision | None:
    if not column.formula:
        return None
    try:
        read = parsed(column.formula).columns
    except ValueError:
        return None
    if not set(read) <= {c.name for c in context.table.columns} - {column.name}:
        return None
    return Decision({"kind": "expression", "sql": column.formula}, Because.DECLARED)


def _listed(context: Context, column: FoundColumn) -> Decision | None:
    """The values that are declared, with the shares that rows have."""
    if not column.values:
        return None
    known = context.of(column).shares or {}
    values = [_scalar(column, value) for value in dict.fromkeys(column.values)]
    if known and set(known) == set(column.values):
        shares = {_scalar(column, value): known[value] for value in column.values}
        return Decision({"kind": "choice", "values": shares}, Because.ROWS)
    return Decision({"kind": "choice", "values": values}, Because.DECLARED)


def _shares(context: Context, column: FoundColumn) -> Decision | None:
    profile = context.of(column)
    if not profile.shares or is_personal(column.name):
        return None
    if column.type.kind is Kind.BOOLEAN:
        probability = profile.shares.get("true", 0.0)
        return Decision({"kind": "boolean", "probability": probability}, Because.ROWS)
    shares = {_scalar(column, value): share for value, share in profile.shares.items()}
    return Decision({"kind": "choice", "values": shares}, Because.ROWS)


def _scalar(column: FoundColumn, text: str) -> int | float | bool | str:
    """A value of the column's type; the text itself where it is none."""
    try:
        if column.type.kind is Kind.INTEGER:
            return int(float(text))
        if column.type.kind in NUMBERS:
            return float(text)
    except ValueError:
        return text
    return text.lower() in ("true", "t", "1") if column.type.kind is Kind.BOOLEAN else text


def _number(context: Context, column: FoundColumn) -> Decision | None:
    if column.type.kind not in NUMBERS:
        return None
    from_rows = amounts.from_rows(column, context.of(column))
    if from_rows is not None:
        return Decision(from_rows, Because.ROWS)
    rule = rule_for(context.table.name, column.name, column.type.kind)
    if rule is not None and rule.fields:
        return Decision(amounts.from_name(column, rule.fields), Because.NAME)
    declared = column.low is not None or column.high is not None
    return Decision(amounts.from_bounds(column), Because.DECLARED if declared else Because.TYPE)


def _text(context: Context, column: FoundColumn) -> Decision | None:
    if column.type.kind is not Kind.TEXT:
        return None
    pattern = None if is_personal(column.name) else texts.from_shape(context.of(column))
    if pattern:
        return Decision({"kind": "pattern", "pattern": pattern}, Because.ROWS)
    return texts.fitting(column, _rule(context, column))


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
    known = OTHERS["array"] if spelled.endswith("[]") or "list" in spelled else known
    fields = known or texts.fitting(column, rule).fields
    return Decision(fields, Because.TYPE, f"the type `{spelled}` is text here")


def _rule(context: Context, column: FoundColumn) -> Rule | None:
    return rule_for(context.table.name, column.name, column.type.kind)


DECIDERS: tuple[Callable[[Context, FoundColumn], Decision | None], ...] = (
    _related, _key, _formula, _listed, moments.decide, _shares, _number, _text, _other,
)  # fmt: skip
