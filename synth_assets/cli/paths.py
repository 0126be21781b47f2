"""Paths that options name: read once, here, and refused before anything is done with them.

Each option that takes a path has one of these as its ``parser``; a test holds every command to
it. ``~`` and relative paths become absolute, so that the path means the same wherever the process
goes. Locations of stores, which may be URLs, are ``orchestration.settings``' to read.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from synth_assets.core.errors import UserError

STDIN = "-"
# With one slash, too: nobody means a folder that is called `gs:`.
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


@dataclass(frozen=True)
class LocalPath:
    """Parser of an option (or argument): a file or folder on this machine, to read or to write.

    ``stdin`` lets ``-`` through, which then stands for standard input.
    """

    option: str
    folder: bool = False
    written: bool = False
    stdin: bool = False

    @property
    def _kind(self) -> str:
        return "folder" if self.folder else "file"

    def __call__(self, given: str | Path) -> Path:
        text = str(given)  # a default is a path already
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
        except RuntimeError:  # a user that there is not
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
    """``OSError`` where nothing can be written: a disk that is full, away, or another's."""
    if path.exists() and not path.is_dir():
        with path.open("ab"):
            return
    there = path if path.is_dir() else path.parent
    while not there.exists():
        there = there.parent
    # Permissions do not tell of every file system; a file without a name does, and leaves nothing.
    with TemporaryFile(dir=there) as probe:
        os.write(probe.fileno(), b" ")
