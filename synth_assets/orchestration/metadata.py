"""What the UI shows of a table: schema tab, code link, and the statistics of each partition."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain, Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.schema import ColumnInfo, columns_of, sql_type
from synth_assets.core.stored_tables import stored_tables
from synth_assets.quality.structural import checks_of
from synth_assets.reports.json_report import plain
from synth_assets.stores.routing import Stores

PREVIEW_ROWS = 10


def definition_metadata(table: Table, stores: Stores) -> dict[str, Any]:
    """The asset's metadata that do not depend on a run.

    Args:
        table: The table.
        stores: Where it is stored.
    """
    stored = stored_tables(table)[0]
    return {
        "dagster/column_schema": column_schema(table),
        "dagster/code_references": code_reference(table),
        "dagster/table_name": f"{stored.domain}.{stored.name}",
        "dagster/storage_kind": stores.of(table).kind,
        "dagster/uri": stores.of(table).uri(table),
    }


def column_schema(table: Table) -> dg.TableSchema:
    """Columns with types, descriptions, constraints and PII tags; keys as table constraints.

    Args:
        table: The table.
    """
    columns = columns_of(table.schema)
    keys = [c.name for c in columns if c.primary_key]
    constraints = [f"primary key ({', '.join(keys)})"] if keys else []
    constraints += [_foreign_key(table, c) for c in columns if c.foreign_key]
    return dg.TableSchema(
        columns=[_column(c, unique=keys == [c.name]) for c in columns],
        constraints=dg.TableConstraints(other=constraints),
    )


def _foreign_key(table: Table, column: ColumnInfo) -> str:
    assert column.foreign_key is not None
    role, target = column.foreign_key
    return f"foreign key ({column.name}) references {table.parents[role]} ({target})"


def _column(column: ColumnInfo, *, unique: bool) -> dg.TableColumn:
    return dg.TableColumn(
        name=column.name,
        type=sql_type(column.dtype),
        description=column.description,
        constraints=dg.TableColumnConstraints(
            nullable=column.nullable,
            unique=unique,
            other=list(column.constraints),
        ),
        tags={"pii": column.pii} if column.pii else {},
    )


def code_reference(table: Table) -> dg.CodeReferencesMetadataValue:
    """The source location of the function that generates a table, else of its schema.

    Args:
        table: The table.
    """
    target = table.source.function or table.schema
    function = target.func if isinstance(target, partial) else target
    return dg.CodeReferencesMetadataValue(
        code_references=[
            dg.LocalFileCodeReference(
                file_path=inspect.getfile(function),
                line_number=inspect.getsourcelines(function)[1],
                label=function.__name__,
            )
        ]
    )


def description(domain: Domain, table: Table) -> str:
    """The asset's description in Markdown: grain, partition column, checks.

    Args:
        domain: The table's domain.
        table: The table.
    """
    lines = [table.doc, "", f"*{domain.doc}*", ""]
    partitioned = (
        ""
        if isinstance(table.partitioning, Unpartitioned)
        else f"Partitioned by `{table.partitioning.partition_column}`. "
    )
    lines.append(f"{partitioned}Checks:")
    lines += [
        f"- `{check.name}`{'' if check.blocking else ' (warns)'}: {check.doc}"
        for check in checks_of(table)
    ]
    return "\n".join(lines)


def partition_metadata(
    stats: PartitionStats, seconds: float, preview: pl.DataFrame
) -> dict[str, Any]:
    """Statistics of one partition, with the same names for every table.

    Args:
        stats: What the store reports of the partition.
        seconds: Time to generate and store it; rates are per second.
        preview: Its first rows.
    """
    return {
        "dagster/partition_row_count": stats.rows,
        "rows": stats.rows,
        "bytes": stats.bytes,
        "seconds": round(seconds, 6),
        "rows_per_second": round(stats.rows / seconds) if seconds > 0 else 0,
        "dagster/uri": stats.uri,
        "scenario": stats.fingerprint,
        **stats.details,
        "preview": dg.MetadataValue.md(markdown_table(preview)),
    }


def result_metadata(result: CheckResult) -> dict[str, dg.MetadataValue]:
    """Measured value, threshold, further numbers and sample failing rows of a check result.

    Args:
        result: The result.
    """
    numbers = {"measured": result.measured, **result.numbers}
    metadata: dict[str, dg.MetadataValue] = {
        name: dg.MetadataValue.float(float(value)) for name, value in numbers.items()
    }
    metadata["threshold"] = dg.MetadataValue.text(result.threshold)
    if result.note:
        metadata["note"] = dg.MetadataValue.text(result.note)
    if not result.readable:
        metadata["readable"] = dg.MetadataValue.bool(False)
    if result.failing_rows:
        metadata["failing_rows"] = _rows(result.failing_rows)
    return metadata


def _rows(rows: Sequence[Mapping[str, Any]]) -> dg.MetadataValue:
    """Rows as a table, or as JSON if they are nested or have different columns."""
    flat = [plain(row) for row in rows]
    cells = [cell for row in flat for cell in row.values()]
    if any(isinstance(cell, dict | list) for cell in cells) or len({*map(tuple, flat)}) > 1:
        return dg.MetadataValue.json({"rows": flat})
    columns = [dg.TableColumn(name, "string") for name in flat[0]]
    records = [dg.TableRecord(row) for row in flat]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))


def rows_of(value: dg.MetadataValue | None) -> list[dict[str, Any]]:
    """The rows in a metadata value that ``result_metadata`` has written.

    Args:
        value: A value with rows as a table or JSON; any other value has no rows.
    """
    match value:
        case dg.TableMetadataValue():
            return [dict(record.data) for record in value.records]
        case dg.JsonMetadataValue() if isinstance(value.data, dict):
            return list(value.data["rows"])
    return []


def markdown_table(frame: pl.DataFrame) -> str:
    """A frame as a Markdown table, with cells truncated to 40 characters.

    Args:
        frame: The rows, all of which are shown.
    """
    with pl.Config(
        tbl_formatting="MARKDOWN",
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_cols=-1,
        tbl_rows=-1,
        tbl_width_chars=10_000,
        fmt_str_lengths=40,
    ):
        return str(frame)
