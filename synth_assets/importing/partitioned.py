"""How each imported table is partitioned: as users ask for, and as its references require.

Tables are unpartitioned unless users name them. A table that refers to a daily one is daily as
well, because the rows of daily tables go on. What cannot be is refused here, with what can.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.declarative.model import DomainSpec
from synth_assets.importing.found import TIMES, FoundColumn, FoundTable
from synth_assets.importing.moments import LAST, moment
from synth_assets.importing.names import is_personal, stage
from synth_assets.importing.orders import earlier_column
from synth_assets.importing.partitioning import DEFAULT_DAYS, OPTION, Partitions
from synth_assets.importing.profile import ColumnProfile, TableProfile
from synth_assets.importing.shared_fields import null_rate
from synth_assets.importing.structure import Structure, with_descendants

DEFAULT_START: date = DomainSpec.model_fields["start_date"].default
# A column with more days has values that stand for no day.
MOST_DAYS = 40_000


@dataclass(frozen=True)
class Partitioned:
    """The partitions of a domain.

    Attributes:
        tables: How each table is partitioned.
        start: The first day of daily tables, if there are any: what rows show, or the default.
        end: The day after the last one.
    """

    tables: Mapping[str, Partitions]
    start: date | None = None
    end: date | None = None

    def fields(self) -> dict[str, Any]:
        """The fields of the domain that say which days there are."""
        return {"start_date": self.start, "end_date": self.end} if self.start else {}


def partitioned(
    asked: Mapping[str, Partitions],
    tables: Mapping[str, FoundTable],
    structures: Mapping[str, Structure],
    profiles: Mapping[str, TableProfile],
) -> Partitioned:
    """How the tables of a domain are partitioned.

    Args:
        asked: What users ask for, by table.
        tables: The tables by name.
        structures: Their structures; those of tables that parents make daily get a note.
        profiles: The profiles of those whose rows were read.

    Raises:
        UserError: A table or column does not exist, or a table cannot be daily.
    """
    for name in asked:
        if name not in tables:
            raise UnknownNameError(f"table of {OPTION}", name, list(tables))
    daily = with_descendants(
        [name for name, requested in asked.items() if requested.daily], structures
    )
    found = {name: asked.get(name, Partitions()) for name in tables}
    for name in daily:
        structure = structures[name]
        parents = [r.parent for r in structure.references.values() if r.parent != name]
        parent = next((parent for parent in parents if parent in daily), None)
        day = _day(tables[name], profiles.get(name), found[name].day, required=parent is None)
        _require_daily_rows(tables[name], structure, daily, day)
        found[name] = Partitions(daily=True, day=day)
        if name not in asked:
            structure.notes.append(f"daily, because it refers to `{parent}`")
    return _with_days(found, profiles)


def _with_days(
    found: Mapping[str, Partitions], profiles: Mapping[str, TableProfile]
) -> Partitioned:
    """The days of the rows, from the first to the last of any table; else the default ones."""
    if not any(each.daily for each in found.values()):
        return Partitioned(found)
    columns = (
        profiles[name].columns.get(each.day or "", ColumnProfile())
        for name, each in found.items()
        if name in profiles
    )
    bounds = [column.bounds for column in columns if column.bounds is not None]
    start, end = DEFAULT_START, DEFAULT_START + timedelta(days=DEFAULT_DAYS)
    if bounds:
        start = moment(min(low for low, _ in bounds)).date()
        end = moment(max(high for _, high in bounds)).date() + timedelta(days=1)
    days = (end - start).days
    return Partitioned({n: replace(each, days=days) for n, each in found.items()}, start, end)


def _require_daily_rows(
    table: FoundTable, structure: Structure, daily: Collection[str], day: str | None
) -> None:
    """Refuses a daily table whose rows of one day would repeat the keys of the day before."""
    if structure.children_of is None or day in table.primary_key:
        return
    parent = structure.references[structure.children_of].parent
    if parent not in daily:
        key = ", ".join(table.primary_key)
        raise UserError(
            f"{OPTION} {table.name}=daily: its key ({key}) is one of rows of {parent}, which each "
            f"day would repeat: {parent} must be daily as well"
        )


def _day(
    table: FoundTable, profile: TableProfile | None, named: str | None, *, required: bool
) -> str | None:
    """The column with the day: the one that is named, else one of the key, else the first."""
    able = [column for column in table.columns if _can_be_day(table, profile, column)]
    names = [column.name for column in able]
    if named in names:
        return named
    if named is not None:
        raise UserError(
            f"{OPTION} {table.name}=daily:{named}: COLUMN must be a date or timestamp that is "
            f"never null, after no other one of its row, and on at most {MOST_DAYS:,} days; "
            f"known are {', '.join(names) or 'none'}"
        )
    guessed = [name for name in names if not is_personal(name)]
    if not guessed and required:
        raise UserError(
            f"{OPTION} {table.name}=daily: the table has no date or timestamp that is never null; "
            f"{OPTION} {table.name}=shards:N needs none"
        )
    in_time = sorted(guessed, key=lambda n: (n not in table.primary_key, _stage(n)))
    return in_time[0] if in_time else None


def _stage(name: str) -> float:
    found = stage(name)
    return float("inf") if found is None else found


def _can_be_day(table: FoundTable, profile: TableProfile | None, column: FoundColumn) -> bool:
    return (
        column.type.kind in TIMES
        and not column.formula
        and null_rate(table, profile, column) == 0
        and earlier_column(table, column) is None
        and _has_days(profile, column)
    )


def _has_days(profile: TableProfile | None, column: FoundColumn) -> bool:
    """Whether the rows are on so many days as a domain may have; 9999-12-31 is none of them."""
    bounds = profile.columns.get(column.name, ColumnProfile()).bounds if profile else None
    if bounds is None:
        return True
    first, last = map(moment, bounds)
    return last < LAST and (last - first).days < MOST_DAYS
