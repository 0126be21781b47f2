"""The folder of a Delta table, in the three notations that three libraries need.

deltalake takes URLs with escaped special characters, Polars takes unescaped paths, pyarrow takes
paths inside a file system. Credentials come from the environment only.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from pyarrow import fs

from synth_assets.core.errors import UserError
from synth_assets.stores.folders import remove_empty, remove_folder

LOG = "_delta_log"
# A folder that other engines write into, of rows that changed.
CHANGES = "_change_data"
# By default the clients retry an unreachable object store for three minutes.
RETRIES = {"max_retries": "3", "retry_timeout": "20s", "connect_timeout": "5s"}


@dataclass(frozen=True)
class Folder:
    """The folder of a table.

    Attributes:
        root: Path or URL of the store, without a slash at the end.
        parts: Names of the folders below it.
    """

    root: str
    parts: tuple[str, ...]

    @property
    def remote(self) -> bool:
        """Whether it is in an object store."""
        return "://" in self.root

    @property
    def path(self) -> str:
        """The unescaped path or URL, for Polars and for display."""
        return "/".join((self.root, *self.parts))

    @property
    def url(self) -> str:
        """The path or escaped URL, for deltalake."""
        if not self.remote:
            return self.path
        return "/".join((self.root, *(quote(part, safe="") for part in self.parts)))

    @property
    def options(self) -> dict[str, str] | None:
        """Bounds on deltalake's retries; never credentials."""
        return dict(RETRIES) if self.remote else None

    @cached_property
    def _in_file_system(self) -> tuple[fs.FileSystem, str]:
        if not self.remote:
            return fs.LocalFileSystem(), self.path
        files, inner = fs.FileSystem.from_uri(self.root)
        return files, "/".join((inner, *self.parts))

    @property
    def files(self) -> fs.FileSystem:
        """The file system that it is in, for pyarrow."""
        return self._in_file_system[0]

    def inner(self, name: str) -> str:
        """The path of a file in the file system, for pyarrow.

        Args:
            name: The file's path relative to this folder.
        """
        return f"{self._in_file_system[1]}/{name}"

    def entries(self, below: str = "", *, recursive: bool = False) -> dict[str, int]:
        """Lists files and folders.

        Args:
            below: A folder relative to this one; by default this one. It need not exist.
            recursive: Whether to list folders inside of it, too.

        Returns:
            Sizes in bytes (0 for folders) by path relative to this folder.
        """
        start = self.inner(below).rstrip("/")
        selector = fs.FileSelector(start, recursive=recursive, allow_not_found=True)
        found = self.files.get_file_info(selector)
        return {
            info.path.removeprefix(f"{self._in_file_system[1]}/"): info.size or 0 for info in found
        }

    def delete(self, name: str) -> None:
        """Removes a file; a file that cannot be removed is left to the next vacuum.

        Args:
            name: The file's path relative to this folder.
        """
        with suppress(OSError):
            self.files.delete_file(self.inner(name))

    def remove(self, prefix: str) -> None:
        """Removes the table's folder with its files.

        The log goes last, so that readers see a table without rows until then.

        Args:
            prefix: What names of the folders of partitions begin with.

        Raises:
            UserError: There are other files in it; nothing is removed.
        """
        names = [name for name in self.entries() if name != LOG]
        others = [name for name in names if not name.startswith((prefix, CHANGES))]
        if others:
            raise UserError(
                f"{self.path} holds {others[0]}, which is not of the table: move it away first"
            )
        for name in [*names, LOG]:
            remove_folder(self.files, self.inner(name))
        remove_empty(self.files, self._in_file_system[1])
