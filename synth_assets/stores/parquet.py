"""The lake: one Parquet file a partition, in Hive folders, on a disk or in an object store.

``<root>/<domain>/<table>/<axis>=<key>/data.parquet``, compressed with zstd. On a disk a partition
is written beside its final name and moved there; for an object store it is written to a file
first, and shown only when its upload is complete. Credentials of object stores come from the
environment alone.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import ArrowInvalid, fs

from synth_assets.core.errors import UserError
from synth_assets.core.model import UNKNOWN, PartitionStats, Table
from synth_assets.core.schema import columns_of, polars_schema
from synth_assets.stores.parquet_footer import say_sorted
from synth_assets.stores.store import DamagedPartitionError, refuse_missing, refuse_other_columns

FILE = "data.parquet"
FINGERPRINT, CODE_VERSION = "synth.scenario", "synth.code_version"
# DuckDB reads row groups of 122,880 rows a thread; two of them keep dictionaries useful.
ROW_GROUP_ROWS = 245_760
COMPRESSION_LEVEL = 1
# An unfinished file this old (seconds) was left by a writer that died.
STALE_AFTER = 3_600


class ParquetStore:
    """Partitions as Parquet files under ``root``, a folder or a URL such as ``s3://bucket/lake``."""

    kind = "parquet"

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/")
        self.remote = "://" in root
        if not self.remote:
            self.root = str(Path(root).expanduser().absolute())
        self._agreeing: set[tuple[str, type]] = set()

    @property
    def location(self) -> str:
        return self.root

    def opened(self) -> AbstractContextManager[None]:
        return nullcontext()

    def uri(self, table: Table) -> str:
        return f"{self.root}/{table.domain}/{table.name}"

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        path = self._path(table, key)
        self._refuse_other_columns(table)
        provenance = {FINGERPRINT: fingerprint, CODE_VERSION: table.code_version}
        with _explained(path):
            if self.remote:
                self._upload(frame, path, provenance, table)
            else:
                _write_beside(frame, Path(path), provenance, table)
        return self._receipt(table, key)

    def _upload(
        self, frame: pl.LazyFrame, path: str, provenance: dict[str, str], table: Table
    ) -> None:
        # By way of a file: a sink into an object store ends its upload also when the frame fails.
        with TemporaryDirectory(prefix="synth-") as folder:
            made = Path(folder) / FILE
            _write(frame, made, provenance, table)
            files, local = self._filesystem[0], fs.LocalFileSystem()
            fs.copy_files(str(made), self._inner(path), local, files, use_threads=False)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        partition_column = table.partitioning.partition_column
        stored = set(self._keys(table))
        wanted = sorted(stored) if keys is None else list(keys)
        refuse_missing(table, wanted, stored, self.uri(table))
        if not wanted:
            return pl.LazyFrame(schema={**polars_schema(table.schema), partition_column: pl.String})
        paths = [self._path(table, key) for key in wanted]
        return pl.scan_parquet(
            paths, hive_partitioning=True, hive_schema={partition_column: pl.String}
        )

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        left_out = set(without)
        return {k: self._receipt(table, k) for k in self._keys(table) if k not in left_out}

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        self._agreeing.clear()
        for key in set(keys) & set(self._keys(table)):
            path = self._path(table, key)
            with _explained(path):
                self._filesystem[0].delete_file(self._inner(path))

    def _refuse_other_columns(self, table: Table) -> None:
        """Looks at one whole partition, once: the others were written after the same look."""
        if (table.path, table.schema) in self._agreeing:
            return
        for key in self._keys(table):
            with suppress(DamagedPartitionError):
                refuse_other_columns(table, self._receipt(table, key).schema)
                break
        self._agreeing.add((table.path, table.schema))

    def _path(self, table: Table, key: str) -> str:
        return f"{self.uri(table)}/{table.partitioning.partition_column}={key}/{FILE}"

    @cached_property
    def _filesystem(self) -> tuple[fs.FileSystem, str]:
        """The file system of the root, and the root's path in it."""
        if not self.remote:
            return fs.LocalFileSystem(), self.root
        files, root = fs.FileSystem.from_uri(self.root)
        return files, root

    def _inner(self, path: str) -> str:
        return self._filesystem[1] + path.removeprefix(self.root)

    def _keys(self, table: Table) -> list[str]:
        if not self.remote and Path(self.root).is_file():
            raise UserError(f"cannot read {self.root}: the lake must be a folder, this is a file")
        folder = self._inner(self.uri(table))
        selector = fs.FileSelector(folder, recursive=True, allow_not_found=True)
        try:
            found = self._filesystem[0].get_file_info(selector)
        except OSError as error:
            raise UserError(f"cannot read {self.uri(table)}: {_reason(error)}") from None
        paths = [Path(info.path) for info in found if info.is_file]
        prefix = f"{table.partitioning.partition_column}="
        keys = [
            p.parent.name.removeprefix(prefix)
            for p in paths
            if p.name == FILE and p.parent.name.startswith(prefix)
        ]
        return sorted(keys)

    def _receipt(self, table: Table, key: str) -> PartitionStats:
        path = self._path(table, key)
        files, inner = self._filesystem[0], self._inner(path)
        try:
            size = files.get_file_info(inner).size or 0
            with files.open_input_file(inner) as file:
                footer = pq.read_metadata(file)
                file.seek(0)
                schema = pl.Schema(pl.read_parquet_schema(file))
        except (ArrowInvalid, pl.exceptions.PolarsError):
            raise DamagedPartitionError(table, key, path, "not a whole Parquet file") from None
        except OSError as error:
            raise UserError(f"cannot read {path}: {_reason(error)}") from None
        metadata = {k.decode(): v.decode() for k, v in (footer.metadata or {}).items()}
        return PartitionStats(
            key=key,
            rows=footer.num_rows,
            bytes=size,
            uri=path,
            fingerprint=metadata.get(FINGERPRINT, UNKNOWN),
            code_version=metadata.get(CODE_VERSION, UNKNOWN),
            schema=schema,
        )


def _write(frame: pl.LazyFrame, path: Path, provenance: dict[str, str], table: Table) -> None:
    frame.sink_parquet(
        path,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        row_group_size=ROW_GROUP_ROWS,
        metadata=provenance,
        arrow_schema=_arrow_schema(frame, table),
    )
    key = next((column for column in columns_of(table.schema) if column.primary_key), None)
    if key is not None:
        say_sorted(path, key.name)


def _arrow_schema(frame: pl.LazyFrame, table: Table) -> pa.Schema:
    """The frame's types; columns whose schema forbids nulls are ``required`` in the file."""
    required = {column.name for column in columns_of(table.schema) if not column.nullable}
    types = pl.DataFrame(schema=frame.collect_schema()).to_arrow().schema
    return pa.schema([field.with_nullable(field.name not in required) for field in types])


def _write_beside(
    frame: pl.LazyFrame, path: Path, provenance: dict[str, str], table: Table
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    unfinished = path.with_name(f".{FILE}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        _write(frame, unfinished, provenance, table)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    for left in folder.glob(f".{FILE}.*.tmp"):
        if time.time() - left.stat().st_mtime > STALE_AFTER:
            left.unlink(missing_ok=True)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turns what a file system or object store says into one line for a person."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {_reason(error)}; what was stored before is untouched"
        ) from None
    except pl.exceptions.SchemaError as error:
        if "nullable is false" not in str(error):
            raise
        raise UserError(
            f"cannot write {path}: a column that its schema does not allow to be null is null; "
            "what was stored before is untouched"
        ) from None
    except pl.exceptions.ComputeError as error:
        text = str(error).splitlines()[0]
        if "os error" not in text and "object" not in text.lower():
            raise
        raise UserError(
            f"cannot write {path}: {text}; what was stored before is untouched"
        ) from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
