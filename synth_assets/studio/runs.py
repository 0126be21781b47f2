"""What pages show of runs: their progress, what failed, in words, and what they were set to.

The job of a domain and the keys of its scenario are named as ``orchestration`` names them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from synth_assets.core.consistency import SEPARATOR
from synth_assets.core.errors import without_class
from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.scenario import Scenario

RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
PARTITION = "dagster/partition"
PARTITIONS = (RANGE_START, RANGE_END, PARTITION)
# The tag that drops what another scenario has made, and one of runs that the studio has started.
RECREATE, FROM_STUDIO = "synth/recreate", "synth/studio"
# The tag by which runs of one domain wait for one another in Dagster's queue.
DOMAIN_TAG = "domain"
ACTIVE = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING")
WORDS = {
    "QUEUED": "waits in the queue",
    "NOT_STARTED": "is about to start",
    "MANAGED": "is managed elsewhere",
    "STARTING": "starts",
    "STARTED": "runs",
    "SUSPENDED": "is suspended",
    "SUCCESS": "finished",
    "FAILURE": "failed",
    "CANCELING": "is being cancelled",
    "CANCELED": "was cancelled",
}
# Errors of a step that a check or a test of dbt has stopped.
GATE_ERRORS = ("DagsterAssetCheckFailedError", "DbtTestsFailedError")


def job_of(domain: Domain) -> str:
    """The job of all tables of a domain.

    Args:
        domain: The domain.
    """
    return f"{domain.name}_all"


def config_of(domain: Domain, values: Mapping[str, Any]) -> dict[str, Any]:
    """Dagster's run configuration for values of a scenario.

    Args:
        domain: The domain.
        values: Values of the fields that a run may set, as JSON has them.
    """
    if not values:
        return {}
    return {"resources": {f"{domain.name}_scenario": {"config": dict(values)}}}


def scenario_of(domain: Domain, values: Mapping[str, Any]) -> Scenario:
    """The scenario of a run.

    Args:
        domain: The domain, with the scenario that the environment sets.
        values: Values of the fields that a run may set, as JSON has them.

    Raises:
        UserError: A value is wrong.
    """
    cls: type[Scenario] = type(domain.scenario)
    return cls.of({**domain.scenario.model_dump(mode="json"), **values})


def keys_of(domain: Domain, most: int | None = None) -> list[str]:
    """The partition keys of a run over all tables of a domain, from the first.

    Args:
        domain: The domain, whose partitioned tables have one partitioning.
        most: How many at most.
    """
    found = (t.partitioning for t in domain.tables if t.partitioning != Unpartitioned())
    partitioning = next(found, None)
    return list(partitioning.keys())[:most] if partitioning else []


def tags_of(domain: Domain, keys: list[str], *, recreate: bool) -> dict[str, str]:
    """The tags of a run of a domain's job.

    Args:
        domain: The domain.
        keys: Its partition keys, in order.
        recreate: Whether to drop what another scenario has made.
    """
    tags = {FROM_STUDIO: domain.name, DOMAIN_TAG: domain.name}
    if len(keys) == 1:
        tags[PARTITION] = keys[0]
    elif keys:
        tags |= {RANGE_START: keys[0], RANGE_END: keys[-1]}
    return tags | ({RECREATE: "true"} if recreate else {})


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        done: Partitions that are stored.
        total: Partitions that will be stored.
        rows: Rows that are stored.
        seconds: Seconds since it started.
        tables: Stored partitions by table.
    """

    done: int
    total: int
    rows: int
    seconds: float
    tables: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The share of partitions that are stored."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rows_per_second(self) -> float:
        """Rows that were stored in a second."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the last partition, as far as the first ones tell."""
        return self.seconds * (self.total - self.done) / self.done if self.done else None


def progress(run: Mapping[str, Any], domain: Domain | None) -> Progress:
    """How far a run is.

    Args:
        run: The run with what it has stored.
        domain: Its domain, if it is of one.
    """
    tables: dict[str, int] = {}
    rows = 0
    ours = {table.path for table in domain.tables} if domain else set()
    for stored in run["assetMaterializations"]:
        path = "/".join(stored["assetKey"]["path"])
        if ours and path not in ours:
            continue
        tables[path] = tables.get(path, 0) + 1
        counts = (e.get("intRepr") for e in stored["metadataEntries"] if e["label"] == "rows")
        rows += int(next(counts, None) or 0)
    started = run.get("startTime")
    seconds = (run.get("endTime") or time.time()) - started if started else 0.0
    total = _expected(run, domain) if domain else 0
    return Progress(sum(tables.values()), total, rows, seconds, tables)


def _expected(run: Mapping[str, Any], domain: Domain) -> int:
    """The partitions that a run of a domain's job stores."""
    tags = tags_in(run)
    keys = keys_of(domain)
    if RANGE_START in tags and tags[RANGE_START] in keys and tags[RANGE_END] in keys:
        keys = keys[keys.index(tags[RANGE_START]) : keys.index(tags[RANGE_END]) + 1]
    elif PARTITION in tags:
        keys = [tags[PARTITION]]
    selected = {"/".join(key["path"]) for key in run.get("assetSelection") or []}
    tables = [table for table in domain.tables if not selected or table.path in selected]
    whole = sum(table.partitioning == Unpartitioned() for table in tables)
    return whole + (len(tables) - whole) * len(keys)


def tags_in(run: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a run.

    Args:
        run: The run.
    """
    return {tag["key"]: tag["value"] for tag in run["tags"]}


def domain_of(run: Mapping[str, Any], domains: list[Domain]) -> Domain | None:
    """The domain of a run, by its job or by the assets that it selects.

    Args:
        run: The run.
        domains: All domains.
    """
    selected = {key["path"][0] for key in run.get("assetSelection") or []}
    job = str(run["jobName"])
    for domain in sorted(domains, key=lambda d: -len(d.name)):
        if job.startswith(f"{domain.name}_") or domain.name in selected:
            return domain
    return None


def values_in(run: Mapping[str, Any], domain: Domain) -> dict[str, Any]:
    """The values of the scenario that a run was set to.

    Args:
        run: The run.
        domain: Its domain.
    """
    config = yaml.safe_load(run.get("runConfigYaml") or "") or {}
    inside = config.get("resources", {}).get(f"{domain.name}_scenario", {}) or {}
    # YAML has dates, and values of a form are those of JSON.
    return dict(json.loads(json.dumps(inside.get("config") or {}, default=str)))


def failures(events: list[dict[str, Any]]) -> list[str]:
    """What failed in a run, a line each, without tracebacks.

    Args:
        events: The run's events.
    """
    lines = []
    for event in events:
        kind = event["__typename"]
        if kind == "AssetCheckEvaluationEvent":
            lines += _failed_check(event["evaluation"])
        elif kind == "ExecutionStepFailureEvent" and event.get("error"):
            lines += _failed_step(event)
        elif kind == "RunFailureEvent" and not lines:
            lines.append(str(event.get("message") or "The run failed."))
    return list(dict.fromkeys(lines))


def is_stopped_by_gate(events: list[dict[str, Any]]) -> bool:
    """Whether a check that blocks has failed in a run.

    Args:
        events: The run's events.
    """
    checks = (e["evaluation"] for e in events if e["__typename"] == "AssetCheckEvaluationEvent")
    return any(_failed_check(check) for check in checks)


def _failed_check(evaluation: Mapping[str, Any]) -> list[str]:
    if evaluation["success"] or evaluation["severity"] != "ERROR":
        return []
    path, key = "/".join(evaluation["assetKey"]["path"]), evaluation.get("partition")
    where = f" in partition {key}" if key else ""
    return [f"{path}: check {evaluation['checkName']} failed{where}."]


def _failed_step(event: Mapping[str, Any]) -> list[str]:
    error = event["error"]
    chain = [error, *(link["error"] for link in error.get("errorChain") or [])]
    if any(one.get("className") in GATE_ERRORS for one in chain):
        return []  # the results of the checks say it
    text = str(chain[-1]["message"]).strip().splitlines()[0]
    name = str(event.get("stepKey") or "").replace(SEPARATOR, "/", 1)
    return [f"{name}: {without_class(text)}"]
