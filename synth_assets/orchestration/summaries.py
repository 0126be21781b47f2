"""The summary of a check's results over several partitions, as Dagster's metadata.

Dagster's own plots of a check have the run's time as their axis, so all partitions of a run fall on
one point. The summary therefore has a plot over partitions and a table of them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from math import inf, isfinite, isnan, log

import dagster as dg

from synth_assets.core.check_result import CheckResult
from synth_assets.orchestration.metadata import result_metadata

# The most partitions that the table and the plot of a summary have.
MOST_ROWS, MOST_BARS = 100, 400
WIDTH, HEIGHT, MARGIN = 640, 120, 16
PASSED, FAILED, TEXT = "#4c78a8", "#d62728", "#6b7280"
COLUMNS = [
    dg.TableColumn("partition", "string"),
    dg.TableColumn("passed", "bool"),
    dg.TableColumn("measured", "float"),
    dg.TableColumn("bound", "string"),
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
        kept = ("measured", "bound", "note", "offenders")
        of_worst = result_metadata(worst)
        metadata |= {f"worst_{name}": of_worst[name] for name in kept if name in of_worst}
    metadata["by_partition"] = _table(results)
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
                "bound": result.threshold,
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
    values = [result.measured if isfinite(result.measured) else 0.0 for result in results]
    if not 1 < len(results) <= MOST_BARS or min(values) == max(values):
        return None
    low, high = min(0.0, *values), max(0.0, *values)
    step, scale = WIDTH / len(values), HEIGHT / (high - low)
    bars = "".join(
        f'<rect x="{i * step:.1f}" y="{MARGIN + (high - max(value, 0)) * scale:.1f}" '
        f'width="{max(step - 1, 1):.1f}" height="{max(abs(value) * scale, 1):.1f}" '
        f'fill="{PASSED if result.passed else FAILED}"/>'
        for i, (value, result) in enumerate(zip(values, results, strict=True))
    )
    first, last = escape(str(results[0].key)), escape(str(results[-1].key))
    bottom = HEIGHT + 2 * MARGIN - 2
    texts = (
        f'<text x="0" y="11">{high:,g}</text><text x="0" y="{bottom}">{first}</text>'
        f'<text x="{WIDTH}" y="{bottom}" text-anchor="end">{last}</text>'
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT + 2 * MARGIN}" '
        f'font-family="sans-serif" font-size="11" fill="{TEXT}">{bars}{texts}</svg>'
    )
    return f"![measured by partition](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
