"""Errors of file systems, object stores and damaged logs, as one-line messages without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
from deltalake.exceptions import DeltaError
from pyarrow import ArrowException

from synth_assets.core.errors import UserError
from synth_assets.stores.storage_errors import is_of_storage

UNTOUCHED = "; what was stored before is untouched"
DAMAGED = "; its log is damaged: move the folder away and materialize the table again"
MAX_LENGTH = 400
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Text after a question mark may be a signature, text before an at sign a password.
_QUERY = re.compile(r"(://[^\s?]*)\?\S*")
# Rust's traceback, and the body of a server's answer.
_DETAILS = re.compile(r"\s*(\d+: <unknown>|<\?xml).*")
_LOGIN = re.compile(r"(://)[^\s/@]*@")


@contextmanager
def translate_errors(action: str, suffix: str = "") -> Iterator[None]:
    """Turns errors of the storage into a ``UserError``.

    Args:
        action: What could not be done; the message begins with it.
        suffix: What the message ends with.

    Raises:
        UserError: The storage failed. Errors of the frame itself are not translated.
    """
    try:
        yield
    except (DeltaError, OSError, ArrowException) as error:
        raise UserError(f"{action}: {summary(error)}{_remedy(error)}{suffix}") from None
    except pl.exceptions.ComputeError as error:
        # An error of the frame itself is a bug of its author, and keeps its own message.
        if not is_of_storage(str(error)):
            raise
        raise UserError(f"{action}: {summary(error)}{suffix}") from None


def summary(error: Exception) -> str:
    """The message of an error, without colours, line breaks, logins and signatures.

    Args:
        error: An error of deltalake, Polars, pyarrow or the file system.

    Returns:
        One line of at most ``MAX_LENGTH`` characters.
    """
    text = " ".join(_COLOURS.sub("", str(error)).replace("↳", " ").split())
    text = _LOGIN.sub(r"\1", _QUERY.sub(r"\1", _DETAILS.sub("", text)))
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"


def _remedy(error: Exception) -> str:
    # delta-kernel reads the log: its errors, except failed requests, are about the log's contents.
    text = str(error)
    return DAMAGED if "Kernel error" in text and "Error performing" not in text else ""
