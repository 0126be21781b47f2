"""The report on a finished output folder: statistics, and six checks of them.

Targets are those that the data are generated with, tolerances those of the domain's checks.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import BaseModel

from synth_assets.domains.identity_resolution.checks import LEAST_TOLERANCE
from synth_assets.domains.identity_resolution.locales import REGIONS
from synth_assets.domains.identity_resolution.order_checks import KNOWN_SHARE
from synth_assets.domains.identity_resolution.publishing import statistics
from synth_assets.domains.identity_resolution.publishing.files import peak_bytes
from synth_assets.domains.identity_resolution.publishing.output import Output
from synth_assets.domains.identity_resolution.publishing.statistics import Statistics
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import CRM, IN_CRM, POS
from synth_assets.domains.identity_resolution.tables import crm_customers as crm
from synth_assets.domains.identity_resolution.tables import identity_edits as edits
from synth_assets.domains.identity_resolution.tables import identity_truth as truth
from synth_assets.domains.identity_resolution.tables import pos_transactions as pos
from synth_assets.domains.identity_resolution.tables import products
from synth_assets.quality.tolerance import share_tolerance

# Largest resident memory of the process while it writes and while it measures, in MiB.
WRITING_MIB, MEASURING_MIB, MIB = 1_280, 6 * 1_024, 1 << 20


class Check(BaseModel):
    """A check: the expected and the measured value; ``passed`` is None if it was not measured."""

    name: str
    passed: bool | None
    target: Any
    measured: Any


class Report(BaseModel):
    """The statistics and checks of a folder's data."""

    scenario: dict[str, Any]
    checks: list[Check]
    performance: dict[str, Any]
    tables: dict[str, Statistics]
    people: Statistics | None
    noise: Statistics | None

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed is not False for check in self.checks)


def measure(output: Output, scenario: IdentityScenario, workers: int) -> Report:
    """Measures the files and evaluates the checks.

    Args:
        output: The folder.
        scenario: The scenario that the files should have.
        workers: Number of threads that wrote them.
    """
    names = list(output.manifest.tables)
    tables = {name: statistics.contents(output.parquet(name), name) for name in names}
    people, noise = _truth(output, tables)
    performance = _performance(output, scenario, workers)
    return Report(
        scenario=output.manifest.asked.model_dump(),
        checks=[
            _records(scenario, tables),
            _overlaps(people, tables),
            _regions(output),
            _formats(tables),
            _readable(tables),
            _memory(performance["peak_mib"]),
        ],
        performance=performance,
        tables=tables,
        people=people,
        noise=noise,
    )


def _truth(
    output: Output, tables: Mapping[str, Statistics]
) -> tuple[Statistics | None, Statistics | None]:
    """Statistics of the ground truth; None if its tables were left out or cannot be read."""
    needed = [*(source.table for source in SOURCES.values()), truth.NAME, edits.NAME]
    if any("error" in tables.get(name, {"error": "left out"}) for name in needed):
        return None, None
    values = {name: contents["values"] for name, contents in tables.items()}
    known, changed = (pl.scan_parquet(output.parquet(name)) for name in (truth.NAME, edits.NAME))
    return statistics.people(known), statistics.noise(changed, values)


def _performance(output: Output, scenario: IdentityScenario, workers: int) -> Statistics:
    written = output.manifest.tables
    seconds = {
        "all": sum(table.seconds for table in written.values()),
        "sources": sum(written[source.table].seconds for source in SOURCES.values()),
    }
    peak = max(table.peak_bytes for table in written.values())
    return {
        "workers": workers,
        "cores": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "seconds": {what: round(taken, 2) for what, taken in seconds.items()},
        "records_per_second": round(scenario.scale / seconds["sources"]),
        "bytes": sum(table.bytes for table in written.values()),
        "peak_mib": {"writing": peak // MIB, "measuring": peak_bytes() // MIB},
        "tables": {
            name: {
                "rows": table.rows,
                "bytes": table.bytes,
                "seconds": round(table.seconds, 3),
                "rows_per_second": round(table.rows / table.seconds),
            }
            for name, table in written.items()
        },
    }


def _records(scenario: IdentityScenario, tables: Mapping[str, Statistics]) -> Check:
    target = {of.table: scenario.records(source) for source, of in SOURCES.items()}
    measured = {name: tables[name].get("rows") for name in target}
    together = sum(rows or 0 for rows in measured.values())
    more = {products.NAME: scenario.products} | (
        {truth.NAME: scenario.scale} if truth.NAME in tables else {}
    )
    target |= more | {"sources together": scenario.scale}
    measured |= {name: tables[name].get("rows") for name in more} | {"sources together": together}
    return Check(name="total records", passed=measured == target, target=target, measured=measured)


def _overlaps(people: Statistics | None, tables: Mapping[str, Statistics]) -> Check:
    """Shares of each source's persons, and of its records, with a person who is in CRM.

    In stores everybody who is known is in CRM; the share is that of all lines.
    """
    measured: dict[str, Any] = {}
    within = []
    for source, target in IN_CRM.items() if people else ():
        assert people is not None
        size = people["overlap"]["persons"][source][source]
        for of in ("persons", "records"):
            counts = people["overlap"][of][source]
            share = counts[CRM] / max(counts[source], 1)
            measured.setdefault(of, {})[source] = round(share, 5)
            tolerance = share_tolerance(target, size, least=LEAST_TOLERANCE)
            within.append(abs(share - target) <= tolerance)
    found = tables[pos.NAME]
    if people and "error" not in found:
        share = found["values"]["loyalty_id"] / max(found["rows"], 1)
        measured["lines"] = {POS: round(share, 5)}
        tolerance = share_tolerance(KNOWN_SHARE, found["rows"], least=LEAST_TOLERANCE)
        within.append(abs(share - KNOWN_SHARE) <= tolerance)
    return Check(
        name="overlap percentages",
        passed=all(within) if people else None,
        target={"persons": IN_CRM, "lines": {POS: KNOWN_SHARE}},
        measured=measured or "not measured: needs identity_truth and identity_edits",
    )


def _regions(output: Output) -> Check:
    """Shares of the regions among records of CRM."""
    target = {region: share / 100 for region, share in REGIONS.items()}
    try:
        found = statistics.regions(output.parquet(crm.NAME))
    except (pl.exceptions.PolarsError, OSError) as error:
        return Check(name="regions", passed=None, target=target, measured=str(error))
    total = max(sum(found.values()), 1)
    shares = {region: round(found.get(region, 0) / total, 5) for region in target}
    within = [
        abs(shares[region] - share) <= share_tolerance(share, total, least=LEAST_TOLERANCE)
        for region, share in target.items()
    ]
    return Check(name="regions", passed=all(within), target=target, measured=shares)


def _formats(tables: Mapping[str, Statistics]) -> Check:
    shares = {
        f"{name}.{column}": found["share"]
        for name, contents in tables.items()
        for column, found in contents.get("formats", {}).items()
    }
    passed = all(share in (None, 1.0) for share in shares.values())
    return Check(name="identifier formats", passed=passed, target=1.0, measured=shares)


def _readable(tables: Mapping[str, Statistics]) -> Check:
    errors = {name: found["error"] for name, found in tables.items() if "error" in found}
    measured = errors or f"{len(tables)} files, every column of every row"
    return Check(
        name="Parquet files readable", passed=not errors, target="no error", measured=measured
    )


def _memory(peak_mib: Mapping[str, int]) -> Check:
    target = {"writing": WRITING_MIB, "measuring": MEASURING_MIB}
    passed = all(peak_mib[phase] <= most for phase, most in target.items())
    return Check(name="memory bounded", passed=passed, target=target, measured=dict(peak_mib))
