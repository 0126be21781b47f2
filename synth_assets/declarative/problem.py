"""A problem of a declaration, with its place in the file, and how problems are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from synth_assets.core.errors import UnknownNameError
from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.model import TableSpec
from synth_assets.declarative.sql import parsed

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """Something wrong in a declaration.

    Attributes:
        place: Where, as the keys from the top of the file.
        message: What is wrong, and what is allowed.
    """

    place: Place
    message: str


def of_sql(table: TableSpec, text: str, place: Place) -> Iterator[Problem]:
    """Problems of an SQL expression over the columns of a table.

    Args:
        table: The table.
        text: The SQL text.
        place: Its place.
    """
    try:
        expression = parsed(text)
    except ValueError as error:
        yield Problem(place, str(error))
        return
    for name in expression.columns:
        if name not in table.columns:
            yield Problem(place, unknown("column", name, list(table.columns)))


def refused(place: Place, attempt: Callable[[], object]) -> Iterator[Problem]:
    """The problem for which an attempt raises ``ValueError``.

    Args:
        place: Its place.
        attempt: The attempt.
    """
    try:
        attempt()
    except ValueError as error:
        yield Problem(place, str(error))


def names_of(table: TableSpec, kind: type[ColumnBase]) -> list[str]:
    """The names of the columns of a kind.

    Args:
        table: The table.
        kind: The kind.
    """
    return [name for name, column in table.columns.items() if isinstance(column, kind)]


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The message for an unknown name.

    Args:
        what: The kind of thing that is named.
        name: The unknown name.
        known: The existing names.
    """
    if not known:
        return f"unknown {what} {name!r}: there is none"
    return str(UnknownNameError(what, name, list(known)))
