"""A YAML document as plain values with the line of each: a small, strict part of YAML.

Only what a declaration needs: mappings, lists, texts, numbers, true, false and null, as in YAML 1.2
(`no` and `on` are texts). Anchors, aliases, tags, repeated keys and tabs are refused, and so no
document is larger than its file.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from synth_assets.core.errors import UserError

try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader

Place = tuple[str | int, ...]
MOST_BYTES, MOST_LEVELS = 20_000_000, 40
# A longer text is no number: no type has so many digits.
MOST_DIGITS = 64
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
TAB = re.compile(r"^ *\t", re.MULTILINE)


@dataclass
class Document:
    """What a file contains.

    Attributes:
        name: The file's name, for errors.
        content: The values.
        lines: The line of each value, by the keys that lead to it as texts.
    """

    name: str
    content: Any = None
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """The line of a value, or of the innermost that contains it.

        Args:
            place: The keys that lead to the value.
        """
        keys = tuple(map(str, place))
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def error(self, problems: list[tuple[Place, str]]) -> UserError:
        """An error about values of the file, a line for each in order of the file.

        Args:
            problems: Their places, and what is wrong.
        """
        texts = [
            (self.line(place), f"{'.'.join(map(str, place))}: {text}" if place else text)
            for place, text in problems
        ]
        return UserError("\n".join(f"{self.name}:{line}: {text}" for line, text in sorted(texts)))


def read_document(path: Path) -> Document:
    """The document of a file.

    Args:
        path: The file.

    Raises:
        UserError: The file cannot be read, or is no document of the allowed part of YAML.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(
                f"{path}: a file of more than {MOST_BYTES // 1_000_000} MB is no domain"
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 (byte {error.start})") from None
    document = Document(str(path))
    if tab := TAB.search(text):
        line = text.count("\n", 0, tab.start()) + 1
        raise UserError(f"{path}:{line}: the line is indented by a tab; YAML needs spaces")
    try:
        _refuse_rest(document, text)
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UserError(f"{path}:{line}: no YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: no YAML: {' '.join(str(error).split())}") from None
    if node is None:
        raise UserError(f"{path}: the file is empty")
    document.content = _value(document, node, ())
    return document


def _refuse_rest(document: Document, text: str) -> None:
    """Refuses what a declaration does not need, before it is read."""
    level = 0
    for event in yaml.parse(text, Loader=Loader):
        level += isinstance(event, yaml.CollectionStartEvent)
        level -= isinstance(event, yaml.CollectionEndEvent)
        found = None
        if isinstance(event, yaml.AliasEvent):
            found = f"the alias *{event.anchor}: write the value out"
        elif getattr(event, "anchor", None):
            found = f"the anchor &{event.anchor}: write values out where they are used"
        elif isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None):
            found = f"the tag {event.tag}: values are plain texts, numbers, lists and mappings"
        elif level > MOST_LEVELS:
            found = f"more than {MOST_LEVELS} levels"
        if found:
            line = event.start_mark.line + 1
            raise UserError(f"{document.name}:{line}: a domain cannot have {found}")


def _value(document: Document, node: yaml.Node, place: tuple[str, ...]) -> Any:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(document, item, (*place, str(i))) for i, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(document, node)
    found: dict[Any, Any] = {}
    # Keys are the same if their values are: 1 and 1.0, and in Python also true.
    lines: dict[Any, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise UserError(f"{document.name}:{line}: a key must be a single word or number")
        key = _scalar(document, key_node)
        key = key_node.value if key is None else key
        if key in lines:
            raise UserError(
                f"{document.name}:{line}: {key_node.value} is there twice, in lines {lines[key]} "
                f"and {line}"
            )
        lines[key] = document.lines[*place, str(key)] = line
        found[key] = _value(document, value_node, (*place, str(key)))
    return found


def _scalar(document: Document, node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.style or len(text) > MOST_DIGITS:  # quoted, or a block
        return text
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    # A number with leading zeros is a text, such as a telephone number.
    if NUMBER.fullmatch(text) and not re.match(r"[-+]?0[0-9]", text):
        number = float(text)
        if math.isinf(number):
            line = node.start_mark.line + 1
            raise UserError(f"{document.name}:{line}: the number {text} is too large for a double")
        return number
    return text
