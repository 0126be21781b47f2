"""``alter table`` as single actions, since a parser of the whole statement reads all or none.

What is added is written as ``create table`` lists it, and is read as such. Other actions are
written as sqlglot reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from synth_assets.importing.parsing import NAME, PART, SAME_TYPE
from synth_assets.importing.statements import Statement, parts

FLAGS = re.IGNORECASE | re.DOTALL
HEAD = re.compile(rf"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?{NAME}\s+", FLAGS)
ADD = re.compile(
    r"(?:with\s+(?:no)?check\s+)?add\s+(?:columns?\b\s*)?(?:if\s+not\s+exists\s+)?(?P<what>.+)",
    FLAGS,
)
DROP = re.compile(
    r"drop\s+(?P<kind>(?:column|constraint|index|key|foreign\s+key|check)\b)?\s*"
    rf"(?P<known>if\s+exists\s+)?(?P<what>(?!primary\s+key|default\b|partition\b)(?:{PART}|\(.*))",
    FLAGS,
)
MODIFY = re.compile(r"modify\s+(?:column\s+)?(?P<what>.+)", FLAGS)
# An identity is given to a column as if it were declared anew, with a type that says so.
IDENTITY = re.compile(
    rf"alter\s+(?:column\s+)?(?P<column>{PART})\s+add\s+(?P<what>generated\s.+\bidentity\b.*)",
    FLAGS,
)
# Oracle changes no more of a column than it names.
NULLABLE = re.compile(rf"(?P<column>{PART})\s+(?P<not>not\s+)?null", FLAGS)
# What is added that says nothing of values.
NO_VALUES = re.compile(
    rf"(?:constraint\s+{PART}\s+)?default\b|(?:if\s+not\s+exists\s+)?partition\b|supplemental\b",
    re.IGNORECASE,
)
# Actions that change what values there are.
OF_VALUES = re.compile(
    r"drop\s+(?!(?:default|partition)\b)|rename\b|modify\b|change\b|set\s+schema\b"
    r"|(?=.*\b(?:type|set\s+not\s+null)\b)",
    FLAGS,
)
# Dialects in which a verb is of all elements that follow it, and what follows one that is listed.
WITH_ONE_VERB = ("tsql", "fabric", "snowflake")
VERB = re.compile(
    r"(?:add|drop|alter|rename|set|enable|disable|with\s+(?:no)?check|(?:no)?check\s+constraint)\b",
    FLAGS,
)
REPEATED = re.compile(
    r"(?:with\s+(?:no)?check\s+)?add\b|drop\s+(?:column|constraint)\b(?:\s+if\s+exists\b)?", FLAGS
)
ATTACHED = re.compile(
    rf"{HEAD.pattern}(?P<verb>attach|detach)\s+partition\s+(?P<partition>{PART}(?:\s*\.\s*{PART})*)",
    FLAGS,
)
# MySQL's statement for what others write as an action.
RENAME = re.compile(r"rename\s+tables?\s+(?P<pairs>.+)", FLAGS)
PAIR = re.compile(rf"{NAME}\s+to\s+(?P<after>.+)", FLAGS)


@dataclass(frozen=True)
class Action:
    """One action of an ``alter table``.

    Attributes:
        statement: The statement with the action alone; for what is added, a ``create table``.
        adds: Whether it adds columns or constraints, or declares a column anew.
        matters: Whether it says something of values, so that a reader should know if it is not
            read.
    """

    statement: Statement
    adds: bool = False
    matters: bool = False


def altered_table(text: str) -> str | None:
    """The table that a statement alters, as it is written; None for another statement.

    Args:
        text: The statement.
    """
    found = HEAD.match(text)
    return found and re.sub(r'["`\[\]]', "", found["name"])


def actions_of(statement: Statement, dialect: str) -> Iterator[Action]:
    """The actions of an ``alter table``.

    Args:
        statement: The statement.
        dialect: Its dialect of SQL.
    """
    head = HEAD.match(statement.text)
    if head is None:
        return
    rest = Statement(statement.text[head.end() :], statement.line + head[0].count("\n"))
    verb = ""
    for element in _listed(rest, dialect, wrapped=True):
        text = element.text
        if dialect in WITH_ONE_VERB and verb and not VERB.match(text):
            is_named = re.match(r"(?:column|constraint)\b", text, FLAGS) and verb[0] in "dD"
            text = f"{verb.split()[0] if is_named else verb} {text}"
        elif found := REPEATED.match(text):
            verb = found[0]
        yield from _read(head["name"], replace(element, text=text), dialect)


@dataclass(frozen=True)
class AttachedPartition:
    """A table that becomes a partition of another one, or that is none any more.

    Attributes:
        table: The table, as it is written.
        parent: The other one, as it is written.
        is_attached: Whether it is a partition from now on.
    """

    table: str
    parent: str
    is_attached: bool


def attached_partition(text: str) -> AttachedPartition | None:
    """The partition that a statement attaches or detaches; None for another statement.

    Args:
        text: The statement.
    """
    found = ATTACHED.match(text)
    if found is None:
        return None
    is_attached = found["verb"].lower() == "attach"
    return AttachedPartition(found["partition"], found["name"], is_attached)


def renames_of(statement: Statement, dialect: str) -> list[Statement]:
    """The ``alter table`` for each name that a ``rename table`` gives.

    Args:
        statement: The statement.
        dialect: Its dialect of SQL.
    """
    found = RENAME.fullmatch(statement.text)
    pairs = _listed(replace(statement, text=found["pairs"]), dialect, wrapped=True) if found else []
    return [
        replace(pair, text=f"alter table {each['name']} rename to {each['after']}")
        for pair in pairs
        if (each := PAIR.fullmatch(pair.text))
    ]


def _read(table: str, action: Statement, dialect: str) -> Iterator[Action]:
    """An action as those that are read."""

    def of(statement: Statement, text: str, matters: bool = True) -> Action:
        return Action(replace(statement, text=f"alter table {table} {text}"), matters=matters)

    if found := ADD.fullmatch(action.text):
        if NO_VALUES.match(found["what"]):
            yield of(action, action.text, matters=False)
        for each in _listed(replace(action, text=found["what"]), dialect):
            text = f"create table {table} ({each.text})"
            if not NO_VALUES.match(each.text):
                yield Action(replace(each, text=text), adds=True)
    elif found := IDENTITY.fullmatch(action.text):
        text = f"create table {table} ({found['column']} {SAME_TYPE} {found['what']})"
        yield Action(replace(action, text=text), adds=True)
    elif found := DROP.match(action.text):
        kind = (found["kind"] or "column").lower()
        what = "column" if kind == "column" else "constraint"
        # An index that is not unique is known by no name.
        what += " if exists" if found["known"] or kind in ("index", "key") else ""
        for each in _listed(replace(action, text=found["what"]), dialect):
            yield of(each, f"drop {what} {each.text}")
    elif found := MODIFY.fullmatch(action.text):
        for each in _listed(replace(action, text=found["what"]), dialect):
            if only := NULLABLE.fullmatch(each.text):
                verb = "set" if only["not"] else "drop"
                yield of(each, f"alter column {only['column']} {verb} not null")
            else:
                yield Action(replace(each, text=f"create table {table} ({each.text})"), adds=True)
    else:
        yield of(action, action.text, matters=bool(OF_VALUES.match(action.text)))


def _listed(text: Statement, dialect: str, *, wrapped: bool = False) -> list[Statement]:
    """The elements of a list in parentheses; a text without them is an element."""
    if wrapped:
        text = replace(text, text=f"({text.text})")
    elif not text.text.startswith("("):
        return [text]
    found = parts(text, dialect)
    return list(found.elements) if found else []
