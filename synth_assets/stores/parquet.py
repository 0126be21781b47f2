"""The Parquet store: one file per partition, in Hive folders, on a disk or in an object store.

The files are ``<root>/<domain>/<table>/<partition column>=<key>/data.parquet``, compressed with
zstd. On a disk a partition is written beside its final name and then renamed. For an object store
it is written to a local file first; it becomes visible when its upload is complete. Credentials of
object stores come from the environment only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from pyarrow import ArrowException, fs

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partition_stats import UNKNOWN, PartitionStats
from synth_assets.core.schema import polars_schema
from synth_assets.stores.folders import remove_empty
from synth_assets.stores.object_stores import refuse_wrong_url
from synth_assets.stores.parquet_contents import NotParquetError, contents, damage
from synth_assets.stores.parquet_writing import FILE, write, write_and_rename
from synth_assets.stores.storage_errors import is_of_storage
from synth_assets.stores.store import DamagedPartitionError, refuse_missing, refuse_other_columns

FINGERPRINT, CODE_VERSION = "synth.scenario", "synth.code_version"
# Keys of a scan that are looked up one by one; the folder is listed for more.
KEYS_LOOKED_UP = 8


class ParquetStore:
    """Partitions as Parquet files.

    Args:
        root: A folder, or a URL such as ``s3://bucket/lake``.

    Raises:
        UserError: It is a URL of something else.
    """

    kind = "parquet"

    def __init__(self, root: str) -> None:
        refuse_wrong_url(root, "SYNTH_LAKE")
        self.root = root.rstrip("/")
        self.remote = "://" in root
        if not self.remote:
            self.root = str(Path(root).expanduser().absolute())
        self._checked: set[tuple[str, type]] = set()

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
        with _translate_errors(path):
            if self.remote:
                self._upload(frame, path, provenance, table)
            else:
                write_and_rename(frame, Path(path), provenance, table)
        return self._stats(table, key)

    def _upload(
        self, frame: pl.LazyFrame, path: str, provenance: dict[str, str], table: Table
    ) -> None:
        # Through a local file: a sink into an object store completes its upload even if the frame
        # fails.
        with TemporaryDirectory(prefix="synth-") as folder:
            local_file = Path(folder) / FILE
            write(frame, local_file, provenance, table)
            files, local = self._filesystem[0], fs.LocalFileSystem()
            fs.copy_files(str(local_file), self._inner(path), local, files, use_threads=False)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        partition_column = table.partitioning.partition_column
        requested = self._keys(table) if keys is None else list(keys)
        if keys is not None:
            refuse_missing(table, keys, self._stored_among(table, keys), self.uri(table))
        if not requested:
            return pl.LazyFrame(schema={**polars_schema(table.schema), partition_column: pl.String})
        paths = [self._path(table, key) for key in requested]
        # Without a schema, Polars reads the first file's footer now and its rows later: those of
        # another file, if it is replaced in between.
        schema = None if self.remote else self._stats(table, requested[0]).schema
        return pl.scan_parquet(
            paths,
            schema=schema,
            hive_partitioning=True,
            hive_schema={partition_column: pl.String},
            _row_count=None if self.remote else self._row_count(table, requested),
        )

    def _row_count(self, table: Table, keys: Sequence[str]) -> tuple[int, int] | None:
        """Rows and deleted rows; without them, Polars may join from the larger side in memory."""
        with suppress(DamagedPartitionError):
            return sum(self._stats(table, key).rows for key in keys), 0
        return None

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        skipped = set(without)
        return {k: self._stats(table, k) for k in self._keys(table) if k not in skipped}

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        found: dict[str, DamagedPartitionError] = {}
        for key in sorted(set(keys) & self._stored_among(table, keys)):
            path = self._path(table, key)
            with _reading(path):
                reason = damage(self._filesystem[0], self._inner(path))
            if reason:
                found[key] = DamagedPartitionError(table, key, path, reason)
        return found

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        self._checked.clear()
        for key in set(keys) & set(self._keys(table)):
            path = self._path(table, key)
            with _translate_errors(path):
                self._filesystem[0].delete_file(self._inner(path))

    def remove(self, table: Table) -> None:
        self.drop(table, self._keys(table))
        with _translate_errors(self.uri(table)):
            remove_empty(self._filesystem[0], self._inner(self.uri(table)))

    def _refuse_other_columns(self, table: Table) -> None:
        """Checks the columns of one readable partition, once per table and schema."""
        if (table.path, table.schema) in self._checked:
            return
        for key in self._keys(table):
            with suppress(DamagedPartitionError):
                refuse_other_columns(table, self._stats(table, key).schema)
                break
        self._checked.add((table.path, table.schema))

    def _path(self, table: Table, key: str) -> str:
        return f"{self.uri(table)}/{table.partitioning.partition_column}={key}/{FILE}"

    @cached_property
    def _filesystem(self) -> tuple[fs.FileSystem, str]:
        """The file system of the root, and the root's path in it."""
        if not self.remote:
            return fs.LocalFileSystem(), self.root
        with _reading(self.root):
            files, root = fs.FileSystem.from_uri(self.root)
        return files, root

    def _inner(self, path: str) -> str:
        return self._filesystem[1] + path.removeprefix(self.root)

    def _stored_among(self, table: Table, keys: Sequence[str]) -> set[str]:
        """The stored keys, or just these if all are: a few are looked up, for more it lists all."""
        if len(keys) <= KEYS_LOOKED_UP:
            paths = [self._inner(self._path(table, key)) for key in keys]
            with suppress(OSError):
                if all(info.is_file for info in self._filesystem[0].get_file_info(paths)):
                    return set(keys)
        return set(self._keys(table))

    def _keys(self, table: Table) -> list[str]:
        if not self.remote and Path(self.root).is_file():
            raise UserError(f"cannot read {self.root}: the lake must be a folder, this is a file")
        folder = self._inner(self.uri(table))
        selector = fs.FileSelector(folder, recursive=True, allow_not_found=True)
        with _reading(self.uri(table)):
            found = self._filesystem[0].get_file_info(selector)
        folders = [Path(i.path).parent.name for i in found if i.is_file and i.base_name == FILE]
        prefix = f"{table.partitioning.partition_column}="
        return sorted(f.removeprefix(prefix) for f in folders if f.startswith(prefix))

    def _stats(self, table: Table, key: str) -> PartitionStats:
        path = self._path(table, key)
        files, inner = self._filesystem[0], self._inner(path)
        with _reading(path):
            try:
                found = contents(files, inner)
            except NotParquetError as error:
                raise DamagedPartitionError(table, key, path, str(error)) from None
        return PartitionStats(
            key=key,
            rows=found.rows,
            bytes=found.bytes,
            uri=path,
            fingerprint=found.metadata.get(FINGERPRINT, UNKNOWN),
            code_version=found.metadata.get(CODE_VERSION, UNKNOWN),
            schema=found.schema,
        )


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Turns errors of a file system or object store into a one-line ``UserError``."""
    try:
        yield
    except (OSError, ArrowException) as error:
        raise UserError(f"cannot read {path}: {_reason(error)}") from None


@contextmanager
def _translate_errors(path: str) -> Iterator[None]:
    """Turns errors of a file system or object store into a one-line ``UserError``."""
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
        if not is_of_storage(text):
            raise
        raise UserError(
            f"cannot write {path}: {text}; what was stored before is untouched"
        ) from None


def _reason(error: OSError | ArrowException) -> str:
    return (getattr(error, "strerror", None) or str(error)).splitlines()[0].lower()
