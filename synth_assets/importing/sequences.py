"""Sequences of a schema: the first number and the step of each, and which one a default asks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp

from synth_assets.importing.parsing import NAME, PART, numbers_of

CREATED = re.compile(
    rf"create\s+(?:or\s+replace\s+)?sequence\s+(?:if\s+not\s+exists\s+)?{NAME}(?P<options>.*)",
    re.IGNORECASE | re.DOTALL,
)
NEXT = "nextval"


@dataclass
class Sequences:
    """The sequences that statements have created; a schema before a name is not looked at."""

    _numbers: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, text: str) -> bool:
        """Adds the sequence that a statement creates.

        Args:
            text: The statement.

        Returns:
            Whether it creates one.
        """
        found = CREATED.fullmatch(text)
        if found is not None:
            self._numbers[_last(found["name"])] = numbers_of(found["options"])
        return found is not None

    def asked_by(self, default: exp.Expr) -> tuple[int, int] | None:
        """The first number and the step of the sequence that a default asks; None if it asks none.

        Args:
            default: The default of a column.
        """
        default = default.unnest()
        name = ""
        if isinstance(default, exp.NextValueFor):
            name = default.this.name
        elif isinstance(default, exp.Column) and default.name.lower() == NEXT:
            name = default.table
        elif isinstance(default, exp.Anonymous) and default.name.lower() == NEXT:
            literal = default.find(exp.Literal)
            name = literal.name if literal else ""
        return self._numbers.get(_last(name)) if name else None


def _last(name: str) -> str:
    """The last part of a name; one without quotes is in lower case."""
    parts: list[str] = re.findall(PART, name)
    last = parts[-1] if parts else ""
    return last[1:-1] if last.startswith(('"', "`", "[")) else last.lower()
