"""A domain: its tables, its timetable, its owner, its scenario.

Each folder under ``synth_assets/domains`` offers ``domain()``; nothing else lists domains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synth_assets.generation.errors import UnknownNameError
from synth_assets.generation.scenario import Scenario
from synth_assets.generation.table import Table


@dataclass(frozen=True)
class Timetable:
    """A schedule: a name, a cron line (UTC), and the tables of which the last days are made.

    The dbt models and the gate report that follow from them run along.
    """

    name: str
    cron: str
    tables: Sequence[str]
    days: int = 1


@dataclass(frozen=True)
class Domain:
    """One world of connected tables.

    ``scenario`` is the scenario as the environment has it when definitions load; a run may
    replace its launchpad fields. ``demo_keys`` limits how many first partitions the demo makes.
    """

    name: str
    doc: str
    owners: Sequence[str]
    scenario: Scenario
    tables: Sequence[Table]
    timetables: Sequence[Timetable] = ()
    demo_keys: int | None = None

    def table(self, name: str) -> Table:
        """A table by name; an error that lists those there are."""
        for table in self.tables:
            if table.name == name:
                return table
        raise UnknownNameError(f"table of domain {self.name}", name, [t.name for t in self.tables])
