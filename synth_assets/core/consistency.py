"""Whether the tables of a domain fit together: names, columns, parents and partitions.

The tables of a domain outside the package may be made by several files, in YAML and in Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from synth_assets.core.model import Domain, Table
from synth_assets.core.names import differing_in_case
from synth_assets.core.partitioning import Partitioning, Unpartitioned
from synth_assets.core.schema import columns_of

# A domain's tables are in a schema of its name, which nothing else may write. PostgreSQL has
# reserved all names that begin with ``pg_``; dbt builds a domain's models in its name and
# ``_marts``, and the customer journey's also in the others.
OF_DATABASES, OF_POSTGRES = ("information_schema", "main", "system", "temp"), "pg_"
OF_DBT, OF_MODELS = ("journey_intermediate", "marts", "staging_backend", "staging_ga4"), "_marts"
OF_REPLAYS = "replay"
# A step is called by its domain and its table with this between them, and the gate of a table ends
# in another word; the asset of a domain's gate report is among those of its tables.
SEPARATOR, OF_GATES, GATE_REPORT = "__", "__gate", "gate_report"

# The name of a table, and what is wrong with it; None for what is wrong with the domain itself.
Problem = tuple[str | None, str]


def problem_of_name(name: str) -> str | None:
    """What is wrong with the name of a domain; None if its schema is free.

    Args:
        name: The name.
    """
    if name in OF_DATABASES or name.startswith(OF_POSTGRES):
        of = "databases have a schema"
    elif name in OF_DBT or name.endswith(OF_MODELS):
        of = "dbt builds models in a schema"
    elif name == OF_REPLAYS:
        of = "replays write to a schema"
    elif SEPARATOR in f"{name}_":
        return f"a domain cannot be called {name!r}: {SEPARATOR!r} separates it from its tables"
    else:
        return None
    return f"a domain cannot be called {name!r}: {of} of that name"


def problem_of_table(name: str) -> str | None:
    """What is wrong with the name of a table; None if no other asset has it.

    Args:
        name: The name.
    """
    if name == GATE_REPORT:
        return f"a table cannot be called {name!r}: each domain has an asset of that name"
    if name.endswith(OF_GATES):
        return f"a table cannot be called {name!r}: the gates of tables end in {OF_GATES!r}"
    return None


def problems(domain: Domain) -> Iterator[Problem]:
    """Everything that is wrong with the tables of a domain together.

    Args:
        domain: The domain.
    """
    names = Counter(table.name for table in domain.tables)
    for name, count in names.items():
        if count > 1:
            yield name, f"{count} tables are called {name!r}"
        if (wrong := problem_of_table(name)) is not None:
            yield name, wrong
    if (wrong := problem_of_name(domain.name)) is not None:
        yield None, wrong
    for table in domain.tables:
        yield from _of_table(domain, table, names)
    yield from _of_partitions(domain)


def _of_table(domain: Domain, table: Table, names: Counter[str]) -> Iterator[Problem]:
    if table.domain != domain.name:
        yield table.name, f"the table {table.path} must be of the domain {domain.name!r}"
    for parent in table.parent_names:
        if parent not in names:
            yield table.name, f"{table.path} refers to {parent!r}, which is no table of the domain"
    columns = [column.name for column in columns_of(table.schema)]
    for column, other in differing_in_case([table.partitioning.partition_column, *columns]):
        yield (
            table.name,
            f"{table.path} has columns {column!r} and {other!r}: databases do not distinguish "
            "them; give one another name",
        )


def _of_partitions(domain: Domain) -> Iterator[Problem]:
    """Tables with other partitions than the first that is partitioned: a run has one range."""
    first: dict[Partitioning, Table] = {}
    for table in domain.tables:
        if not isinstance(table.partitioning, Unpartitioned):
            first.setdefault(table.partitioning, table)
    # Partitionings may differ in the name of their column, and have the same keys.
    of_keys: dict[tuple[type, tuple[str, ...]], Table] = {}
    for partitioning, table in first.items():
        of_keys.setdefault((type(partitioning), tuple(partitioning.keys())), table)
    for other in [*of_keys.values()][1:]:
        path = next(iter(of_keys.values())).path
        yield (
            other.name,
            f"{path} and {other.path} are partitioned differently: the partitioned tables of a "
            "domain must have the same partitions, and others be unpartitioned",
        )
