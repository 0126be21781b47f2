"""The public data set itself, in place of its look-alike.

Its tables are copied without changes. Only their keys are checked, and a failed check is a warning,
since the rows are not generated here.
"""

from __future__ import annotations

from dataclasses import replace

from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.core.sources import Queried

# Prefix of the look-alike's table names.
PREFIX = "thelook_"


def public(table: Table, dataset: str) -> Table:
    """A copy of a public table, with the schema of the look-alike's.

    Args:
        table: The look-alike's table.
        dataset: The public data set, ``project.dataset``.
    """
    columns = ",\n  ".join(f"`{column.name}`" for column in columns_of(table.schema))
    key = next(column.name for column in columns_of(table.schema) if column.primary_key)
    name = table.name.removeprefix(PREFIX)
    return replace(
        table,
        doc=f"{table.doc} Copied from `{dataset}`.",
        source=Queried(f"SELECT\n  {columns}\nFROM `{dataset}.{name}`\nORDER BY `{key}`"),
        checks=(),
        blocking=False,
    )
