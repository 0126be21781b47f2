"""Parsers of options that take a local path; they check the path before the command starts.

Every option that takes a path has a ``LocalPath`` as its ``parser``; a test checks all commands.
``~`` is expanded and paths become absolute, so that they do not depend on the working folder.
Locations of stores, which may be URLs, are read in ``orchestration.settings``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from synth_assets.core.errors import UserError

STDIN = "-"
# One slash suffices: a folder named `gs:` is unlikely.
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


@dataclass(frozen=True)
class LocalPath:
    """Parser of an option or argument: a file or folder on this machine, to read or to write.

    Attributes:
        option: Name of the option, for error messages.
        folder: Whether it is a folder, else a file.
        written: Whether it is written, else read.
        stdin: Whether ``-`` is accepted, for standard input.
    """

    option: str
    folder: bool = False
    written: bool = False
    stdin: bool = False

    @property
    def _kind(self) -> str:
        return "folder" if self.folder else "file"

    def __call__(self, given: str | Path) -> Path:
        text = str(given)  # a default is already a path
        if self.stdin and text == STDIN:
            return Path(text)
        if URL.match(text):
            raise self._refused(
                text,
                "must be a path on this machine; `synth copy` and SYNTH_LAKE write to object stores"
                if self.written
                else "must be a path on this machine",
            )
        if not text.strip() or "\0" in text:
            raise self._refused(repr(text), "must be a path")
        try:
            path = Path(text).expanduser().absolute()
            self._refuse_wrong_kind(text, path)
            if self.written:
                _try_to_write(path)
        except RuntimeError:  # ``~user`` of an unknown user
            raise self._refused(text, "no such user") from None
        except OSError as error:
            verb = "written to" if self.written else "read"
            raise self._refused(text, f"cannot be {verb}: {error.strerror}") from None
        return path

    def _refuse_wrong_kind(self, text: str, path: Path) -> None:
        if not path.exists():
            if not self.written:
                raise self._refused(text, f"there is no such {self._kind}")
            if not self.folder and not path.parent.is_dir():
                raise self._refused(text, f"there is no folder {path.parent}")
        elif path.is_dir() != self.folder:
            found = "a folder" if path.is_dir() else "a file"
            raise self._refused(text, f"must be a {self._kind}, and is {found}")

    def _refused(self, text: str, why: str) -> UserError:
        return UserError(f"{self.option} {text}: {why}")


def _try_to_write(path: Path) -> None:
    """Raises ``OSError`` if the path cannot be written: disk full or not mounted, no permission."""
    if path.exists() and not path.is_dir():
        with path.open("ab"):
            return
    folder = path if path.is_dir() else path.parent
    while not folder.exists():
        folder = folder.parent
    # Some file systems ignore permission bits, so a temporary file without a name is written.
    with TemporaryFile(dir=folder) as probe:
        os.write(probe.fileno(), b" ")
