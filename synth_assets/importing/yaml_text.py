"""The text of a declaration: YAML with a line for each column."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import yaml
from pydantic import BaseModel

from synth_assets.declarative.model import DomainSpec

WIDTH = 100
# Texts that some version of YAML takes for a number.
NUMBER_LIKE = re.compile(r"[-+.]?\d[\w.+:-]*")


class _Line(dict[str, Any]):
    """A mapping on one line."""


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes no anchors, which the language does not have."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # Lists are indented below their key.
        super().increase_indent(flow, False)


_Dumper.add_representer(
    _Line, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, True)
)


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="'" if NUMBER_LIKE.fullmatch(text) else None
    ),
)
_Dumper.add_representer(
    datetime,
    # All begin a day, and a date is plain text on a line.
    lambda dumper, when: dumper.represent_date(when.date()),
)


def yaml_text(spec: DomainSpec, head: str = "") -> str:
    """The text of a domain.

    Args:
        spec: The domain.
        head: Lines of a comment before it.
    """
    document = _plain(spec)
    for table in document["tables"].values():
        table["columns"] = {name: _line(column) for name, column in table["columns"].items()}
        if "checks" in table:
            table["checks"] = [_line(check) for check in table["checks"]]
        for name in {"rows", "partitioning"} & set(table):
            table[name] = _line(table[name]) if isinstance(table[name], dict) else table[name]
    body: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH
    )
    return "".join(f"# {line}\n" for line in head.splitlines()) + body


def _line(fields: dict[str, Any]) -> _Line:
    """Fields on one line: the kind first, the description last."""
    ends = {"kind": -1, "doc": 1}
    return _Line({name: fields[name] for name in sorted(fields, key=lambda n: ends.get(n, 0))})


def _plain(model: BaseModel) -> dict[str, Any]:
    """The fields that are not at their defaults."""
    fields: dict[str, Any] = _whole(model.model_dump(exclude_defaults=True, exclude_none=True))
    return fields


def _whole(value: Any) -> Any:
    """Whole numbers without a decimal point."""
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
