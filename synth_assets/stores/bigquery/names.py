"""Valid names in BigQuery and their quotes in SQL; every name is checked before any request.

BigQuery itself allows more in places (flexible column names, letters of every script). Names that
are valid here work everywhere: in loads, partitions, labels and SQL.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of

# Columns that the store adds to a table: the partition's index, the names of null lists.
PARTITION_INDEX = "_slice"
NULL_LISTS = "_null_lists"

LOCATION = re.compile(r"((?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*)(?:\.([A-Za-z0-9_]*))?")
DATASET = re.compile(r"[A-Za-z0-9_]{1,1024}")
TABLE = re.compile(r"[A-Za-z0-9_ -]{1,1024}")
COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")
RESERVED = (
    "_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier",
    "_change_sequence_number", "_change_type", "_change_timestamp", PARTITION_INDEX, NULL_LISTS,
)  # fmt: skip


class TableName(NamedTuple):
    """A table's full name: project, dataset and table."""

    project: str
    dataset: str
    table: str

    @property
    def path(self) -> str:
        """``project.dataset.table``, as BigQuery's client expects it."""
        return ".".join(self)

    @property
    def sql(self) -> str:
        """The name as SQL quotes it."""
        return ".".join(map(quoted, self))


def split_location(location: str) -> tuple[str, str]:
    """Parses the location of a store.

    Args:
        location: ``project`` or ``project.prefix``.

    Returns:
        The project and the prefix of datasets.

    Raises:
        UserError: The location has another form.
    """
    found = LOCATION.fullmatch(location)
    if found is None:
        raise UserError(
            f"BigQuery location {location!r}: must be a project's id, or project.prefix_ "
            "where the prefix has letters, digits and underscores"
        )
    return found[1], found[2] or ""


def table_name(table: Table, project: str, prefix: str) -> TableName:
    """The name of a table in BigQuery.

    Args:
        table: The table.
        project: The project.
        prefix: Prefix of the project's datasets.

    Raises:
        UserError: A name of the table or of a column is not valid.
    """
    _refuse(prefix + table.domain, DATASET, "dataset", "letters, digits and underscores")
    _refuse(table.name, TABLE, "table", "letters, digits, underscores, dashes and spaces")
    seen = set()
    for name in [*(c.name for c in columns_of(table.schema)), table.partitioning.partition_column]:
        refuse_column(name)
        if name.lower() in seen:
            raise UserError(f"column {name}: BigQuery takes upper and lower case for the same")
        seen.add(name.lower())
    # A name with blanks needs quotes everywhere, which not every tool supports.
    return TableName(project, prefix + table.domain, table.name.replace(" ", "_"))


def refuse_column(name: str) -> None:
    """Checks the name of a column or field.

    Args:
        name: The name.

    Raises:
        UserError: BigQuery does not allow the name, or the store itself uses it.
    """
    _refuse(name, COLUMN, "column", "letters, digits and underscores, not a digit first")
    if name.lower().startswith(RESERVED):
        raise UserError(f"column {name}: BigQuery or this store keeps names that begin so")


def _refuse(name: str, check: re.Pattern[str], what: str, allowed: str) -> None:
    if not check.fullmatch(name):
        raise UserError(
            f"the name of {what} {name} is none in BigQuery: a {what} is named with {allowed}"
        )


def quoted(name: str) -> str:
    """Quotes a name for BigQuery's SQL.

    Args:
        name: A single name.
    """
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
