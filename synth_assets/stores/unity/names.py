"""Valid names in Unity Catalog, and the name of a table there.

The catalog itself allows more; names that are valid here need no escaping in URLs of the API and
in folders, and only quotes in SQL.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of

LOCATION = re.compile(r"([a-z0-9_-]{1,255})(?:\.([a-z0-9_-]*))?@(.+)", re.DOTALL)
NAME = re.compile(r"[a-z0-9_-]{1,255}")
# Characters that Delta Lake forbids in columns of tables without column mapping, and SQL's quote.
FORBIDDEN = set(" ,;{}()\n\t=`")


class TableName(NamedTuple):
    """A table's full name: catalog, schema and table."""

    catalog: str
    schema: str
    table: str

    @property
    def path(self) -> str:
        """``catalog.schema.table``, as the API expects it."""
        return ".".join(self)


def split_location(location: str) -> tuple[str, str, str]:
    """Parses the location of a store.

    Args:
        location: ``catalog@root`` or ``catalog.prefix@root``.

    Returns:
        Catalog, prefix of schemas and root of the files.

    Raises:
        UserError: The location has another form.
    """
    found = LOCATION.fullmatch(location)
    if found is None:
        raise UserError(
            f"Unity Catalog location {location!r}: must be catalog@root or catalog.prefix_@root, "
            "names in lower-case letters, digits, underscores and dashes, the root an object "
            "store's URL (SYNTH_UNITY_CATALOG, SYNTH_UNITY_PREFIX, SYNTH_UNITY_ROOT)"
        )
    return found[1], found[2] or "", found[3]


def table_name(table: Table, catalog: str, prefix: str) -> TableName:
    """The name that a table is registered under.

    Args:
        table: The table.
        catalog: Name of the catalog.
        prefix: Prefix of its schemas.

    Raises:
        UserError: A name of the table or of a column is not valid.
    """
    full_name = TableName(catalog, prefix + table.domain, table.name.replace(" ", "_"))
    for what, name in (("schema", full_name.schema), ("table", table.name)):
        if not NAME.fullmatch(name.replace(" ", "_")):
            raise UserError(
                f"the name of {what} {name} is none in Unity Catalog: a {what} is named with "
                "lower-case letters, digits, underscores, dashes and (a table) blanks"
            )
    seen: set[str] = set()
    for name in [*(c.name for c in columns_of(table.schema)), table.partitioning.partition_column]:
        if FORBIDDEN & set(name):
            raise UserError(
                f"column {name}: Delta tables of Unity Catalog take no blanks, quotes and "
                "none of , ; { } ( ) ="
            )
        if name.lower() in seen:
            raise UserError(f"column {name}: Unity Catalog takes upper and lower case for the same")
        seen.add(name.lower())
    return full_name


def quoted(name: str) -> str:
    """Quotes a name for Databricks SQL.

    Args:
        name: A name, with dots between its parts.
    """
    return ".".join(f"`{part.replace('`', '``')}`" for part in name.split("."))
