"""Thirty simulated days: every schedule at its times in one process, one day in ten with a failure.

Each day, each schedule that is due is evaluated as Dagster's daemon does, and what it requests is
run here. On some days a table cannot be stored, and what it requested is made the day after. On
three days there is no daemon: the schedules themselves have to request these days later, once. Each
night the runs of more than a week ago are purged, and what assets show has to outlast them. What a
day adds to memory, open files, databases and the warehouse is measured.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import psutil

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Daily
from synth_assets.domains import load_domains
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.retention import purge_runs
from synth_assets.orchestration.runs import launch
from synth_assets.orchestration.schedules import (
    RANGE_END,
    RANGE_START,
    SCHEDULE_TAG,
    schedules_of,
)
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import checks_of
from synth_assets.stores.parquet import ParquetStore
from synth_assets_tests.environment import only
from synth_assets_tests.torture.trials import Budget, Trial

# A day on which the daily partitions of all domains exist.
FIRST = date(2026, 1, 2)
# One day in so many has a failure.
FAILS = 10
# Days, counted from 0, without a daemon.
DOWN = range(9, 12)
# Days whose runs are kept.
KEPT = 7
# What a schedule requests: its domain, its name, tables and partition keys.
Due = tuple[Domain, str, list[str], list[str]]


def soak(budget: Budget) -> Iterator[Trial]:
    """Days of all schedules, with failures mixed in."""
    trial = Trial("simulated days of all schedules", "one process")
    with tempfile.TemporaryDirectory(prefix="synth-soak-", dir="/tmp") as root:
        Path(root).chmod(0o755)
        with only(SYNTH_HOME=f"{root}/home"):
            domains = [domain for domain in load_domains() if domain.schedules]
            settings = Settings.from_environment()
            with open_instance(settings) as instance:
                days = _Days(domains, settings, instance)
                for number, chance in enumerate(budget.rounds(trial)):
                    today = FIRST + timedelta(days=number)
                    trial.hold(days.simulate(today, chance) if number not in DOWN else None)
                    if found := days.purge():
                        trial.hold(found)
                    trial.series.append(days.measured())
                trial.count("runs", days.runs)
                if found := days.wrongly_made():
                    trial.hold(found)
                trial.count("planted failures", days.planted)
                trial.count("runs purged", days.purged)
    yield trial


class _Days:
    """The days of one instance.

    Attributes:
        runs: Runs that were launched.
        planted: Those that failed because a failure was planted.
        purged: Those whose records were removed.
    """

    def __init__(
        self, domains: list[Domain], settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        self.settings, self.instance = settings, instance
        self.domains = domains
        self.defs = build_definitions(domains, settings, with_dbt=True)
        self.graph = self.defs.resolve_asset_graph()
        self.missed: list[Due] = []
        self.runs = self.planted = self.purged = 0
        self.made: Counter[tuple[str, str]] = Counter()
        self.nights: list[datetime] = []

    def simulate(self, today: date, chance: random.Random) -> str | None:
        """A day; what went wrong that was not planted."""
        due = [*self.missed, *self._due(today)]
        self.missed, problems = [], []
        fails = bool(due) and chance.randrange(FAILS) == 0
        for number, (domain, schedule, tables, keys) in enumerate(due):
            plant = fails and number == len(due) - 1
            with _no_space(chance.choice(tables) if plant else None):
                success = self._launch(domain, schedule, tables, keys)
            if plant:
                self.planted += 1
                self.missed.append((domain, schedule, tables, keys))
                if success:
                    problems.append(f"{today}: a run without a table succeeded")
            elif not success:
                problems.append(f"{today}: a run of {domain.name} {keys} failed")
            elif lost := self._not_stored(domain, tables, keys):
                problems.append(f"{today}: {lost} is not stored")
        return "; ".join(problems) or None

    def _due(self, today: date) -> Iterator[Due]:
        """What the schedules request on a day."""
        for domain in self.domains:
            for spec, schedule in zip(domain.schedules, schedules_of(domain), strict=True):
                moment = _moment(spec.cron, today)
                if moment is None:
                    continue
                context = dg.build_schedule_context(
                    self.instance, scheduled_execution_time=moment,
                    repository_def=self.defs.get_repository_def(),
                )  # fmt: skip
                for request in schedule.evaluate_tick(context).run_requests or []:
                    yield domain, schedule.name, list(spec.tables), _keys(domain, request)

    def _launch(self, domain: Domain, schedule: str, tables: list[str], keys: list[str]) -> bool:
        self.runs += 1
        tags = {SCHEDULE_TAG: schedule}
        chosen = [domain.table(name) for name in tables]
        group = marts_group(domain.name)
        marts = [s.key for s in self.defs.resolve_all_asset_specs() if s.group_name == group]
        assets = [*map(asset_key, chosen), *marts]
        checks = [
            dg.AssetCheckKey(asset_key(table), check.name)
            for table in chosen
            for check in checks_of(table)
        ]
        checks += [key for key in self.graph.asset_check_keys if key.asset_key in set(marts)]
        done = launch(self.defs, assets, checks, self.instance, keys=keys, tags=tags).success
        self.made.update((schedule, key) for key in keys if done)
        return done

    def purge(self) -> str | None:
        """Purges the runs of more than a week ago; what assets no longer show that is stored."""
        self.nights.append(datetime.now(UTC))
        if len(self.nights) <= KEPT:
            return None
        self.purged += purge_runs(self.instance, self.nights[-1 - KEPT]).runs
        stores = self.settings.open_stores()
        for table in (table for domain in self.domains for table in domain.tables):
            shown = self.instance.get_materialized_partitions(asset_key(table))
            if forgotten := set(stores.describe(table)) - shown:
                return f"{table.path}: {min(forgotten)} is stored and not shown"
        return None

    def wrongly_made(self) -> str | None:
        """Days of a schedule that were left out or made by several runs; None without any."""
        for schedule in {schedule for schedule, _ in self.made}:
            days = sorted(date.fromisoformat(key) for name, key in self.made if name == schedule)
            for number in range((days[-1] - days[0]).days + 1):
                key = (days[0] + timedelta(days=number)).isoformat()
                if self.made[schedule, key] != 1:
                    return f"{schedule}: {key} was made {self.made[schedule, key]} times"
        return None

    def _not_stored(self, domain: Domain, tables: list[str], keys: list[str]) -> str | None:
        stores = self.settings.open_stores()
        for name in tables:
            stored = stores.describe(domain.table(name))
            for key in keys:
                if key not in stored:
                    return f"{domain.name}/{name} {key}"
        return None

    def measured(self) -> dict[str, float]:
        """Sizes in MiB, and numbers, at the end of a day."""
        process = psutil.Process()
        return {
            "memory": process.memory_info().rss / 2**20,
            "open files": process.num_fds(),
            "threads": process.num_threads(),
            "runs": self.instance.get_runs_count(),
            "instance": _mebibytes(self.settings.dagster_home),
            "warehouse": _mebibytes(self.settings.warehouse),
            "lake": _mebibytes(self.settings.home / "lake"),
            "home": _mebibytes(self.settings.home),
        }


def _moment(cron: str, today: date) -> datetime | None:
    """When a cron expression is due on a day; None if it is not."""
    from dagster._utils.schedules import cron_string_iterator

    start = datetime(today.year, today.month, today.day, tzinfo=UTC)
    moment = next(cron_string_iterator(start.timestamp(), cron, "UTC"))
    return moment if moment.date() == today else None


def _keys(domain: Domain, request: dg.RunRequest) -> list[str]:
    if request.partition_key:
        return [request.partition_key]
    daily = next(t.partitioning for t in domain.tables if isinstance(t.partitioning, Daily))
    first, last = request.tags[RANGE_START], request.tags[RANGE_END]
    return [key for key in list(daily.keys()) if first <= key <= last]


@contextmanager
def _no_space(table: str | None) -> Iterator[None]:
    """The store refuses a table, as on a full disk; with None it refuses nothing."""
    replace = ParquetStore.replace

    def refuse(store: ParquetStore, of: Any, *arguments: Any) -> Any:
        if of.name == table:
            raise UserError(f"cannot write {of.path}: planted")
        return replace(store, of, *arguments)

    with patch.object(ParquetStore, "replace", refuse):
        yield


def _mebibytes(path: Path) -> float:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.stat().st_size for file in files) / 2**20


PART = (soak,)
