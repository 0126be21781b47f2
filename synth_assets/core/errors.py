"""Errors that are the user's to mend; the command line prints them without a traceback.

Raise ``UserError`` with what was wrong, the value, and what is allowed. Anything else that
escapes is a bug and keeps its traceback.
"""

from collections.abc import Sequence
from difflib import get_close_matches


class UserError(Exception):
    """Wrong input or a wrong environment, in words for a person."""


class UnknownNameError(UserError):
    """A name that does not exist, with the names that do."""

    def __init__(self, what: str, name: str, known: list[str]) -> None:
        shown = ", ".join(known[:12]) + (f", … ({len(known)} in all)" if len(known) > 12 else "")
        close = closest(name, known)
        hint = f"; did you mean {close!r}?" if close else ""
        super().__init__(f"unknown {what} {name!r}: known are {shown}{hint}")


def closest(name: str, known: Sequence[str]) -> str | None:
    """The known name that is most like a name, if one is."""
    return next(iter(get_close_matches(name, known, n=1)), None)
