"""The output folder, and which of its files are finished.

A file is written under a hidden name and renamed when it is complete. The manifest records the
request and the finished tables, so that a further run continues where one was stopped. The content
of files is not known here.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ValidationError

from synth_assets.core.atomic_files import write_text
from synth_assets.core.errors import UserError

MANIFEST = ".manifest.json"
PARQUET, METADATA, STATS = ("parquet", "metadata", "stats")
REPORT = f"{STATS}/generation_report.json"
GIGABYTE = 1e9


class Request(BaseModel):
    """Everything that decides the bytes of the files."""

    scale: int
    seed: int
    truth: bool
    versions: dict[str, str]
    scenario: str

    def __str__(self) -> str:
        truth = "with" if self.truth else "without"
        return f"scale {self.scale:,}, seed {self.seed}, {truth} truth"


class Finished(BaseModel):
    """A complete table; ``peak_bytes`` is the peak memory of its process until then."""

    rows: int
    bytes: int
    seconds: float
    peak_bytes: int


class Manifest(BaseModel):
    """The request, and the finished tables by name."""

    asked: Request
    tables: dict[str, Finished] = {}


class Output:
    """An output folder that is locked for this process until it is closed."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.root, self.manifest = root, manifest

    def parquet(self, table: str) -> Path:
        """The file of a table.

        Args:
            table: The table's name.
        """
        return self.root / PARQUET / f"{table}.parquet"

    def finished(self, table: str) -> Finished | None:
        """The record of a finished table; None if it or its file is missing.

        Args:
            table: The table's name.
        """
        known, path = self.manifest.tables.get(table), self.parquet(table)
        complete = known and path.is_file() and path.stat().st_size == known.bytes
        return known if complete else None

    def finish(self, table: str, finished: Finished) -> None:
        """Records a finished table, and removes the report on the files before it.

        Args:
            table: The table's name.
            finished: Its size and time.
        """
        (self.root / REPORT).unlink(missing_ok=True)
        self.manifest.tables[table] = finished
        self.save()

    def save(self) -> None:
        """Writes the manifest."""
        write_text(self.root / MANIFEST, self.manifest.model_dump_json(indent=1))


@contextmanager
def open_output(root: Path, request: Request, needed: dict[str, int]) -> Iterator[Output]:
    """Opens the output folder of a request, and creates it if necessary.

    Args:
        root: The folder.
        request: What decides the data.
        needed: Expected bytes of each table.

    Raises:
        UserError: The folder has other content, is in use, cannot be written to, or its file system
            has too little space; nothing was written.
    """
    try:
        output = Output(root, _manifest(root, request))
        _refuse_small(root, sum(n for name, n in needed.items() if not output.finished(name)))
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root):
            output.save()
            yield output
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(
            f"cannot write to the output directory {root}: {reason}; "
            "name one that can be written to (finished tables are kept)"
        ) from None


def _manifest(root: Path, request: Request) -> Manifest:
    if root.exists() and not root.is_dir():
        raise UserError(f"the output directory {root} is a file; name a new or an empty folder")
    try:
        known = Manifest.model_validate_json((root / MANIFEST).read_bytes())
    except FileNotFoundError:
        _refuse_foreign(root)
        return Manifest(asked=request)
    except ValidationError:
        raise UserError(
            f"the output directory {root} has a damaged {MANIFEST}; remove the folder "
            "or name a new one"
        ) from None
    if known.asked == request:
        return known
    what = f"holds data of {known.asked}; asked for are {request}"
    if str(known.asked) == str(request):
        what = (
            f"holds data of {request}, made by another version of this command or with other "
            "settings"
        )
    raise UserError(
        f"the output directory {root} {what}; name another --output-dir, or remove this folder "
        "to make it anew"
    )


def _refuse_foreign(root: Path) -> None:
    # A run that was killed at once may have left the manifest unfinished.
    ours = f".{MANIFEST}.tmp"
    others = sorted(p.name for p in root.iterdir() if p.name != ours) if root.exists() else []
    if others:
        raise UserError(
            f"the output directory {root} is not empty and not of this command (it holds "
            f"{others[0]}); name a new or an empty folder"
        )


def _refuse_small(root: Path, needed: int) -> None:
    existing = root.absolute()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise UserError(
            f"the output directory {root} needs about {needed / GIGABYTE:.1f} GB, and its file "
            f"system has {free / GIGABYTE:.1f} GB free; make room, choose another --output-dir "
            "or a smaller --scale"
        )


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Locks the folder against other runs; the lock ends with the process."""
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UserError(
            f"another run is writing to the output directory {root}; wait for it, or name another"
        ) from None
    finally:
        os.close(folder)
