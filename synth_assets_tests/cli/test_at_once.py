"""Two commands that materialize overlapping days of one domain at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from synth_assets_tests.shell import Shell


@pytest.mark.slow
def test_two_runs_with_overlapping_days_both_pass(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home")
    spans = ("2026-01-01..2026-01-10", "2026-01-05..2026-01-15")
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda s: shell("materialize", "jaffle", "--partitions", s), spans))
    assert [run.returncode for run in done] == [0, 0], [run.stderr + run.stdout for run in done]
    judged = shell("gate", "jaffle")
    assert judged.returncode == 0, judged.stdout
    assert "judged once" not in (tmp_path / "home/gate/cli/report.json").read_text()
