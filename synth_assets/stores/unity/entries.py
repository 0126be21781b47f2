"""A Delta table's entry in the catalog: its columns, its properties, and how it gets there.

The log in the table's folder stays what counts; the entry tells the catalog where it is. The
API changes no columns of an entry, so one with other columns is taken out and put in again,
which leaves the files alone but loses grants and tags on the table.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import (
    ColumnInfo,
    ColumnTypeName,
    DataSourceFormat,
    TableInfo,
    TableType,
)
from deltalake import DeltaTable

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.delta.maintenance import sort_columns
from synth_assets.stores.unity.names import Place
from synth_assets.stores.unity.service import NotThereError, TakenError, asked

# Delta's types and Spark's other names of some of them.
SQL = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
API = {"integer": "INT"}


def columns_of(delta: DeltaTable) -> list[ColumnInfo]:
    """The columns of a Delta table as the catalog wants them, the axis marked as partition."""
    partitions = delta.metadata().partition_columns
    fields = json.loads(delta.schema().to_json())["fields"]
    return [_column(field, number, partitions) for number, field in enumerate(fields)]


def _column(field: dict[str, Any], position: int, partitions: Sequence[str]) -> ColumnInfo:
    name, type_ = str(field["name"]), field["type"]
    kind = type_["type"] if isinstance(type_, dict) else type_.partition("(")[0]
    digits = type_[8:-1].split(",") if kind == "decimal" else []
    return ColumnInfo(
        name=name,
        type_text=_sql(type_),
        type_json=json.dumps(field, ensure_ascii=False),
        type_name=ColumnTypeName(API.get(kind, kind.upper())),
        type_precision=int(digits[0]) if digits else 0,
        type_scale=int(digits[1]) if digits else 0,
        nullable=bool(field["nullable"]),
        comment=field["metadata"].get("comment"),
        position=position,
        partition_index=partitions.index(name) if name in partitions else None,
    )


def _sql(type_: Any) -> str:
    """A Delta type as Spark's catalogs write it."""
    if not isinstance(type_, dict):
        return SQL.get(type_, str(type_))
    if type_["type"] == "array":
        return f"array<{_sql(type_['elementType'])}>"
    fields = (f"{field['name']}:{_sql(field['type'])}" for field in type_["fields"])
    return f"struct<{','.join(fields)}>"


def properties_of(table: Table, delta: DeltaTable) -> dict[str, str]:
    """What the log says of how to write the table, and what the project says of it."""
    logged = {name: str(value) for name, value in delta.metadata().configuration.items()}
    told = {
        "comment": table.doc,
        "synth.table": table.path,
        "synth.partitionBy": ",".join(delta.metadata().partition_columns),
        "synth.zorderBy": ",".join(sort_columns(table)),
        **{f"synth.tag.{name}": value for name, value in table.tags.items()},
    }
    return {name: value for name, value in {**logged, **told}.items() if value}


def storage_location(folder: Folder) -> str:
    """The folder as the catalog calls it."""
    return folder.url if folder.remote else Path(folder.path).as_uri()


def register(
    client: WorkspaceClient, place: Place, table: Table, delta: DeltaTable, folder: Folder
) -> None:
    """Sees to it that the catalog has the table, with the columns it has now.

    ``UserError`` where the name is taken by a table that lies elsewhere.
    """
    columns, location = columns_of(delta), storage_location(folder)
    _make_schema(client, place, table)
    found = _found(client, place)
    if found is not None:
        _refuse_stranger(found, place, location)
        if _told(found.columns or []) == _told(columns):
            return
        asked(f"register {place.path} anew", lambda: client.tables.delete(place.path))
    try:
        asked(
            f"register {place.path}",
            lambda: client.tables.create(
                name=place.table,
                catalog_name=place.catalog,
                schema_name=place.schema,
                table_type=TableType.EXTERNAL,
                data_source_format=DataSourceFormat.DELTA,
                storage_location=location,
                columns=columns,
                properties=properties_of(table, delta),
            ),
        )
    except TakenError:
        # Another writer was first, or an answer was lost on its way and asked for again.
        found = _found(client, place)
        if found is None:
            raise
        _refuse_stranger(found, place, location)


def _make_schema(client: WorkspaceClient, place: Place, table: Table) -> None:
    name = f"{place.catalog}.{place.schema}"
    try:
        asked(f"look up schema {name}", lambda: client.schemas.get(name))
    except NotThereError:
        comment = f"Synthetic data: {table.domain}."
        try:
            asked(
                f"create schema {name}",
                lambda: client.schemas.create(place.schema, place.catalog, comment=comment),
            )
        except TakenError:
            return


def _found(client: WorkspaceClient, place: Place) -> TableInfo | None:
    try:
        return asked(f"look up {place.path}", lambda: client.tables.get(place.path))
    except NotThereError:
        return None


def _refuse_stranger(found: TableInfo, place: Place, location: str) -> None:
    there = (found.storage_location or "").rstrip("/")
    if found.table_type != TableType.EXTERNAL or there != location.rstrip("/"):
        kind = found.table_type.value if found.table_type else "unknown"
        raise UserError(
            f"{place.path} is in the catalog already, as {kind} table at {there or 'no location'} "
            f"and not at {location}: choose another SYNTH_UNITY_PREFIX, or drop it there"
        )


def _told(columns: Sequence[ColumnInfo]) -> list[tuple[str, str]]:
    ordered = sorted(columns, key=lambda column: column.position or 0)
    return [(str(c.name), (c.type_text or "").lower().replace(" ", "")) for c in ordered]
