"""The stores that faults are tried on, each at a new location, outside of pytest."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

from synth_assets_tests.servers import (
    bigquery_emulator,
    embedded_postgres,
    new_database,
    s3_server,
)
from synth_assets_tests.stores.places import Place

# A new location of the server or folder that is open.
Opened = Callable[[], Place]


@contextmanager
def _files(kind: str) -> Iterator[Opened]:
    with tempfile.TemporaryDirectory(prefix="synth-torture-") as folder:
        yield lambda: Place(kind, str(Path(folder) / uuid4().hex[:8]))


@contextmanager
def _s3(kind: str) -> Iterator[Opened]:
    with s3_server() as bucket:
        yield lambda: Place(kind, f"{bucket}/{uuid4().hex[:8]}")


@contextmanager
def _postgres() -> Iterator[Opened]:
    with embedded_postgres() as server, new_database(server) as url:
        yield lambda: Place("postgres", url)


@contextmanager
def _bigquery() -> Iterator[Opened]:
    with (
        tempfile.TemporaryDirectory() as folder,
        bigquery_emulator(Path(folder)) as project,
    ):
        yield lambda: Place("bigquery", f"{project}.t{uuid4().hex[:12]}_")


KINDS: dict[str, Callable[[], AbstractContextManager[Opened]]] = {
    "parquet": lambda: _files("parquet"),
    "delta": lambda: _files("delta"),
    "duckdb": lambda: _files("duckdb"),
    "postgres": _postgres,
    "bigquery": _bigquery,
}
ON_S3: dict[str, Callable[[], AbstractContextManager[Opened]]] = {
    "parquet on s3": lambda: _s3("parquet"),
    "delta on s3": lambda: _s3("delta"),
}
FILES: Sequence[str] = ("parquet", "delta", "duckdb")
