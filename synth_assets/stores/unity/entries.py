"""A Delta table's entry in the catalog: its columns, its properties, and its registration.

The log in the table's folder stays authoritative; the entry points to it. The API cannot change
the columns of an entry, so an entry with other columns is deleted and created again. This does not
change the files but loses grants and tags on the table.
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
from synth_assets.stores.unity.names import TableName
from synth_assets.stores.unity.workspace import AlreadyExistsError, NotFoundError, request

# Names of Delta types that differ in Spark SQL, and in the API (``ColumnTypeName``).
SQL = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
API = {"integer": "INT"}


def columns_of(delta: DeltaTable) -> list[ColumnInfo]:
    """The columns of a Delta table in the catalog's format, with the partition column marked.

    Args:
        delta: The Delta table.
    """
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
    """A Delta type as Spark SQL writes it."""
    if not isinstance(type_, dict):
        return SQL.get(type_, str(type_))
    if type_["type"] == "array":
        return f"array<{_sql(type_['elementType'])}>"
    fields = (f"{field['name']}:{_sql(field['type'])}" for field in type_["fields"])
    return f"struct<{','.join(fields)}>"


def properties_of(table: Table, delta: DeltaTable) -> dict[str, str]:
    """The properties of the entry: the log's configuration, and facts about the table.

    Args:
        table: The table.
        delta: Its Delta table.
    """
    logged = {name: str(value) for name, value in delta.metadata().configuration.items()}
    facts = {
        "comment": table.doc,
        "synth.table": table.path,
        "synth.partitionBy": ",".join(delta.metadata().partition_columns),
        "synth.zorderBy": ",".join(sort_columns(table)),
        **{f"synth.tag.{name}": value for name, value in table.tags.items()},
    }
    return {name: value for name, value in {**logged, **facts}.items() if value}


def storage_location(folder: Folder) -> str:
    """The folder's URL in the catalog.

    Args:
        folder: The table's folder.
    """
    return folder.url if folder.remote else Path(folder.path).as_uri()


def register(
    client: WorkspaceClient, name: TableName, table: Table, delta: DeltaTable, folder: Folder
) -> None:
    """Registers a table with its current columns, if the catalog does not have it so.

    Args:
        client: A client of the workspace.
        name: The table's name in the catalog; the schema is created if needed.
        table: The table.
        delta: Its Delta table.
        folder: Its folder.

    Raises:
        UserError: The name belongs to a table at another location, or a request failed.
    """
    columns, location = columns_of(delta), storage_location(folder)
    _ensure_schema(client, name, table)
    found = _find(client, name)
    if found is not None:
        _refuse_foreign(found, name, location)
        if _signature(found.columns or []) == _signature(columns):
            return
        request(f"register {name.path} anew", lambda: client.tables.delete(name.path))
    try:
        request(
            f"register {name.path}",
            lambda: client.tables.create(
                name=name.table,
                catalog_name=name.catalog,
                schema_name=name.schema,
                table_type=TableType.EXTERNAL,
                data_source_format=DataSourceFormat.DELTA,
                storage_location=location,
                columns=columns,
                properties=properties_of(table, delta),
            ),
        )
    except AlreadyExistsError:
        # Another writer was first, or the request was repeated after its response was lost.
        found = _find(client, name)
        if found is None:
            raise
        _refuse_foreign(found, name, location)


def unregister(client: WorkspaceClient, name: TableName, folder: Folder) -> None:
    """Removes a table from the catalog; its files stay.

    Args:
        client: A client of the workspace.
        name: The table's name in the catalog; it need not be registered.
        folder: Its folder.

    Raises:
        UserError: The name belongs to a table at another location, or a request failed.
    """
    found = _find(client, name)
    if found is not None:
        _refuse_foreign(found, name, storage_location(folder))
        request(f"remove {name.path}", lambda: client.tables.delete(name.path))


def _ensure_schema(client: WorkspaceClient, name: TableName, table: Table) -> None:
    schema = f"{name.catalog}.{name.schema}"
    try:
        request(f"look up schema {schema}", lambda: client.schemas.get(schema))
    except NotFoundError:
        comment = f"Synthetic data: {table.domain}."
        try:
            request(
                f"create schema {schema}",
                lambda: client.schemas.create(name.schema, name.catalog, comment=comment),
            )
        except AlreadyExistsError:
            return


def _find(client: WorkspaceClient, name: TableName) -> TableInfo | None:
    try:
        return request(f"look up {name.path}", lambda: client.tables.get(name.path))
    except NotFoundError:
        return None


def _refuse_foreign(found: TableInfo, name: TableName, location: str) -> None:
    registered = (found.storage_location or "").rstrip("/")
    if found.table_type != TableType.EXTERNAL or registered != location.rstrip("/"):
        kind = found.table_type.value if found.table_type else "unknown"
        raise UserError(
            f"{name.path} is in the catalog already, as {kind} table at "
            f"{registered or 'no location'} "
            f"and not at {location}: choose another SYNTH_UNITY_PREFIX, or drop it there"
        )


def _signature(columns: Sequence[ColumnInfo]) -> list[tuple[str, str]]:
    ordered = sorted(columns, key=lambda column: column.position or 0)
    return [(str(c.name), (c.type_text or "").lower().replace(" ", "")) for c in ordered]
