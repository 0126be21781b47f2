"""Whether the first line of a CSV file has names of columns; a row would be copied as such.

No file says it, so names must differ from the values below them. What is not clear is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets.core.schema import quoted
from synth_assets.importing.found import FoundColumn, Kind, Query, UnreadableError
from synth_assets.importing.name_rules import RULES
from synth_assets.importing.names import kind_of, rule_for, stage

# Fields with which a line is a row.
NO_NAME = re.compile(
    r"\s*|[-+]?[\d.,:/ -]+|.*@.*|\S{65,}|n/?a|null|none|nan|nil|true|false|unknown", re.IGNORECASE
)
# Marks between fields; a name that has one is a line that was not divided.
MARKS = re.compile(r"[,;\t|]")
# How names are written, and most values are not.
FORMS = (r"[a-z_][a-z0-9_]*", r"[A-Z_][A-Z0-9_]*")
# Share of columns that must tell names from values, and of values that may be written like names.
TELLING, ALIKE = 0.5, 0.1


def require_names(query: Query, path: Path, relation: str, columns: Sequence[FoundColumn]) -> None:
    """Refuses a file whose first line may be a row.

    Args:
        query: Runs SQL of DuckDB.
        path: The file, for errors.
        relation: The file in a ``from`` clause, read with its first line as names.
        columns: Its columns.

    Raises:
        UserError: The first line is a row, or looks like one, or the lines have different fields.
    """
    names = [column.name for column in columns]
    for position, name in enumerate(names, start=1):
        if NO_NAME.fullmatch(name):
            raise UserError(
                f"{path}: the first line must have the names of the columns, "
                f"and its field {position} is no name"
            )
    if len(names) == 1 and MARKS.search(names[0]):
        raise UserError(f"{path}: its lines do not have the same number of fields")
    # A row has numbers and dates where the others have them, and those are no names.
    if any(column.type.kind is not Kind.TEXT for column in columns) or _are_known(names):
        return
    if not any(_differ(query, relation, names, form) for form in FORMS):
        raise UserError(
            f"{path}: the first line must have the names of the columns, and it looks like the "
            "lines below it: names such as first_name are told from values"
        )


def repeated_names(query: Query, first_line: str, columns: Sequence[FoundColumn]) -> list[str]:
    """The notes of columns whose names are those of others, to which DuckDB gives other names.

    Args:
        query: Runs SQL of DuckDB.
        first_line: The file in a ``from`` clause, read with its first line as values.
        columns: Its columns.
    """
    try:
        [names] = query(f"select * from {first_line} limit 1")
    except UnreadableError:
        return []  # with its names it can be read, and those are what is imported
    if len(names) != len(columns):
        return []
    seen: set[str] = set()
    notes = []
    for name, column in zip(names, columns, strict=True):
        if str(name).lower() in seen:
            notes.append(f"column `{name}` is `{column.name}` here: another one has its name")
        seen.add(str(name).lower())
    return notes


def _are_known(names: Sequence[str]) -> bool:
    """Whether most of the names are words that name columns."""
    return sum(map(_is_known, names)) > TELLING * len(names)


def _is_known(name: str) -> bool:
    kinds = {kind for rule in RULES for kind in rule.kinds}
    return (
        kind_of(name) is not Kind.TEXT
        or stage(name) is not None
        or any(rule_for("", name, kind) for kind in kinds)
    )


def _differ(query: Query, relation: str, names: Sequence[str], form: str) -> bool:
    """Whether all names have a form that the values of half of the columns do not have."""
    if not all(re.fullmatch(form, name) for name in names):
        return False
    counts = ", ".join(
        f"count(*) filter (regexp_full_match({quoted(name)}, '{form}'))" for name in names
    )
    [(rows, *alike)] = query(f"select count(*), {counts} from {relation}")
    telling = [count for count in alike if count <= ALIKE * rows]
    return len(telling) >= TELLING * len(names)
