"""Failed checks in sentences: which check, where, what was measured, and what to do.

The command line and callers from Python say the same of a run. Pages of all results are in
``reports``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

import dagster as dg


def is_failure(check: dg.AssetCheckEvaluation) -> bool:
    """Whether a result is an error, rather than sound or a warning."""
    return not check.passed and check.severity == dg.AssetCheckSeverity.ERROR


def gate_messages(checks: Sequence[dg.AssetCheckEvaluation]) -> list[str]:
    """A sentence for each check that failed, in the order of a run's evaluations."""
    # A check's partitions have results of their own; the last one sums them up.
    last = {(check.asset_key, check.check_name): check for check in checks}
    return [_sentence(check) for check in last.values() if is_failure(check)]


def _sentence(check: dg.AssetCheckEvaluation) -> str:
    values: dict[str, Any] = {name: value.value for name, value in check.metadata.items()}
    asset = "/".join(check.asset_key.path)
    subject = f"{asset} {check.check_name}{_place(check, values)}"
    if "measured" not in values:
        return f"{subject}: a test of dbt failed; dbt.log in SYNTH_HOME shows more"
    measured, note = values["measured"], values.get("note")
    if note and (measured is None or isnan(measured)):
        return f"{subject}: cannot be judged: {note}"
    figures = f"measured {measured:g}, threshold {values.get('bound', '')}"
    return f"{subject}: {figures}; {note or f'`synth gate {asset}` shows more'}"


def _place(check: dg.AssetCheckEvaluation, values: dict[str, Any]) -> str:
    """The partition whose figures the check shows: the first that failed."""
    first = check.partition or str(values.get("failed_partitions", "")).partition(",")[0]
    if first in ("", "None"):
        return ""
    failed, judged = values.get("partitions_failed", 1), values.get("partitions", 1)
    return f" of {first}" + (f" (first of {failed} failed of {judged})" if judged != 1 else "")
