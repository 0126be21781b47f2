"""Errors of file systems, object stores and damaged logs, as one-line messages without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import polars as pl
from deltalake.exceptions import DeltaError
from pyarrow import ArrowException

from synth_assets.core.errors import UserError
from synth_assets.stores.delta.folder import LOG, Folder
from synth_assets.stores.delta.log import OF_CHECKPOINTS, needs_no_checkpoint
from synth_assets.stores.storage_errors import is_of_storage

UNTOUCHED = "; what was stored before is untouched"
DAMAGED = "; its log is damaged: move the folder away and materialize the table again"
BY_CHECKPOINT = "; of its log only a checkpoint is damaged or lost, which is not needed: remove"
MAX_LENGTH = 400
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Text after a question mark may be a signature, text before an at sign a password.
_QUERY = re.compile(r"(://[^\s?]*)\?\S*")
# Rust's traceback, and the body of a server's answer.
_DETAILS = re.compile(r"\s*(\d+: <unknown>|<\?xml).*")
_LOGIN = re.compile(r"(://)[^\s/@]*@")


@contextmanager
def translate_errors(verb: str, folder: Folder, suffix: str = "") -> Iterator[None]:
    """Turns errors of the storage into a ``UserError``.

    Args:
        verb: What could not be done.
        folder: The folder of the table with which it could not be done.
        suffix: What the message ends with.

    Raises:
        UserError: The storage failed. Errors of the frame itself are not translated.
    """
    action = f"cannot {verb} {folder.path}"
    try:
        yield
    except (DeltaError, OSError, ArrowException) as error:
        remedy = remedy_of_log(folder) if _is_of_log(error) else ""
        raise UserError(f"{action}: {summary(error)}{remedy}{suffix}") from None
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


def remedy_of_log(folder: Folder) -> str:
    """What to do about a log that cannot be read, as the end of a message.

    Args:
        folder: The table's folder.
    """
    with suppress(OSError):
        if needs_no_checkpoint(folder):
            return f"{BY_CHECKPOINT} {folder.path}/{LOG}/*{OF_CHECKPOINTS}*"
    return DAMAGED


def _is_of_log(error: Exception) -> bool:
    """Whether an error is about the contents of the log."""
    # delta-kernel reads the log; its errors are about that, except failed requests.
    text = str(error)
    return "Kernel error" in text and "Error performing" not in text
