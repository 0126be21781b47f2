"""Messages for failed checks: which check and partition, the measured value, and what to do.

The command line and Python callers report them for a run. Reports of all results are in
``reports``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

import dagster as dg

# Prefix of a summary's values of its worst partition.
WORST = "worst_"


def is_failure(check: dg.AssetCheckEvaluation) -> bool:
    """Whether a check failed with error severity.

    Args:
        check: The result, which may also have passed or be a warning.
    """
    return not check.passed and check.severity == dg.AssetCheckSeverity.ERROR


def gate_messages(checks: Sequence[dg.AssetCheckEvaluation]) -> list[str]:
    """One line for each check that failed with error severity.

    Args:
        checks: The evaluations of a run, in their order.
    """
    # A partitioned check has an evaluation per partition, and its summary is the last one.
    last = {(check.asset_key, check.check_name): check for check in checks}
    return [_message(check) for check in last.values() if is_failure(check)]


def _message(check: dg.AssetCheckEvaluation) -> str:
    values: dict[str, Any] = {name: value.value for name, value in check.metadata.items()}
    # A summary has the values of its worst partition.
    values |= {n.removeprefix(WORST): v for n, v in values.items() if n.startswith(WORST)}
    asset = "/".join(check.asset_key.path)
    subject = f"{asset} {check.check_name}{_partition(check, values)}"
    if "measured" not in values:
        return f"{subject}: a test of dbt failed; dbt.log in SYNTH_HOME shows more"
    measured, note = values["measured"], values.get("note")
    if note and (measured is None or isnan(measured)):
        return f"{subject}: cannot be judged: {note}"
    comparison = f"measured {measured:g}, threshold {values.get('bound', '')}"
    return f"{subject}: {comparison}; {note or f'`synth gate {asset}` shows more'}"


def _partition(check: dg.AssetCheckEvaluation, values: dict[str, Any]) -> str:
    """Names the partition to which the check's values belong, the worst of those that failed."""
    worst = check.partition or values.get("partition")
    if worst in (None, "None"):
        return ""
    failed, evaluated = values.get("partitions_failed", 1), values.get("partitions", 1)
    return f" of {worst}" + (
        f" (worst of {failed} failed of {evaluated})" if evaluated != 1 else ""
    )
