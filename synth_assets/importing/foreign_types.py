"""Columns of types that the YAML language does not have: texts that look like their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from synth_assets.importing import texts
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.found import FoundColumn, Kind
from synth_assets.importing.names import rule_for

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
    """The generator of a column of such a type, or of truth values.

    Args:
        context: Its table.
        column: The column.
    """
    kind, spelled = column.type.kind, column.type.spelled
    rule = rule_for(context.table.name, column.name, column.type.kind)
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
