"""What a shell offers: commands, selections, fields of ``--set`` and partitions."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.environment import only

Complete = Callable[[str], list[str]]


@pytest.fixture
def offered(synth: Synth, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """The words that bash is offered for a line, by the command's own answer to bash."""

    def complete(line: str) -> list[str]:
        monkeypatch.setenv("_SYNTH_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        done = synth()
        assert (done.code, done.err) == (0, "")
        return done.out.split()

    return complete


LINES = {
    "synth mat": {"materialize"},
    "synth describe jaffle/raw_orders": {
        "jaffle/raw_orders_training",
        "jaffle/raw_orders_validation",
    },
    "synth gate ja": {"jaffle", "jaffle/stg_google_ads", "jaffle/raw_orders_training"},
    "synth materialize ": {"all", "jaffle", "journey", "clean_room"},
    "synth materialize jaffle --set se": {"seed=42"},
    "synth materialize jaffle --partitions 2026-01-02..2026-01-1": {
        f"2026-01-02..2026-01-1{digit}" for digit in range(10)
    },
    "synth export identity_graph --partitions s000": {f"s000{n}" for n in range(8)},
    "synth clean --dr": {"--dry-run"},
    "synth clean-room exa": {"example"},
}


@pytest.mark.parametrize(("line", "words"), LINES.items(), ids=LINES)
def test_words_are_offered(offered: Complete, line: str, words: set[str]) -> None:
    found = offered(line)
    assert words <= set(found)
    last = line.rpartition(" ")[2]
    assert all(word.startswith(last) for word in found)


def test_a_wrong_environment_offers_nothing_and_prints_nothing(offered: Complete) -> None:
    with only(SYNTH_JAFFLE_START_DATE="tomorrow"):
        assert offered("synth list ja") == []


# Imports that an offered selection does not wait for.
SLOW = ("dagster", "dbt", "google.cloud.bigquery", "scipy.stats")
PROGRAM = f"""
import atexit, sys
atexit.register(lambda: sys.stderr.write(
    "IMPORTED " + " ".join(name for name in {SLOW!r} if name in sys.modules)))
sys.argv = ["synth"]
from synth_assets.cli import main
main()
"""
SCRIPT = """
cd "$ROOT"
synth() { "$PYTHON" -c "$PROGRAM" "$@"; }
env() { # the script calls the program through env, which finds no function
    local given=()
    while [[ $1 == *=* ]]; do given+=("$1"); shift; done
    command env "${given[@]}" "$PYTHON" -c "$PROGRAM"
}
eval "$(_SYNTH_COMPLETE=source_bash synth 2>/dev/null)"
COMP_WORDS=(synth materialize jaffle/stg_f) COMP_CWORD=2
$(complete -p synth | sed 's/.*-F \\([^ ]*\\).*/\\1/') synth
printf '%s\\n' "${COMPREPLY[@]}"
"""


def test_bash_completes_a_table_without_slow_imports(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "SYNTH_HOME": str(tmp_path),
        "PYTHON": sys.executable,
        "PROGRAM": PROGRAM,
        "ROOT": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        ["bash", "--norc", "-c", SCRIPT], env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["jaffle/stg_facebook_ads"], done.stderr
    assert done.stderr.strip() == "IMPORTED"


@pytest.mark.parametrize("position", ["", "abc", "-1"])
def test_a_request_without_a_position_is_refused(
    synth: Synth, monkeypatch: pytest.MonkeyPatch, position: str
) -> None:
    monkeypatch.setenv("_SYNTH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "synth li")
    monkeypatch.setenv("COMP_CWORD", position)
    done = synth()
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "COMP_CWORD the number of the one to complete" in done.err
