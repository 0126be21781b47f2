"""The tables of a new domain: their names, how they are partitioned, and what they refer to."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions

from synth_assets.core.errors import UnknownNameError, UserError

# Letters of a name at most: what is made of it (columns, schemas, lines of code) is longer.
LONGEST = 30
PARTITIONINGS = ("unpartitioned", "sharded", "daily")
DEFAULT_TABLES = "customers,orders:daily"


@dataclass(frozen=True)
class NewTable:
    """A table of a new domain.

    Attributes:
        name: Its name.
        partitioning: One of ``PARTITIONINGS``.
        parent: The table that it refers to; None for the first.
    """

    name: str
    partitioning: str
    parent: str | None

    @property
    def is_daily(self) -> bool:
        """Whether it has one partition a day."""
        return self.partitioning == "daily"

    @property
    def reference(self) -> str:
        """The column that refers to the parent."""
        return f"{str(self.parent).removesuffix('s') or self.parent}_id"

    @property
    def rows_field(self) -> str:
        """The scenario's field for the number of rows: as a domain in YAML has it."""
        return f"{self.name}_per_day" if self.is_daily else f"{self.name}_rows"


def require_name(name: str, what: str) -> str:
    """A name for a table or a domain.

    Args:
        name: The name.
        what: What it names, for errors.

    Raises:
        UserError: The name cannot be that of a schema, folder and module.
    """
    if keyword.iskeyword(name):
        raise UserError(f"{what} {name!r}: is a keyword of Python, so no module can have the name")
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or len(name) > LONGEST:
        raise UserError(
            f"{what} {name!r}: must be lower-case letters, digits and _, at most {LONGEST}, the "
            "first a letter"
        )
    return name


def require_package_name(name: str) -> str:
    """A name for a domain whose folder is a package of Python.

    Args:
        name: The name.

    Raises:
        UserError: The package would hide one of the standard library, or one that is installed.
    """
    if name in sys.stdlib_module_names or name in packages_distributions():
        raise UserError(
            f"domain {name!r}: Python has a module of that name, which the folder would hide: give "
            "another name, or leave out --python"
        )
    return name


def parse_tables(text: str) -> Sequence[NewTable]:
    """The tables of a list such as ``customers,orders:daily``.

    The tables after the first refer to the first, which is not daily unless all are.

    Args:
        text: The list.

    Raises:
        UserError: A name or a partitioning is wrong, or a name occurs twice.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        name, _, kind = part.strip().partition(":")
        require_name(name, "table")
        if (kind or PARTITIONINGS[0]) not in PARTITIONINGS:
            raise UnknownNameError(f"partitioning of table {name}", kind, list(PARTITIONINGS))
        if name in found:
            raise UserError(f"table {name!r} is named twice")
        found[name] = kind or PARTITIONINGS[0]
    partitioned = [name for name, kind in found.items() if kind != PARTITIONINGS[0]]
    for name in partitioned[1:]:
        if found[name] != found[partitioned[0]]:
            raise UserError(
                f"{partitioned[0]} is {found[partitioned[0]]}, {name} {found[name]}: the "
                "partitioned tables of a domain must have the same partitions"
            )
    [first, *others] = found
    if found[first] == "daily" and any(found[other] != "daily" for other in others):
        raise UserError(
            f"the other tables refer to {first}, so it can be daily only if all are: name a table "
            "first that is not"
        )
    return [NewTable(n, kind, None if n == first else first) for n, kind in found.items()]
