"""``synth jaffle``: the jaffle shop day by day, as a daily pipeline processes it.

For each day it materializes the day's partitions and evaluates their checks; after some days it
builds and tests the dbt models of these days. The first simulated day is the start date of the
data, in ``SYNTH_HOME/jaffle``; its partition has the shop's past, so that a run of a month or less
has the volumes of 60 days.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import Annotated

import typer

from synth_assets.cli.console import err, out, path_markup, warn
from synth_assets.cli.exits import GATE_FAILED, RUN_FAILED
from synth_assets.cli.export import Format, export_tables
from synth_assets.cli.gate import Request, write_gate_report
from synth_assets.cli.options import Seed, Yes
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.plan import Plan, ask_before, planned
from synth_assets.cli.running import run
from synth_assets.cli.selection import domain_named, with_parents
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.variables import variable
from synth_assets.domains.jaffle.scenario import CALIBRATION_DAYS, DOMAIN, LEAST_HISTORY, LIVE_DAYS
from synth_assets.orchestration.dbt_environment import prepared
from synth_assets.orchestration.interruption import silencing, stop_if_interrupted
from synth_assets.orchestration.settings import Settings, location_variables
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets.orchestration.warehouse import target_of

HISTORY_DAYS = "SYNTH_JAFFLE_HISTORY_DAYS"
# Measured on two cores: a day made and judged, and dbt's models of one day or of several.
DAY_SECONDS, DBT_SECONDS = 2.5, 5.0
# Days that dbt builds together: it takes twice the time of a day's tables, whatever their number.
DAYS_TOGETHER = 7
FEWER = "fewer --days-back make less"


class Only(StrEnum):
    """Parts of the data that can be materialized separately, with the tables they depend on."""

    training = "training"
    validation = "validation"
    marketing = "marketing"
    ads = "ads"
    all = "all"


def jaffle(
    days_back: Annotated[int, typer.Option(min=1, max=3650, help="Days to simulate.")] = 30,
    until: Annotated[
        str | None, typer.Option(help="Last day, YYYY-MM-DD; yesterday by default.")
    ] = None,
    dbt_every: Annotated[
        int,
        typer.Option(
            min=1, max=3650, help="Days after which dbt builds their models; also at the end."
        ),
    ] = DAYS_TOGETHER,
    only: Annotated[Only, typer.Option(help="Part of the data; dbt runs for all.")] = Only.all,
    seed: Seed = None,
    target: Annotated[
        str | None, typer.Option(help="dbt target; by default where the tables are.")
    ] = None,
    profiles_dir: Annotated[
        Path | None,
        typer.Option(
            help="Folder of profiles.yml; dbt_project by default.",
            parser=LocalPath("--profiles-dir", folder=True),
        ),
    ] = None,
    export_csv: Annotated[
        Path | None,
        typer.Option(
            help="Also write CSV files here; none by default.",
            parser=LocalPath("--export-csv", folder=True, written=True),
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Simulate the jaffle shop day by day: generate, gate, dbt run, dbt test.

    By default the 30 days until yesterday, in SYNTH_HOME/jaffle, with dbt after each week.
    """
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    last = _date(until) if until else yesterday
    if last > yesterday:
        raise UserError(f"--until {last}: is not over yet; the last day is {yesterday}")
    if last.toordinal() < days_back:
        raise UserError(f"--days-back {days_back}: there are not so many days until {last}")
    first = last - timedelta(days=days_back - 1)
    if profiles_dir is not None and not (profiles_dir / "profiles.yml").exists():
        raise UserError(f"--profiles-dir {profiles_dir}: has no profiles.yml")
    if only is not Only.all and (target or profiles_dir):
        warn(f"--target and --profiles-dir are for dbt, which --only {only} does not run")
    os.environ["SYNTH_HOME"] = str(Settings.from_environment().home / DOMAIN)
    os.environ["SYNTH_JAFFLE_START_DATE"] = first.isoformat()
    os.environ["SYNTH_JAFFLE_END_DATE"] = (last + timedelta(days=1)).isoformat()
    if not variable(HISTORY_DAYS):
        past = CALIBRATION_DAYS - max(days_back, LIVE_DAYS)
        os.environ[HISTORY_DAYS] = str(max(past, LEAST_HISTORY))
    if seed is not None:
        os.environ["SYNTH_JAFFLE_SEED"] = str(seed)
    domain = domain_named(DOMAIN)
    tables = with_parents(domain, [t for t in domain.tables if _belongs(t, only)])
    settings = Settings.from_environment()
    settings = replace(
        settings,
        dbt_target=target or settings.dbt_target,
        dbt_profiles=profiles_dir or settings.dbt_profiles,
    )
    target = target_of(domain, settings, settings.routes) if only is Only.all else None
    builds = ceil(days_back / dbt_every) if target is not None else 0
    ask_before(lambda: [_planned(domain, tables, builds)], FEWER, yes=yes)
    # The folder has the data of an earlier simulation; configured locations have other data.
    ours = not any(map(variable, location_variables()))
    own_warehouse = not variable("SYNTH_WAREHOUSE")
    waiting: list[str] = []
    for number, key in enumerate(domain.tables[0].partitioning.keys(), start=1):
        stop_if_interrupted()
        err.print(f"day {number} of {days_back}: {key}")
        code = run(
            [domain], [(domain, tables)], {DOMAIN: [key]}, {DOMAIN: {}}, dbt=False, summary=False,
            recreate=ours and number == 1,
        )  # fmt: skip
        waiting.append(key)
        ended = number == days_back
        if code == 0 and target is not None and (ended or len(waiting) == dbt_every):
            if number <= dbt_every and own_warehouse:
                settings.warehouse.unlink(missing_ok=True)
            code = _dbt_build(domain, waiting, target, settings, artifacts=ended)
            waiting = []
        if code:
            raise typer.Exit(code)
    done = "made, judged and built" if only is Only.all else "made and judged"
    days = f"{days_back} day{'' if days_back == 1 else 's'}"
    out.print(
        f"{days} from {first} to {last} {done} at {path_markup(settings.home)}", soft_wrap=True
    )
    code = write_gate_report([(domain, tables)], Request(output=settings.gate_folder))
    if export_csv is not None:
        export_tables([t.path for t in tables], export_csv, None, Format.csv)
    raise typer.Exit(code)


def _planned(domain: Domain, tables: Sequence[Table], builds: int) -> Plan:
    """A simulation, which is a run for each day, and builds of dbt."""
    days = domain.tables[0].partitioning.keys()
    plan = planned(domain, tables, days, {}, dbt=builds > 0)
    return replace(plan, seconds=len(days) * DAY_SECONDS + builds * DBT_SECONDS)


def _belongs(table: Table, only: Only) -> bool:
    return only is Only.all or only.value in table.tags.values()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"--until {text!r}: is not a date of the form YYYY-MM-DD") from None


def _dbt_build(
    domain: Domain, days: Sequence[str], target: str, settings: Settings, *, artifacts: bool
) -> int:
    """Builds and tests the models for some days, in this process: starting dbt takes seconds.

    Writing its artifacts and its log takes a third of dbt's time: only the last days have them.
    """
    from dbt.cli.main import dbtRunner
    from dbt_common.events.event_manager_client import cleanup_event_logger

    from synth_assets.orchestration.dbt_errors import only_tests_failed

    arguments = [
        "--quiet", "build", "--select", f"path:models/{DOMAIN}",
        "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(settings.dbt_profiles),
        "--target", target, "--target-path", str(settings.home / "dbt_target" / target),
        "--log-path", str(settings.home / "dbt_logs"),
        *(() if artifacts else ("--no-write-json", "--log-level-file", "warn")),
    ]  # fmt: skip
    # Not with --vars: other variables would make dbt parse the whole project again each day.
    os.environ |= {"SYNTH_MIN_DATE": days[0], "SYNTH_MAX_DATE": days[-1]}
    with prepared(domain, settings, settings.open_stores()), silencing(cleanup_event_logger):
        result = dbtRunner().invoke(arguments)
    stop_if_interrupted()
    if result.exception is not None:
        raise UserError(f"dbt: {str(result.exception).strip().splitlines()[0]}")
    if result.success:
        return 0
    nodes = getattr(result.result, "results", ())
    return GATE_FAILED if only_tests_failed([str(node.status) for node in nodes]) else RUN_FAILED
