"""The summary of a check over partitions: totals, the worst partition, a table and a plot."""

from __future__ import annotations

from base64 import b64decode
from math import nan
from xml.etree import ElementTree

import dagster as dg
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.orchestration.partition_plot import FAILED, HEIGHT, MOST_BARS
from synth_assets.orchestration.summaries import (
    MOST_ROWS,
    plot_of,
    sentence,
    summary_metadata,
    worst_of,
)


def rows(key: str, failing: float, of: float = 100) -> CheckResult:
    numbers = {"rows": of, "violation_rate": failing / of}
    return CheckResult(key, failing == 0, failing, "= 0", numbers, [{"id": int(failing)}])


def volume(key: str, count: float, *, passed: bool) -> CheckResult:
    return CheckResult(key, passed, count, "0.6 to 1.6 times 20", {"expected": 20.0})


FOUR = [rows("d1", 0), rows("d2", 6, of=11), rows("d3", 18), rows("d4", 0)]


def test_a_summary_has_totals_and_the_values_of_its_worst_partition() -> None:
    found = {name: value.value for name, value in summary_metadata(FOUR).items()}
    assert (found["partitions"], found["partitions_failed"]) == (4, 2)
    assert (found["rows"], found["rows_failed"]) == (311, 24)
    assert (found["worst_partition"], found["worst_measured"]) == ("d3", 18)
    assert "measured" not in found
    assert max(found) == "worst_threshold", "the UI sorts names: only a line follows the table"
    assert sentence(FOUR) == (
        "2 of 4 partitions failed, 24 of 311 rows. Worst: d3, measured 18, threshold = 0."
    )


def test_the_worst_is_the_farthest_from_what_is_expected_and_the_unreadable_before() -> None:
    few, many = volume("few", 2, passed=False), volume("many", 60, passed=False)
    fine = volume("fine", 12, passed=True)
    assert worst_of([many, few, fine]) == few
    unreadable = CheckResult("gone", False, nan, "readable")
    assert worst_of([few, unreadable]) == unreadable
    assert "Worst: gone, cannot be read" in sentence([few, unreadable])
    assert "rows" not in summary_metadata([few, many])


def test_all_passed_is_said_and_names_no_partition() -> None:
    passed = [rows(f"d{i}", 0) for i in range(3)]
    assert sentence(passed) == "All 3 partitions passed."
    assert "worst_partition" not in summary_metadata(passed)
    assert plot_of(passed) is None


def test_the_table_begins_with_the_table_of_partitions() -> None:
    table = summary_metadata(FOUR)["table_of_partitions"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [record.data["partition"] for record in table.records] == ["d3", "d2", "d1", "d4"]
    many = summary_metadata([rows(f"d{i}", i) for i in range(MOST_ROWS + 5)])["table_of_partitions"]
    assert isinstance(many, dg.TableMetadataValue)
    assert len(many.records) == MOST_ROWS


def test_one_high_bar_is_cut_so_that_the_others_can_be_seen() -> None:
    plot = plot_of([rows(f"d{i:02}", 1_000 if i == 5 else 10 + i % 2) for i in range(20)])
    assert plot is not None
    svg = b64decode(plot.partition("base64,")[2].removesuffix(")")).decode()
    drawn = ElementTree.fromstring(svg).findall("{http://www.w3.org/2000/svg}rect")
    heights = [float(bar.get("height", 0)) for bar in drawn]
    assert max(heights) == heights[5] == pytest.approx(HEIGHT)
    assert min(heights) > HEIGHT / 5
    assert "44, where bars are cut: the highest is 1,000" in svg


def test_the_plot_has_a_bar_for_each_partition_and_names_both_ends() -> None:
    plot = plot_of([*FOUR[:3], rows("<d4>", 0)])
    assert plot is not None
    svg = b64decode(plot.partition("base64,")[2].removesuffix(")")).decode()
    bars = ElementTree.fromstring(svg).findall("{http://www.w3.org/2000/svg}rect")
    assert [bar.get("fill") == FAILED for bar in bars] == [False, True, True, False]
    texts = [text.text for text in ElementTree.fromstring(svg).iter() if text.tag.endswith("text")]
    assert texts == ["18", "d1", "<d4>"]
    assert plot_of([rows(f"d{i}", i) for i in range(MOST_BARS + 1)]) is None
