"""Claims of tables: two scenarios never write a table at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.orchestration.claims import REMOVAL, all_claimed, claimed
from synth_assets_tests.orchestration.test_append import growing
from synth_assets_tests.quality.parent_child import DOMAIN

TABLE = DOMAIN.table("child")
OTHER_PROCESS = """
import sys, time
from pathlib import Path
from synth_assets.orchestration.claims import claimed
from synth_assets_tests.quality.parent_child import DOMAIN
with claimed(Path(sys.argv[1]), DOMAIN.table("child"), "aaaa"):
    print("claimed", flush=True)
    time.sleep(60)
"""


def test_another_scenario_and_a_removal_wait_for_the_end_of_a_run(tmp_path: Path) -> None:
    with claimed(tmp_path, TABLE, "aaaa"):
        with claimed(tmp_path, TABLE, "aaaa"), claimed(tmp_path, DOMAIN.table("parent"), "bbbb"):
            pass
        for other in ("bbbb", REMOVAL):
            with (
                pytest.raises(UserError, match=r"written by another run \(scenario aaaa\)"),
                claimed(tmp_path, TABLE, other),
            ):
                pass
    with (
        claimed(tmp_path, TABLE, REMOVAL),
        pytest.raises(UserError, match="is being removed by another command"),
        claimed(tmp_path, TABLE, "aaaa"),
    ):
        pass
    with claimed(tmp_path, TABLE, "bbbb"):
        pass


def test_rows_of_another_extent_are_other_rows_where_the_table_grows(tmp_path: Path) -> None:
    parents, children = growing().tables
    with all_claimed(tmp_path, [parents, children], growing(2).scenario):
        with all_claimed(tmp_path, [parents, children], growing(2).scenario):
            pass
        with all_claimed(tmp_path, [children], growing(1).scenario):
            pass
        with (
            pytest.raises(UserError, match=r"with size 2\), and cannot be written for .* size 1 "),
            all_claimed(tmp_path, [children, parents], growing(1).scenario),
        ):
            pass
    with all_claimed(tmp_path, [parents], growing(1).scenario):
        pass


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OTHER_PROCESS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "claimed\n"
        with pytest.raises(UserError, match="aaaa"), claimed(tmp_path, TABLE, "bbbb"):
            pass
        process.kill()
        process.wait()
        with claimed(tmp_path, TABLE, "bbbb"):
            pass
