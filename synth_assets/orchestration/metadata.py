"""What the UI shows of a table: schema tab, code link, and the figures of each partition."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from synth_assets.generation.domain import Domain
from synth_assets.generation.rules import Verdict
from synth_assets.generation.schema import ColumnInfo, columns_of, sql_type
from synth_assets.generation.slicing import Whole
from synth_assets.generation.stored import Receipt
from synth_assets.generation.table import Table
from synth_assets.stores.routing import Stores

PREVIEW_ROWS = 10


def definition_metadata(table: Table, stores: Stores) -> dict[str, Any]:
    """Metadata that is known before any run."""
    stored = table.stored_tables()[0]
    return {
        "dagster/column_schema": column_schema(table),
        "dagster/code_references": code_reference(table),
        "dagster/table_name": f"{stored.domain}.{stored.name}",
        "dagster/storage_kind": stores.of(table).kind,
        "dagster/uri": stores.of(table).uri(table),
    }


def column_schema(table: Table) -> dg.TableSchema:
    """Columns with types, descriptions, constraints and PII tags; keys as table constraints."""
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
    """Where the table's generator stands, not the factory that wraps it."""
    made_by = table.generate or table.derive or table.schema
    function = made_by.func if isinstance(made_by, partial) else made_by
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
    """Markdown for the asset's page: grain, keys, slices, rules."""
    lines = [table.doc, "", f"*{domain.doc}*", ""]
    cut = "" if isinstance(table.slicing, Whole) else f"Cut by `{table.slicing.axis}`. "
    lines.append(f"{cut}Rules:")
    lines += [
        f"- `{rule.name}`{'' if rule.blocking else ' (warns)'}: {rule.doc}"
        for rule in table.all_rules
    ]
    return "\n".join(lines)


def slice_metadata(receipt: Receipt, seconds: float, preview: pl.DataFrame) -> dict[str, Any]:
    """The figures of one partition; the same names for every table, so that plots compare."""
    return {
        "dagster/partition_row_count": receipt.rows,
        "rows": receipt.rows,
        "bytes": receipt.bytes,
        "seconds": round(seconds, 6),
        "rows_per_second": round(receipt.rows / seconds) if seconds > 0 else 0,
        "dagster/uri": receipt.uri,
        "scenario": receipt.fingerprint,
        **receipt.details,
        "preview": dg.MetadataValue.md(markdown_table(preview)),
    }


def verdict_metadata(verdict: Verdict) -> dict[str, dg.MetadataValue]:
    """Measured value, bound, further numbers and sample offenders of one verdict."""
    numbers = {"measured": verdict.measured, **verdict.numbers}
    metadata: dict[str, dg.MetadataValue] = {
        name: dg.MetadataValue.float(float(value)) for name, value in numbers.items()
    }
    metadata["bound"] = dg.MetadataValue.text(verdict.bound)
    if verdict.note:
        metadata["note"] = dg.MetadataValue.text(verdict.note)
    if verdict.offenders:
        metadata["offenders"] = dg.MetadataValue.md(_offenders(verdict.offenders))
    return metadata


def _offenders(rows: Sequence[Mapping[str, Any]]) -> str:
    return markdown_table(pl.DataFrame([{k: str(v) for k, v in row.items()} for row in rows]))


def markdown_table(frame: pl.DataFrame) -> str:
    """A frame as a Markdown table, cells cut at 40 characters."""
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
