"""Errors that a user can correct; the command line prints them without a traceback.

Raise ``UserError`` with what is wrong, the value, and what is allowed. Any other exception that
reaches the command line is a bug and keeps its traceback.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches

# The class that a recorded message begins with, with its module unless it is a built-in one.
CLASS = re.compile(r"^(?:(?:\w+\.)+\w+|\w+(?:Error|Exception)): ")


class UserError(Exception):
    """Wrong input or a wrong environment, described for users."""


class NotStoredError(UserError):
    """Rows that were asked for have not been stored."""


class UnknownNameError(UserError, KeyError):
    """A name that does not exist, with the names that do.

    Mappings by name raise it, which Python's own methods (``get``, ``in``) expect of them.

    Args:
        what: The kind of thing that is named.
        name: The unknown name.
        known: The existing names.
    """

    def __init__(self, what: str, name: str, known: list[str]) -> None:
        shown = ", ".join(known[:12]) + (f", … ({len(known)} in all)" if len(known) > 12 else "")
        close = closest(name, known)
        hint = f"; did you mean {close!r}?" if close else ""
        super().__init__(f"unknown {what} {name!r}: known are {shown}{hint}")

    # A ``KeyError`` would print the text in quotes.
    __str__ = Exception.__str__


def without_class(message: str) -> str:
    """A message without the class of the error that it begins with.

    Args:
        message: The message, as Dagster records that of an exception.
    """
    return CLASS.sub("", message)


def closest(name: str, known: Sequence[str]) -> str | None:
    """The known name that is most similar to a name; None where none is similar.

    Args:
        name: The name.
        known: The known names.
    """
    # A program may ask for a name that is no text.
    return next(iter(get_close_matches(str(name), known, n=1)), None)
