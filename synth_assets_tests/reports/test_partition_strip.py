"""Strips of partitions, sparklines and lines of measured values."""

from __future__ import annotations

from synth_assets.core.check_result import CheckResult
from synth_assets.reports.partition_strip import CELLS, TALLEST, bars, line, strip
from synth_assets_tests.reports.examples import (
    DAYS,
    FAILED,
    NOT_A_NUMBER,
    SHARDS,
    SOUND,
    check,
    report,
    results,
)

TABLE = report(rows=dict.fromkeys(DAYS, 1)).tables[0]


def test_a_strip_shows_partitions_that_were_not_evaluated() -> None:
    half = check("half", outcomes=results(DAYS[3], keys=DAYS[:20]))
    found = [(s.start, s.length, s.status) for s in strip(half, TABLE)]
    assert found == [(0, 3, "passed"), (3, 1, "failed"), (4, 16, "passed"), (20, 10, "missing")]
    assert strip(half, TABLE)[1].title == "2026-01-04: failed, measured 3"
    assert strip(half, TABLE)[3].title == "2026-01-21 to 2026-01-30 (10): not evaluated"
    absent = check("absent", outcomes=[CheckResult("2026-01-00", False, 1.0, "= 0")])
    assert strip(absent, TABLE)[0].title == "2026-01-00: failed, measured 1"
    assert strip(NOT_A_NUMBER, TABLE) == []


def test_partitions_are_merged_only_if_there_are_many_segments() -> None:
    table = report(rows=dict.fromkeys(SHARDS, 1)).tables[0]
    few = strip(check("few", outcomes=results("s0005", keys=SHARDS)), table)
    assert [(s.start, s.length) for s in few] == [(0, 5), (5, 1), (6, 394)]
    every_other = strip(check("many", outcomes=results(*SHARDS[::2], keys=SHARDS)), table)
    assert len(every_other) <= CELLS
    assert every_other[0].title == "s0000 to s0399 (400): failed in 200 of 400, measured 3"


def test_a_large_partition_does_not_flatten_the_others() -> None:
    heights = [height for height, _ in bars({"a": 3_000, "b": 10, "c": 10, "d": 5})]
    assert heights[0] == 1
    assert heights[1] == 1 / TALLEST
    assert [height for height, _ in bars({"a": 0, "b": 0})] == [0, 0]
    assert bars({}) == []


def test_a_line_marks_the_failures() -> None:
    found = line(FAILED)
    assert found is not None
    assert (found.least, found.most, found.first, found.last) == (0, 3, DAYS[0], DAYS[-1])
    assert found.failures == "M138 4h0M310 4h0"
    assert found.path.count("L") == 29
    assert line(SOUND) is None
    assert line(NOT_A_NUMBER) is None
