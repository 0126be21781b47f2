"""The folder that is published, and what of it is finished.

A file is written under a hidden name beside its own and takes its own when it is whole. The
manifest says what was asked for and which tables are finished, so that a further run goes on
where one was stopped. Nothing here knows what is in a file.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ValidationError

from synth_assets.core.errors import UserError

MANIFEST = ".manifest.json"
PARQUET, METADATA, STATS = ("parquet", "metadata", "stats")
REPORT = f"{STATS}/generation_report.json"
GIGABYTE = 1e9


class Asked(BaseModel):
    """What decides every byte of the data."""

    scale: int
    seed: int
    truth: bool
    versions: dict[str, str]

    def __str__(self) -> str:
        truth = "with" if self.truth else "without"
        return f"scale {self.scale:,}, seed {self.seed}, {truth} truth"


class Finished(BaseModel):
    """A table that is whole; ``peak_bytes`` is the most memory its process took until then."""

    rows: int
    bytes: int
    seconds: float
    peak_bytes: int


class Manifest(BaseModel):
    """What was asked for, and what there is of it."""

    asked: Asked
    tables: dict[str, Finished] = {}


class Output:
    """An output folder that is ours alone until it is closed."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.root, self.manifest = root, manifest

    def parquet(self, table: str) -> Path:
        """File of a table."""
        return self.root / PARQUET / f"{table}.parquet"

    def finished(self, table: str) -> Finished | None:
        """What is known of a table that is whole and where it belongs."""
        known, path = self.manifest.tables.get(table), self.parquet(table)
        whole = known and path.is_file() and path.stat().st_size == known.bytes
        return known if whole else None

    def finish(self, table: str, finished: Finished) -> None:
        """Remembers a table that is whole; a report on what there was before is void."""
        (self.root / REPORT).unlink(missing_ok=True)
        self.manifest.tables[table] = finished
        self.save()

    def save(self) -> None:
        """Writes the manifest."""
        write_text(self.root / MANIFEST, self.manifest.model_dump_json(indent=1))


@contextmanager
def opened(root: Path, asked: Asked, needed: dict[str, int]) -> Iterator[Output]:
    """The folder ``root``, made if need be, for what is ``asked``.

    ``needed`` is the size in bytes that each table will have. Refuses, before anything is
    written, a folder that holds something else, is in use, or lies where there is no room.
    """
    try:
        output = Output(root, _manifest(root, asked))
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


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A hidden name to write to; the file takes the name ``path`` when it is whole.

    The hidden name is always the same: what a killed run left there is written over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """A text file that is there whole or not at all."""
    with appearing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def _manifest(root: Path, asked: Asked) -> Manifest:
    if root.exists() and not root.is_dir():
        raise UserError(f"the output directory {root} is a file; name a new or an empty folder")
    try:
        known = Manifest.model_validate_json((root / MANIFEST).read_bytes())
    except FileNotFoundError:
        _refuse_foreign(root)
        return Manifest(asked=asked)
    except ValidationError:
        raise UserError(
            f"the output directory {root} has a damaged {MANIFEST}; remove the folder "
            "or name a new one"
        ) from None
    if known.asked == asked:
        return known
    what = f"holds data of {known.asked}; asked for are {asked}"
    if str(known.asked) == str(asked):
        what = f"holds data of {asked}, made by another version of this command"
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
    place = root.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise UserError(
            f"the output directory {root} needs about {needed / GIGABYTE:.1f} GB, and its file "
            f"system has {free / GIGABYTE:.1f} GB free; make room, choose another --output-dir "
            "or a smaller --scale"
        )


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Keeps other runs out; the lock goes with the process, however that ends."""
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
