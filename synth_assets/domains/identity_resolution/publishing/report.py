"""The report on a finished output folder: figures, and five checks that they are as they ought.

Targets are those that the data are made by; shares may stray as far as in the domain's checks.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import BaseModel

from synth_assets.domains.identity_resolution.checks import slack
from synth_assets.domains.identity_resolution.publishing import figures
from synth_assets.domains.identity_resolution.publishing.figures import Figures
from synth_assets.domains.identity_resolution.publishing.files import peak_bytes
from synth_assets.domains.identity_resolution.publishing.output import Output
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import CRM, IN_CRM
from synth_assets.domains.identity_resolution.tables import identity_edits as edits
from synth_assets.domains.identity_resolution.tables import identity_truth as truth
from synth_assets.domains.identity_resolution.tables import products

# Most that the process may be resident in while it writes and while it measures, in MiB.
WRITING_MIB, MEASURING_MIB, MIB = 1024, 6 * 1024, 1 << 20


class Check(BaseModel):
    """One of the checks: what is wanted, what is there; ``passed`` is None if nobody can tell."""

    name: str
    passed: bool | None
    target: Any
    measured: Any


class Report(BaseModel):
    """Everything that is known of a folder's data."""

    scenario: dict[str, Any]
    checks: list[Check]
    performance: dict[str, Any]
    tables: dict[str, Figures]
    people: Figures | None
    noise: Figures | None

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed is not False for check in self.checks)


def measure(output: Output, scenario: IdentityScenario, workers: int) -> Report:
    """Measures the files and judges them."""
    names = list(output.manifest.tables)
    tables = {name: figures.contents(output.parquet(name), name) for name in names}
    people, noise = _truth(output, tables)
    performance = _performance(output, scenario, workers)
    return Report(
        scenario=output.manifest.asked.model_dump(),
        checks=[
            _records(scenario, tables),
            _overlaps(people),
            _formats(tables),
            _readable(tables),
            _memory(performance["peak_mib"]),
        ],
        performance=performance,
        tables=tables,
        people=people,
        noise=noise,
    )


def _truth(output: Output, tables: Mapping[str, Figures]) -> tuple[Figures | None, Figures | None]:
    """What needs the truth and the edits; None where they were left out or cannot be read."""
    needed = [*(source.table for source in SOURCES.values()), truth.NAME, edits.NAME]
    if any("error" in tables.get(name, {"error": "left out"}) for name in needed):
        return None, None
    values = {name: contents["values"] for name, contents in tables.items()}
    known, changed = (pl.scan_parquet(output.parquet(name)) for name in (truth.NAME, edits.NAME))
    return figures.people(known), figures.noise(changed, values)


def _performance(output: Output, scenario: IdentityScenario, workers: int) -> Figures:
    made = output.manifest.tables
    seconds = {
        "all": sum(table.seconds for table in made.values()),
        "sources": sum(made[source.table].seconds for source in SOURCES.values()),
    }
    written = max(table.peak_bytes for table in made.values())
    return {
        "workers": workers,
        "cores": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "seconds": {what: round(taken, 2) for what, taken in seconds.items()},
        "records_per_second": round(scenario.scale / seconds["sources"]),
        "bytes": sum(table.bytes for table in made.values()),
        "peak_mib": {"writing": written // MIB, "measuring": peak_bytes() // MIB},
        "tables": {
            name: {
                "rows": table.rows,
                "bytes": table.bytes,
                "seconds": round(table.seconds, 3),
                "rows_per_second": round(table.rows / table.seconds),
            }
            for name, table in made.items()
        },
    }


def _records(scenario: IdentityScenario, tables: Mapping[str, Figures]) -> Check:
    target = {of.table: scenario.records(source) for source, of in SOURCES.items()}
    measured = {name: tables[name].get("rows") for name in target}
    together = sum(rows or 0 for rows in measured.values())
    more = {products.NAME: scenario.products} | (
        {truth.NAME: scenario.scale} if truth.NAME in tables else {}
    )
    target |= more | {"sources together": scenario.scale}
    measured |= {name: tables[name].get("rows") for name in more} | {"sources together": together}
    return Check(name="total records", passed=measured == target, target=target, measured=measured)


def _overlaps(people: Figures | None) -> Check:
    """Shares of each source's persons, and of its records, whose person is in CRM."""
    measured: dict[str, Any] = {}
    near = []
    for source, target in IN_CRM.items() if people else ():
        assert people is not None
        size = people["overlap"]["persons"][source][source]
        for of in ("persons", "records"):
            counts = people["overlap"][of][source]
            share = counts[CRM] / max(counts[source], 1)
            measured.setdefault(of, {})[source] = round(share, 5)
            near.append(abs(share - target) <= slack(target, size))
    return Check(
        name="overlap percentages",
        passed=all(near) if people else None,
        target=IN_CRM,
        measured=measured or "not measured: needs identity_truth and identity_edits",
    )


def _formats(tables: Mapping[str, Figures]) -> Check:
    shares = {
        f"{name}.{column}": found["share"]
        for name, contents in tables.items()
        for column, found in contents.get("formats", {}).items()
    }
    passed = all(share in (None, 1.0) for share in shares.values())
    return Check(name="identifier formats", passed=passed, target=1.0, measured=shares)


def _readable(tables: Mapping[str, Figures]) -> Check:
    errors = {name: found["error"] for name, found in tables.items() if "error" in found}
    measured = errors or f"{len(tables)} files, every column of every row"
    return Check(
        name="Parquet files readable", passed=not errors, target="no error", measured=measured
    )


def _memory(peak_mib: Mapping[str, int]) -> Check:
    target = {"writing": WRITING_MIB, "measuring": MEASURING_MIB}
    passed = all(peak_mib[phase] <= most for phase, most in target.items())
    return Check(name="memory bounded", passed=passed, target=target, measured=dict(peak_mib))
