"""What derived tables read: partitions of other tables, computed when they are first read.

They are kept in memory, or as Parquet files in a folder of the user's, where the next world with
the same settings finds them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Reader, Table, TableView
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import polars_schema
from synth_assets.stores.kinds import open_store
from synth_assets.stores.routing import Stores


class MemoryReader:
    """Every partition of a domain's tables, kept in memory once it is read.

    Args:
        domain: The domain.
    """

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._fingerprint = domain.scenario.fingerprint()
        self._frames: dict[tuple[str, str], pl.DataFrame] = {}

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        """See ``Reader``."""
        requested = list(table.partitioning.keys() if keys is None else keys)
        missing = [key for key in requested if (table.name, key) not in self._frames]
        for partition, rows in _computed(self._domain, table, missing, self):
            self._frames[table.name, partition.key] = rows.collect()
        name = table.partitioning.partition_column
        parts = [
            self._frames[table.name, key].lazy().with_columns(pl.lit(key).alias(name))
            for key in requested
        ]
        return pl.concat(parts or [pl.LazyFrame(schema=_with_key(table))])

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        """See ``Reader``."""
        keys = _keys(table, without)
        self.scan(table, keys)
        schema = polars_schema(table.schema)
        return {
            key: PartitionStats(
                key, len(frame), 0, self.uri(table), self._fingerprint, table.code_version, schema
            )
            for key in keys
            for frame in [self._frames[table.name, key]]
        }

    def uri(self, table: Table) -> str:
        """See ``Reader``."""
        return f"memory:{table.path}"


class FolderReader:
    """Every partition of a domain's tables, kept as Parquet files in a folder once it is read.

    Args:
        domain: The domain.
        folder: The folder, created if it does not exist.

    Raises:
        UserError: The folder has a world of other settings, or cannot be written.
    """

    def __init__(self, domain: Domain, folder: Path) -> None:
        self._domain = domain
        self._fingerprint = domain.scenario.fingerprint()
        _claim(folder, domain)
        self._store = Stores.only(open_store("parquet", str(folder)))

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        """See ``Reader``."""
        requested = list(table.partitioning.keys() if keys is None else keys)
        store = self._store.of(table)
        there = store.describe(table)
        missing = [key for key in requested if key not in there]
        for partition, rows in _computed(self._domain, table, missing, self):
            store.replace(table, partition.key, rows, self._fingerprint)
        return store.scan(table, requested) if requested else pl.LazyFrame(schema=_with_key(table))

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        """See ``Reader``."""
        self.scan(table, _keys(table, without))
        return self._store.describe(table, without)

    def uri(self, table: Table) -> str:
        """See ``Reader``."""
        return self._store.uri(table)


def _computed(
    domain: Domain, table: Table, keys: Sequence[str], reader: Reader
) -> Iterator[tuple[Partition, pl.LazyFrame]]:
    """Partitions of a table, derived from what the reader has."""
    if not keys:
        return iter(())
    view = TableView(domain, table, keys, reader, domain.scenario, _refuse_query)
    return table.source.partitions(view)


def _refuse_query(table: Table, query: str) -> pl.DataFrame:
    raise UserError(
        f"{table.path} is read from BigQuery, which a world in Python does not ask: store it with "
        f"`synth materialize {table.path}`"
    )


def _keys(table: Table, without: Collection[str]) -> list[str]:
    keys = table.partitioning.keys()
    return [key for key in keys if key not in without]


def _with_key(table: Table) -> dict[str, pl.DataType]:
    return {**polars_schema(table.schema), table.partitioning.partition_column: pl.String()}


def _claim(folder: Path, domain: Domain) -> None:
    """Writes down what decides the rows of a folder; ``UserError`` if other rows are there."""
    file, now = folder / f"{domain.name}.world.json", _deciding(domain)
    try:
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
            return
        before = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot use folder {folder}: {error.strerror}") from None
    except ValueError:
        raise UserError(f"{file} is damaged: remove the folder, or use another") from None
    other = [name for name in {**now, **before} if before.get(name) != now.get(name)]
    if other:
        raise UserError(
            f"folder {folder} has a world of {domain.name} with other settings "
            f"({', '.join(sorted(other))}): use another folder, or remove this one"
        )


def _deciding(domain: Domain) -> dict[str, Any]:
    """The scenario, how far days go, and the code versions of the tables."""
    versions = {f"version of {table.name}": table.code_version for table in domain.tables}
    keys = {f"partitions of {t.name}": len(t.partitioning.keys()) for t in domain.tables}
    return {**domain.scenario.model_dump(mode="json"), **versions, **keys}
