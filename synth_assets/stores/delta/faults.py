"""What file systems, object stores and damaged logs say, in one line for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
from deltalake.exceptions import DeltaError
from pyarrow import ArrowException

from synth_assets.core.errors import UserError

UNTOUCHED = "; what was stored before is untouched"
DAMAGED = "; its log is damaged: move the folder away and materialize the table again"
LONGEST = 400
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Whatever follows a question mark or stands before an at sign may be a signature or a password.
_QUERY = re.compile(r"(://[^\s?]*)\?\S*")
# Rust's own traceback, and what a server answered in its own words.
_REST = re.compile(r"\s*(\d+: <unknown>|<\?xml).*")
_LOGIN = re.compile(r"(://)[^\s/@]*@")


@contextmanager
def explained(doing: str, after: str = "") -> Iterator[None]:
    """Turns errors of the place into a ``UserError`` that begins with ``doing``."""
    try:
        yield
    except (DeltaError, OSError, ArrowException) as error:
        raise UserError(f"{doing}: {reason(error)}{_cure(error)}{after}") from None
    except pl.exceptions.ComputeError as error:
        # A frame that fails is a bug of whoever made it, and keeps its own words.
        if "os error" not in str(error) and "object" not in str(error).lower():
            raise
        raise UserError(f"{doing}: {reason(error)}{after}") from None


def reason(error: Exception) -> str:
    """The gist of an error, without colours, line breaks, logins and signatures."""
    text = " ".join(_COLOURS.sub("", str(error)).replace("↳", " ").split())
    text = _LOGIN.sub(r"\1", _QUERY.sub(r"\1", _REST.sub("", text)))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _cure(error: Exception) -> str:
    # The kernel reads logs; an error of its own that is no failed request is about what it read.
    text = str(error)
    return DAMAGED if "Kernel error" in text and "Error performing" not in text else ""
