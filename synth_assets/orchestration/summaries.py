"""The summary of a check's results over several partitions, as Dagster's metadata.

Dagster shows metadata in alphabetical order: the names put the table, which is long, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, isnan, log

import dagster as dg

from synth_assets.core.check_result import CheckResult
from synth_assets.orchestration.metadata import result_metadata
from synth_assets.orchestration.partition_plot import bars

# The most partitions that the table of a summary has.
MOST_ROWS = 100
COLUMNS = [
    dg.TableColumn("partition", "string"),
    dg.TableColumn("passed", "bool"),
    dg.TableColumn("measured", "float"),
    dg.TableColumn("threshold", "string"),
]


def worst_of(results: Sequence[CheckResult]) -> CheckResult:
    """The result that is farthest from its threshold; failed results come before others.

    Args:
        results: The results, at least one.
    """
    return max(results, key=lambda result: (not result.passed, _distance(result)))


def _distance(result: CheckResult) -> float:
    """Failing rows, or how many times too many or too few rows; data that are unreadable first."""
    expected = result.numbers.get("expected")
    if isnan(result.measured):
        return inf
    if expected is not None:
        return abs(log((result.measured + 1) / (expected + 1)))
    return abs(result.measured)


def sentence(results: Sequence[CheckResult]) -> str:
    """What a summary says: failed partitions and rows, and the worst partition.

    Args:
        results: The results of a check, at least one.
    """
    failed = [result for result in results if not result.passed]
    if not failed:
        return f"All {len(results):,} partitions passed."
    rows = _failing_rows(results)
    of_rows = "" if rows is None else f", {rows[0]:,} of {rows[1]:,} rows"
    worst = worst_of(failed)
    measured = "cannot be read" if isnan(worst.measured) else f"measured {worst.measured:,g}"
    return (
        f"{len(failed):,} of {len(results):,} partitions failed{of_rows}. "
        f"Worst: {worst.key}, {measured}, threshold {worst.threshold}."
    )


def summary_metadata(results: Sequence[CheckResult]) -> dict[str, dg.MetadataValue]:
    """Totals, the worst partition with its failing rows, a table and a plot of the partitions.

    Args:
        results: The results of a check on several partitions.
    """
    failed = [result for result in results if not result.passed]
    metadata: dict[str, dg.MetadataValue] = {
        "partitions": dg.MetadataValue.int(len(results)),
        "partitions_failed": dg.MetadataValue.int(len(failed)),
    }
    if (rows := _failing_rows(results)) is not None:
        metadata["rows"] = dg.MetadataValue.int(rows[1])
        metadata["rows_failed"] = dg.MetadataValue.int(rows[0])
    if failed:
        worst = worst_of(failed)
        metadata["worst_partition"] = dg.MetadataValue.text(str(worst.key))
        kept = ("measured", "threshold", "note", "failing_rows")
        of_worst = result_metadata(worst)
        metadata |= {f"worst_{name}": of_worst[name] for name in kept if name in of_worst}
    metadata["table_of_partitions"] = _table(results)
    if plot := plot_of(results):
        metadata["plot"] = dg.MetadataValue.md(plot)
    return metadata


def _failing_rows(results: Sequence[CheckResult]) -> tuple[int, int] | None:
    """Failing rows and all rows; None if the check does not count rows, or some are unreadable."""
    if not all("violation_rate" in result.numbers for result in results):
        return None
    failing = sum(result.measured for result in results)
    return int(failing), int(sum(result.numbers["rows"] for result in results))


def _table(results: Sequence[CheckResult]) -> dg.MetadataValue:
    """Partitions, the failed ones first and the worst of them at the top."""
    ranked = sorted(results, key=lambda r: (r.passed, -_distance(r) if not r.passed else 0))
    records = [
        dg.TableRecord(
            {
                "partition": str(result.key),
                "passed": result.passed,
                "measured": result.measured if isfinite(result.measured) else None,
                "threshold": result.threshold,
            }
        )
        for result in ranked[:MOST_ROWS]
    ]
    return dg.MetadataValue.table(records, dg.TableSchema(COLUMNS))


def plot_of(results: Sequence[CheckResult]) -> str | None:
    """The measured values over partitions as bars, in Markdown.

    Args:
        results: The results; failed ones are red.

    Returns:
        None if there is nothing to see: all values are equal, or there are too many.
    """
    values = {
        str(result.key): result.measured if isfinite(result.measured) else 0.0 for result in results
    }
    failed = {str(result.key) for result in results if not result.passed}
    return bars(values, "measured by partition", failed)
