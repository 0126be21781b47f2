"""YAML and JSON documents of a source, which may be of any form: read without growing.

Anchors are allowed, as projects of dbt have them, but not so that a short file is a huge document.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from synth_assets.core.errors import UserError

try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader

MOST_LEVELS = 100
# Values of a document, each counted as often as it is referred to.
MOST_VALUES = 2_000_000


def read_yaml(path: Path) -> Any:
    """The values of a file of YAML; None if it is empty.

    Args:
        path: The file.

    Raises:
        UserError: It is not YAML in UTF-8, is nested too deeply, or repeats too many values.
    """
    text = _text(path)
    try:
        level = 0
        for event in yaml.parse(text, Loader=Loader):
            level += isinstance(event, yaml.CollectionStartEvent)
            level -= isinstance(event, yaml.CollectionEndEvent)
            if level > MOST_LEVELS:
                line = event.start_mark.line + 1
                raise UserError(f"{path} line {line}: more than {MOST_LEVELS} levels")
        node = yaml.compose(text, Loader=Loader)
        if node is not None and _values(node, {}) > MOST_VALUES:
            raise UserError(f"{path}: its aliases repeat more than {MOST_VALUES:,} values")
        return yaml.load(text, Loader=Loader)
    except (yaml.YAMLError, ValueError) as error:  # a date such as 2024-02-31 is a ValueError
        mark = getattr(error, "problem_mark", None)
        at = f" line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{at} is not YAML") from None


def read_json(path: Path) -> Any:
    """The values of a file of JSON.

    Args:
        path: The file.

    Raises:
        UserError: It is not JSON in UTF-8, or is nested too deeply.
    """
    try:
        return json.loads(_text(path))
    except ValueError:
        raise UserError(f"{path} is not JSON") from None
    except RecursionError:
        raise UserError(f"{path} is nested too deeply") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a text in UTF-8") from None


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """The values below a node with all that aliases repeat; one in itself has too many."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = MOST_VALUES + 1
    children = (
        [n for pair in node.value for n in pair]
        if isinstance(node, yaml.MappingNode)
        else (node.value if isinstance(node, yaml.SequenceNode) else [])
    )
    known[id(node)] = 1 + sum(_values(child, known) for child in children)
    return known[id(node)]
