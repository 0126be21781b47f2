"""The tables of a new domain as Python: ``domain.py``, ``scenario.py`` and a module for each.

Names in the code do not depend on those of tables, or end with what no other name ends with
(``_module``, ``_rows``, ``_per_day``, ``_id``), so that any table's name is possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from synth_assets.scaffold.names import NewTable

# Longest line: that of formatters without a configuration.
LINE = 88
DOMAIN = '''\
"""The tables and the scenario of {name}."""

from __future__ import annotations

from synth_assets.core.model import Domain

from .scenario import DOMAIN, Settings
{modules_import}

def domain() -> Domain:
    """The domain, with its scenario from the environment."""
    scenario = Settings.from_environment(DOMAIN)
{modules_list}
    return Domain(
        name=DOMAIN,
        doc="What the tables of {name} are about.",
        owners=["team:{name}"],
        scenario=scenario,
        tables=[module.table(scenario) for module in modules],
    )
'''
SCENARIO = '''\
"""The settings of {name}."""

from __future__ import annotations

from datetime import date

from pydantic import Field
from synth_assets.core.partitioning import Daily, Sharded, Unpartitioned
from synth_assets.core.scenario import LAYOUT, ORIGIN, EndDate, Scenario

DOMAIN = "{name}"


class Settings(Scenario):
    """Days, shards and numbers of rows."""

    start_date: date = Field(
        default=date(2026, 1, 1),
        json_schema_extra=ORIGIN.extra,
        description="First day.",
    )
    end_date: EndDate = Field(
        default=date(2026, 1, 15),
        json_schema_extra=LAYOUT.extra,
        description="Day after the last.",
    )
    shards: int = Field(
        default=4,
        ge=1,
        le=4096,
        json_schema_extra=LAYOUT.extra,
        description="Number of shards.",
    )
{fields}
    @property
    def daily(self) -> Daily:
        """The partitioning of daily tables."""
        return Daily(self.start_date, self.end_date)

    @property
    def sharded(self) -> Sharded:
        """The partitioning of sharded tables."""
        return Sharded(self.shards)

    @property
    def unpartitioned(self) -> Unpartitioned:
        """The partitioning of the other tables."""
        return Unpartitioned()
'''
TABLE = '''\
"""The table {table}."""

from __future__ import annotations

import dataframely as dy
import polars as pl
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
{imports}from synth_assets.quality.row_counts import row_count
from synth_assets.randomness.streams import RandomStream

from ..scenario import DOMAIN, Settings


class Row(dy.Schema):
    """A row of {table}."""

    id = dy.Int64(primary_key=True, min=1, description="Id of the row.")
{column}


def rows_before(scenario: Settings, index: int) -> int:
    """Rows before a partition.

    Args:
        scenario: Seed and numbers of rows.
        index: Index of the partition.
    """
{before}


def generate_rows(scenario: Settings, partition: Partition) -> pl.LazyFrame:
    """The rows of a partition.

    Args:
        scenario: Seed and numbers of rows.
        partition: Row numbers to generate.
    """
    row = pl.col("row")
    stream = RandomStream(scenario.seed, DOMAIN, "{table}")
{drawn}
    return row_numbers(partition).with_columns(
        id=row + 1,
{value},
    )


def table(scenario: Settings) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    return Table(
        domain=DOMAIN,
        name="{table}",
        doc="One row for each of the {table}.",
        schema=Row,
        partitioning=scenario.{partitioning},
        source=Generated(rows_before, generate_rows),
        checks=[row_count()],{parents}
    )
'''


def python_files(name: str, tables: Sequence[NewTable]) -> Iterator[tuple[str, str]]:
    """Each file of the domain, with its text.

    Args:
        name: The domain's name.
        tables: Its tables.
    """
    modules = [table.name for table in tables]
    yield "__init__.py", f'"""The domain {name}: ``domain`` has its tables."""\n'
    imports = [
        _listed("from .tables import ", [f"{module} as {module}_module"], brackets=("(", ")"))
        for module in sorted(modules, key=_natural)
    ]
    listed = _listed("    modules = [", [f"{module}_module" for module in modules], "]")
    texts = {"modules_import": "".join(f"{line}\n" for line in imports), "modules_list": listed}
    yield "domain.py", DOMAIN.format(name=name, **texts)
    fields = "".join(f"{_field(table)}\n" for table in tables)
    yield "scenario.py", SCENARIO.format(name=name, fields=fields)
    yield "tables/__init__.py", '"""One module for each table."""\n'
    for table in tables:
        yield f"tables/{table.name}.py", _module(table, tables[0])


def _module(table: NewTable, first: NewTable) -> str:
    rows = f"scenario.{table.rows_field}"
    imports = ""
    if table.parent is None:
        column = '    tier = dy.String(description="Price tier: basic or plus.")'
        drawn = '    tiers = stream.substream("tier")'
        shares = '{"basic": 0.8, "plus": 0.2}'
        value = _listed("        tier=tiers.choice(", ["row", shares], ")")
        parents = ""
    else:
        said = [
            f'description="Row of {table.parent}."',
            f'metadata=references("{table.parent}")',
        ]
        column = _listed(f"    {table.reference} = dy.Int64(", said, ")")
        drawn = f'    drawn = stream.substream("{table.reference}")'
        # Of a daily parent, the rows of the first day: every day can refer to them.
        begin = f"        {table.reference}=drawn.integers("
        value = _listed(begin, ["row", "1", f"scenario.{first.rows_field} + 1"], ")")
        parents = f'\n        parents={{"{table.parent}": "{table.parent}"}},'
        imports = "from synth_assets.core.schema import references\n"
    offset = _listed(f"    return scenario.{table.partitioning}.row_offset(", ["index", rows], ")")
    return TABLE.format(
        table=table.name,
        column=column,
        drawn=drawn,
        value=value,
        parents=parents,
        imports=imports + "from synth_assets.core.sources import Generated, row_numbers\n",
        before=f"    return {rows} * index" if table.is_daily else offset,
        partitioning=table.partitioning,
    )


def _field(table: NewTable) -> str:
    each = " of a day" if table.is_daily else ""
    rows = [
        f"default={50 if table.is_daily else 200}",
        "ge=1",
        "le=10_000_000",
        f'description="Rows of {table.name}{each}."',
    ]
    return _listed(f"    {table.rows_field}: int = Field(", rows, ")")


def _listed(
    begin: str, items: Sequence[str], end: str = "", brackets: tuple[str, str] = ("", "")
) -> str:
    """Code with items in brackets, as formatters write it: in a line, or each in its own.

    Args:
        begin: What is before the items, with an open bracket unless there are ``brackets``.
        items: The items.
        end: What is after them.
        brackets: Brackets that are needed only if the items are in lines of their own.
    """
    line = f"{begin}{', '.join(items)}{end}"
    # A comma follows a value.
    if len(line) < LINE:
        return line
    indent = " " * (len(begin) - len(begin.lstrip()))
    lines = "".join(f"{indent}    {item},\n" for item in items)
    return f"{begin}{brackets[0]}\n{lines}{indent}{brackets[1]}{end}"


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts names as linters sort imports: numbers by their value."""
    parts = re.findall(r"\d+|\D", name)
    return [(int(part), "") if part.isdigit() else (ord(part), part) for part in parts]
