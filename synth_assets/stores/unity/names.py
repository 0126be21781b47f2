"""Which names Unity Catalog takes, and where a table of this project has its place in it.

The catalog's own checks are wider; these are the names that need no escaping anywhere: in SQL
they are quoted, in the API's paths and in folders they stand as they are.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of

LOCATION = re.compile(r"([a-z0-9_-]{1,255})(?:\.([a-z0-9_-]*))?@(.+)", re.DOTALL)
NAME = re.compile(r"[a-z0-9_-]{1,255}")
# What Delta Lake forbids in columns of tables without column mapping, and what SQL quotes with.
FORBIDDEN = set(" ,;{}()\n\t=`")


class Place(NamedTuple):
    """A table's full name: catalog, schema and table."""

    catalog: str
    schema: str
    table: str

    @property
    def path(self) -> str:
        """``catalog.schema.table``, as the API takes it."""
        return ".".join(self)


def split_location(location: str) -> tuple[str, str, str]:
    """Catalog, prefix of schemas and root of the files; ``UserError`` for anything else."""
    found = LOCATION.fullmatch(location)
    if found is None:
        raise UserError(
            f"Unity Catalog location {location!r}: must be catalog@root or catalog.prefix_@root, "
            "names in lower-case letters, digits, underscores and dashes, the root an object "
            "store's URL (SYNTH_UNITY_CATALOG, SYNTH_UNITY_PREFIX, SYNTH_UNITY_ROOT)"
        )
    return found[1], found[2] or "", found[3]


def place_of(table: Table, catalog: str, prefix: str) -> Place:
    """Where a table is registered; ``UserError`` for a name that Unity Catalog does not take."""
    place = Place(catalog, prefix + table.domain, table.name.replace(" ", "_"))
    for what, name in (("schema", place.schema), ("table", table.name)):
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
    return place


def quoted(name: str) -> str:
    """A name, dots between its parts, as Databricks' SQL quotes it."""
    return ".".join(f"`{part.replace('`', '``')}`" for part in name.split("."))
