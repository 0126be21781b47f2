"""What dbt tests state, in a sentence: the descriptions of their asset checks.

A test's own description goes first, a singular test has its leading comment. The sentences of
generic tests are here, for those of dbt and those of ``dbt_project/tests/generic``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Arguments = Mapping[str, Any]


def description_of_test(node: Mapping[str, Any]) -> str:
    """A test of the manifest as a sentence in Markdown.

    Args:
        node: The test's node.
    """
    own = node.get("description") or (node.get("meta") or {}).get("description")
    text = str(own) if own else _generic(node) or _comment(node) or f"Test `{node['name']}` of dbt."
    where = (node.get("config") or {}).get("where")
    return f"{text} Only rows with `{where}` count." if where else text


def _generic(node: Mapping[str, Any]) -> str | None:
    test = node.get("test_metadata") or {}
    sentence = SENTENCES.get(str(test.get("name")))
    return sentence(test["kwargs"]) if sentence else None


def _comment(node: Mapping[str, Any]) -> str | None:
    """The first lines of comment of a singular test."""
    found = re.search(r"(?:^--.*\n?)+", str(node.get("raw_code", "")), re.MULTILINE)
    return " ".join(re.sub(r"^--\s*", "", found[0], flags=re.MULTILINE).split()) if found else None


def _relation(text: str) -> str:
    """The name in ``ref('name')`` or ``source('source', 'name')``."""
    names = re.findall(r"'([^']+)'", text)
    return f"`{'.'.join(names) or text}`"


def _names(values: Any) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _range(arguments: Arguments) -> str:
    ends = (("at least", arguments.get("min")), ("at most", arguments.get("max")))
    said = " and ".join(f"{words} {end}" for words, end in ends if end is not None)
    return f"`{arguments['column_name']}` is {said}, or null."


def _same_total(arguments: Arguments) -> str:
    here, there = f"`{arguments['column_name']}`", f"`{arguments['field']}`"
    among = f" where `{arguments['among']}`" if arguments.get("among") else ""
    return (
        f"For each `{arguments['per']}`, {here} adds up to {there} of "
        f"{_relation(arguments['to'])}{among}."
    )


SENTENCES: dict[str, Callable[[Arguments], str]] = {
    "not_null": lambda a: f"`{a['column_name']}` is never null.",
    "unique": lambda a: f"No two rows share `{a['column_name']}`.",
    "accepted_values": lambda a: f"`{a['column_name']}` is one of {_names(a['values'])}, or null.",
    "relationships": lambda a: (
        f"Every `{a['column_name']}` is found in `{a['field']}` of {_relation(a['to'])}."
    ),
    "accepted_range": _range,
    "as_many_rows": lambda a: f"There are as many rows as in {_relation(a['to'])}.",
    "expression_is_true": lambda a: (
        f"`{' '.join(str(a['expression']).split())}` is true, or null, for every row."
    ),
    "keeps_rows": lambda a: (
        f"Each day of the run has as many rows as {_names(a['tables'])} together."
    ),
    "same_total": _same_total,
    "unique_combination": lambda a: f"No two rows share {_names(a['columns'])}.",
    "weights_sum_to_one": lambda a: f"{_names(a['columns'])} each sum to one for a `{a['per']}`.",
}
