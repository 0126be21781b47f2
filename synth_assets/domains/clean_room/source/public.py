"""The real merchant: the public data set itself, in the place of its look-alike.

Its tables are copied as they are. Only their keys are judged, and what is wrong with them warns:
nobody here made them.
"""

from __future__ import annotations

from dataclasses import replace

from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.core.sources import Queried

# What the names of the look-alike's tables begin with.
PREFIX = "thelook_"


def public(table: Table, dataset: str) -> Table:
    """A table of the look-alike as that of ``dataset`` (``project.dataset``)."""
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
