"""Where a table is stored when its schema is not the domain's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class TableLocation:
    """A schema other than the domain's.

    Attributes:
        schema: The schema's name.
        suffixes: Suffix of the table's name by partition key, where each partition is a table of
            its own; without suffixes, partitions share one table as usual.
        prefix: Prefix of table names in the domain that is omitted in this schema.
    """

    schema: str
    suffixes: Mapping[str, str] | None = None
    prefix: str = ""
