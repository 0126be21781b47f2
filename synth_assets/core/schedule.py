"""When the tables of a domain are materialized."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ScheduleSpec:
    """A schedule, which also runs the dbt models and the gate report downstream of its tables.

    Attributes:
        name: The schedule's name.
        cron: A cron expression (UTC).
        tables: Names of the tables that it materializes.
        days: How many of the last days of daily tables it materializes.
    """

    name: str
    cron: str
    tables: Sequence[str]
    days: int = 1
