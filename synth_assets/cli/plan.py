"""What a run would make, with estimated rows and seconds, before anything is made.

A table is taken to have the rows of its stored partitions, if these are of the same scenario, or
else its row numbers, of which a generator may leave some out. How many rows a derived table has is
not known before. Seconds are a rough figure for two cores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table as Grid

from synth_assets.cli.console import confirmed, counted, interactive, out
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.scenario import Scenario
from synth_assets.core.sources import Generated
from synth_assets.stores import DamagedPartitionError
from synth_assets.stores.routing import Stores

# Measured with their gates on two cores, with 60 days and with 8 shards of all domains: what a run,
# a table and a partition take besides their rows, and the rows of a second. dbt's time does not
# depend on the rows at this scale.
RUN_SECONDS, TABLE_SECONDS, PARTITION_SECONDS, ROWS_PER_SECOND = 8.0, 0.4, 0.02, 600_000
DBT_SECONDS = 25.0
# What is asked about on a terminal, unless --yes is given.
MOST_SECONDS, MOST_PARTITIONS = 60, 1_000


@dataclass(frozen=True)
class TablePlan:
    """A table of a planned run.

    Attributes:
        table: ``domain/table``.
        partitions: Partitions to make.
        stored: Those of them that are stored, which are replaced; None if it was not looked up.
        rows: Estimated rows of all of them; None where it cannot be known before.
        seconds: Estimated duration.
    """

    table: str
    partitions: int
    stored: int | None
    rows: int | None
    seconds: float


@dataclass(frozen=True)
class Plan:
    """A planned run of a domain.

    Attributes:
        domain: The domain's name.
        first: First partition key; None without partitions.
        last: Last partition key; None without partitions.
        dbt: Whether dbt's models are built, too.
        seconds: Estimated duration.
        tables: The tables.
    """

    domain: str
    first: str | None
    last: str | None
    dbt: bool
    seconds: float
    tables: list[TablePlan]

    @property
    def partitions(self) -> int:
        """Partitions of all tables together."""
        return sum(table.partitions for table in self.tables)


def planned(
    domain: Domain,
    tables: Sequence[Table],
    keys: Sequence[str],
    values: dict[str, Any],
    *,
    dbt: bool,
    stores: Stores | None = None,
) -> Plan:
    """Plans a run of a domain.

    Args:
        domain: The domain.
        tables: The tables to make.
        keys: The partition keys of the run.
        values: Launchpad fields of the scenario.
        dbt: Whether dbt's models are built, too.
        stores: Where to look up what is stored; None to look up nothing.

    Raises:
        UserError: A store cannot be read.
    """
    scenario = type(domain.scenario).of({**domain.scenario.model_dump(), **values})
    plans: list[TablePlan] = []
    work: dict[str, int] = {}  # a derived table takes the time of the largest that it reads
    for table in domain.tables:
        requested = _keys(table, keys)
        stats = _stored(table, stores) if stores and table in tables else {}
        rows = _rows(table, requested, scenario, stats)
        parents = (work.get(name, 0) for name in table.parent_names)
        work[table.name] = rows or max(parents, default=0)
        if table in tables:
            stored = len(stats.keys() & set(requested)) if stores else None
            seconds = _seconds(len(requested), work[table.name])
            plans.append(TablePlan(table.path, len(requested), stored, rows, seconds))
    seconds = RUN_SECONDS + sum(plan.seconds for plan in plans) + (DBT_SECONDS if dbt else 0)
    first, last = (keys[0], keys[-1]) if keys else (None, None)
    return Plan(domain.name, first, last, dbt, round(seconds, 1), plans)


def _keys(table: Table, keys: Sequence[str]) -> Sequence[str]:
    """The partitions of a table in a run: those of the run, or the whole table."""
    partitioned = not isinstance(table.partitioning, Unpartitioned)
    return keys if partitioned else table.partitioning.keys()


def _stored(table: Table, stores: Stores) -> dict[str, PartitionStats]:
    """The stored partitions; none where one of them is damaged."""
    try:
        return stores.describe(table)
    except DamagedPartitionError:
        return {}


def _rows(
    table: Table, keys: Sequence[str], scenario: Scenario, stored: Mapping[str, PartitionStats]
) -> int | None:
    same = [s.rows for s in stored.values() if s.fingerprint == scenario.fingerprint()]
    if same:
        return round(sum(same) / len(same) * len(keys))
    if not isinstance(table.source, Generated):
        return None
    ranges = (table.partition(scenario, key) for key in keys)
    return sum(partition.stop - partition.start for partition in ranges)


def _seconds(partitions: int, rows: int) -> float:
    return round(TABLE_SECONDS + partitions * PARTITION_SECONDS + rows / ROWS_PER_SECOND, 2)


def documents(plans: Sequence[Plan]) -> dict[str, Any]:
    """Plans as JSON has them.

    Args:
        plans: The plans.
    """
    return {"dry_run": True, "runs": [asdict(plan) for plan in plans]}


def print_plans(plans: Sequence[Plan]) -> None:
    """Prints what runs would make.

    Args:
        plans: The plans.
    """
    for plan in plans:
        keys = f", partitions {plan.first} to {plan.last}" if plan.first else ""
        out.print(f"{plan.domain}{keys}{', and its dbt models' if plan.dbt else ''}")
        grid = Grid()
        grid.add_column("table", no_wrap=True)
        for name in ("partitions", "stored now", "about rows", "about seconds"):
            grid.add_column(name, justify="right")
        for table in plan.tables:
            grid.add_row(
                table.table.partition("/")[2],
                f"{table.partitions:,}",
                "" if table.stored is None else f"{table.stored:,}",
                "?" if table.rows is None else f"{table.rows:,}",
                f"{table.seconds:,.1f}",
            )
        out.print(grid)
    out.print(f"{described(plans)}. Nothing was made.", highlight=False, soft_wrap=True)


def described(plans: Sequence[Plan]) -> str:
    """Plans in a sentence: tables, partitions, rows, time.

    Args:
        plans: The plans.
    """
    tables = [table for plan in plans for table in plan.tables]
    rows = sum(table.rows or 0 for table in tables)
    unknown = sum(table.rows is None for table in tables)
    more = f" and those of {counted(unknown, 'derived table')}" if unknown else ""
    partitions = sum(table.partitions for table in tables)
    return (
        f"{counted(len(tables), 'table')}, {counted(partitions, 'partition')}, about "
        f"{counted(rows, 'row')}{more}, about {_duration(sum(plan.seconds for plan in plans))} "
        "on two cores"
    )


def ask_before(plans: Callable[[], Sequence[Plan]], smaller: str, *, yes: bool) -> None:
    """Asks on a terminal before more than a minute's work or a thousand partitions.

    Args:
        plans: Plans the runs.
        smaller: What the user may do instead, for the error.
        yes: Whether ``--yes`` has answered.

    Raises:
        UserError: The answer was no.
    """
    if yes or not interactive():
        return
    runs = plans()
    if is_large(runs) and not confirmed(f"{described(runs)}. Make them?", yes=yes):
        raise UserError(f"nothing was made; {smaller}, --yes does not ask")


def is_large(plans: Sequence[Plan]) -> bool:
    """Whether runs take more than a minute, or make more than a thousand partitions.

    Args:
        plans: The plans.
    """
    seconds = sum(plan.seconds for plan in plans)
    return seconds > MOST_SECONDS or sum(plan.partitions for plan in plans) > MOST_PARTITIONS


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{seconds / 60:,.0f} minutes" if seconds < 5400 else f"{seconds / 3600:,.1f} hours"
