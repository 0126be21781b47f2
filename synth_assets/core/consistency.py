"""Whether the tables of a domain fit together: names, columns, parents and partitions.

The tables of a domain outside the package may be made by several files, in YAML and in Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from synth_assets.core.model import Domain, Table
from synth_assets.core.names import differing_in_case
from synth_assets.core.partitioning import ONE_PARTITIONING, Partitioning, Unpartitioned
from synth_assets.core.schema import columns_of


def problems(domain: Domain) -> Iterator[str]:
    """Everything that is wrong with the tables of a domain together.

    Args:
        domain: The domain.
    """
    names = Counter(table.name for table in domain.tables)
    yield from (f"{count} tables are called {name!r}" for name, count in names.items() if count > 1)
    for table in domain.tables:
        yield from _of_table(domain, table, names)
    yield from _of_partitions(domain)


def _of_table(domain: Domain, table: Table, names: Counter[str]) -> Iterator[str]:
    if table.domain != domain.name:
        yield f"the table {table.path} must be of the domain {domain.name!r}"
    for parent in table.parent_names:
        if parent not in names:
            yield f"{table.path} refers to {parent!r}, which is no table of the domain"
    columns = [column.name for column in columns_of(table.schema)]
    for column, other in differing_in_case([table.partitioning.partition_column, *columns]):
        yield (
            f"{table.path} has columns {column!r} and {other!r}: databases do not distinguish "
            "them; give one another name"
        )


def _of_partitions(domain: Domain) -> Iterator[str]:
    """Tables with other partitions than the first that is partitioned: a run has one range."""
    paths: dict[Partitioning, str] = {}
    for table in domain.tables:
        if not isinstance(table.partitioning, Unpartitioned):
            paths.setdefault(table.partitioning, table.path)
    # Partitionings may differ in the name of their column, and have the same keys.
    of_keys: dict[tuple[type, tuple[str, ...]], str] = {}
    for partitioning, path in paths.items():
        of_keys.setdefault((type(partitioning), tuple(partitioning.keys())), path)
    first, *others = of_keys.values() or [""]
    yield from (
        f"{first} and {other} are partitioned differently: {ONE_PARTITIONING}" for other in others
    )
