"""Texts: of a shape that rows have, of a name's vocabulary, and none longer than the column."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from typing import Any

from synth_assets.importing.decision import Because, Decision
from synth_assets.importing.found import FoundColumn
from synth_assets.importing.name_rules import Rule
from synth_assets.importing.profile import ColumnProfile
from synth_assets.randomness.vocabulary import vocabulary

# Characters with a meaning in a pattern of the YAML language.
SPECIAL = r"([\\\[\]{}#])"
# A shape of letters in the sets of a pattern.
SETS = {"A": "[A-Z]", "a": "[a-z]", "#": "#"}
# A place of a regular expression, and how often it is repeated; groups are not read.
PIECE = re.compile(
    r"(?P<place>\\[dw]|\\[^A-Za-z0-9]"
    r"|\[(?:[A-Za-z0-9_ .,:/+]|(?<=[A-Za-z0-9])-(?=[A-Za-z0-9])|\\[dw])+\]"
    r"|[^\\\[\](){}|^$*+?])(?P<repeat>\{[0-9]{1,2}(?:,[0-9]*)?\}|[+*?])?"
)
CLASSES = {r"\d": "#", r"\w": "[A-Za-z0-9_]", ".": "[a-z]"}
# Shorter columns get letters; longer ones are wide enough for any word that Faker has.
LONGEST_CHECKED = 200
UNIQUE_DIGITS = 9


def from_shape(profile: ColumnProfile) -> str | None:
    """The pattern of texts that nearly all rows have, as the YAML language writes it.

    Args:
        profile: The profile of the column.
    """
    if profile.digits and "#" in profile.digits:
        return "".join(c if c == "#" else escaped(c) for c in profile.digits)
    if profile.letters and len(profile.letters) > 1:
        return "".join(SETS.get(c) or escaped(c) for c in profile.letters)
    return None


def from_expression(expression: str) -> str | None:
    """The pattern whose texts match a regular expression; None if the language has none.

    Args:
        expression: The regular expression; of a repeat, the least is taken, but once at least.
    """
    inner = re.sub(r"^(\^|\\A)|(?<!\\)(\$|\\[Zz])$", "", expression)
    pieces = list(PIECE.finditer(inner))
    if not pieces or "".join(piece[0] for piece in pieces) != inner:
        return None
    pattern = "".join(_place(piece["place"]) + _repeat(piece["repeat"]) for piece in pieces)
    text = "".join(_first(place) for place in _places(pattern))
    try:
        return pattern if len(pattern) <= LONGEST_CHECKED and re.search(expression, text) else None
    except re.error:
        return None  # an expression of another language


def _place(piece: str) -> str:
    """A piece of a regular expression in a pattern of the language."""
    if piece in CLASSES:
        return CLASSES[piece]
    if piece.startswith("["):
        return piece.replace(r"\d", "0-9").replace(r"\w", "A-Za-z0-9_")
    return escaped(piece[-1])


def _repeat(mark: str | None) -> str:
    if mark is None or not mark.startswith("{"):
        return ""
    return f"{{{max(int(mark[1:-1].split(',')[0] or 0), 1)}}}"


def _first(place: str) -> str:
    """The first text of a place of a pattern."""
    return "0" if place == "#" else place[1] if len(place) > 1 else place


def escaped(text: str) -> str:
    """A text as a pattern that has no other.

    Args:
        text: The text.
    """
    return re.sub(SPECIAL, r"\\\1", text)


def fitting(column: FoundColumn, rule: Rule | None) -> Decision:
    """A generator whose texts are no longer than the column.

    Args:
        column: The column.
        rule: What its name suggests.
    """
    limit = column.type.length
    for fields, because in _candidates(column, rule):
        if limit is None or limit >= LONGEST_CHECKED or longest(fields) <= limit:
            return Decision(fields, because)
    count = min(limit or 8, 8)
    letters = {"kind": "pattern", "pattern": "[A-Z]" if count == 1 else f"[A-Z]{{{count}}}"}
    return Decision(letters, Because.TYPE)


def declared(column: FoundColumn) -> str | None:
    """The pattern of a column's regular expression; None if it has none that the language has.

    Args:
        column: The column.
    """
    return from_expression(column.pattern) if column.pattern else None


def _candidates(
    column: FoundColumn, rule: Rule | None
) -> Iterator[tuple[Mapping[str, Any], Because]]:
    if pattern := declared(column):
        yield {"kind": "pattern", "pattern": pattern}, Because.DECLARED
    if rule is not None and rule.fields:
        yield rule.fields, Because.NAME
    yield {"kind": "vocabulary", "provider": "word"}, Because.TYPE


def longest(fields: Mapping[str, Any]) -> int:
    """The length of the longest text of a generator.

    Args:
        fields: Fields of a choice, a pattern or a vocabulary.
    """
    if fields["kind"] == "choice":
        return max(len(str(value)) for value in fields["values"])
    if fields["kind"] == "pattern":
        return len(_places(fields["pattern"]))
    return max(map(len, vocabulary(fields["provider"]).categories))


def capacity(pattern: str) -> int:
    """The number of different texts of a pattern.

    Args:
        pattern: The pattern, of digits, sets of letters and digits, and repeats.
    """
    total = 1
    for place in _places(pattern):
        if place == "#":
            total *= 10
        elif len(place) > 2:
            total *= _set_size(place[1:-1])
    return total


def _set_size(content: str) -> int:
    ranges = re.findall(r".-.|.", content)
    return sum(ord(r[-1]) - ord(r[0]) + 1 for r in ranges)


def _places(pattern: str) -> list[str]:
    """The places of a pattern, with repeats written out."""
    places: list[str] = []
    for place, repeat in re.findall(r"(\\.|\[[^\]]*\]|[^{])|\{(\d+)\}", pattern):
        places += [places[-1]] * (int(repeat) - 1) if repeat else [place]
    return places


def key_text(column: FoundColumn, table: str, profile: ColumnProfile, rows: int) -> dict[str, Any]:
    """A generator of distinct texts, numbered as a person would number them.

    Args:
        column: The column.
        table: Its table.
        profile: Its profile.
        rows: Rows of the table.
    """
    shape = re.fullmatch(r"([^#]*)(#+)", profile.digits or "")
    digits = max(len(str(rows)), 1)
    if shape and len(shape[2]) >= digits:
        return {"kind": "sequence", "prefix": shape[1], "digits": len(shape[2])}
    limit = column.type.length
    prefix = "".join(c for c in table.upper() if c in string.ascii_uppercase)[:3] + "-"
    if limit is not None and limit < len(prefix) + digits:
        prefix = ""
    room = UNIQUE_DIGITS if limit is None else limit - len(prefix)
    width = max(digits, min(6, room))
    return {"kind": "sequence", "prefix": prefix, "digits": width}


def distinct_pattern(column: FoundColumn, rule: Rule | None, rows: int) -> str:
    """A pattern with more texts than rows.

    Args:
        column: The column.
        rule: What its name suggests.
        rows: Rows of the table.
    """
    pattern = str(rule.fields.get("pattern", "")) if rule else ""
    limit = column.type.length or LONGEST_CHECKED
    if pattern and len(_places(pattern)) <= limit and capacity(pattern) >= 2 * rows:
        return pattern
    width = min(max(len(str(rows)) + 1, 8), limit)
    return f"[A-Z0-9]{{{width}}}" if width > 1 else "[A-Z0-9]"
