"""Events as lines of JSON on standard output."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import BinaryIO

import polars as pl

from synth_assets.replay.envelope import lines
from synth_assets.replay.targets.target import ReaderGoneError


class StdoutTarget:
    """Writes to standard output; a reader that is slow is waited for.

    Args:
        stream: Where to write; standard output without it.
    """

    shown = "standard output"

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stdout.buffer

    def send(self, batch: pl.DataFrame) -> None:
        try:
            self._stream.write(lines(batch))
            self._stream.flush()
        except BrokenPipeError:
            # Python would report the pipe once more when it flushes at exit.
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            raise ReaderGoneError("the reader of standard output is gone") from None

    def close(self) -> None:
        """Nothing: standard output belongs to the process."""
