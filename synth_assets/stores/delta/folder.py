"""Where a Delta table lies: one folder under three names, as three libraries call it.

deltalake takes URLs, in which special characters are escaped; Polars takes paths as they are;
pyarrow takes paths inside a file system. Credentials come from the environment alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from pyarrow import fs

LOG = "_delta_log"
# Without bounds the clients try an unreachable object store for three minutes.
RETRIES = {"max_retries": "3", "retry_timeout": "20s", "connect_timeout": "5s"}


@dataclass(frozen=True)
class Folder:
    """The folder of a table: ``root`` without a slash at the end, then the parts below it."""

    root: str
    parts: tuple[str, ...]

    @property
    def remote(self) -> bool:
        """Whether it lies in an object store."""
        return "://" in self.root

    @property
    def path(self) -> str:
        """As Polars and people call it."""
        return "/".join((self.root, *self.parts))

    @property
    def url(self) -> str:
        """As deltalake calls it."""
        if not self.remote:
            return self.path
        return "/".join((self.root, *(quote(part, safe="") for part in self.parts)))

    @property
    def options(self) -> dict[str, str] | None:
        """Bounds on how long deltalake tries; never credentials."""
        return dict(RETRIES) if self.remote else None

    @cached_property
    def _place(self) -> tuple[fs.FileSystem, str]:
        if not self.remote:
            return fs.LocalFileSystem(), self.path
        files, inner = fs.FileSystem.from_uri(self.root)
        return files, "/".join((inner, *self.parts))

    @property
    def files(self) -> fs.FileSystem:
        """The file system it lies in."""
        return self._place[0]

    def inner(self, name: str) -> str:
        """A file of the folder as the file system calls it."""
        return f"{self._place[1]}/{name}"

    def names(self, below: str = "", *, recursive: bool = False) -> dict[str, int]:
        """Files and folders below, by name relative to this folder, with their sizes in bytes."""
        start = self.inner(below).rstrip("/")
        selector = fs.FileSelector(start, recursive=recursive, allow_not_found=True)
        found = self.files.get_file_info(selector)
        return {info.path.removeprefix(f"{self._place[1]}/"): info.size or 0 for info in found}

    def delete(self, name: str) -> None:
        """Removes a file; one that cannot be removed is left to the next vacuum."""
        with suppress(OSError):
            self.files.delete_file(self.inner(name))
