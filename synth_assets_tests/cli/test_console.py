"""What commands print: paths are no markup of the terminal library, and readers may be gone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from synth_assets import cli
from synth_assets.cli.console import path_markup
from synth_assets_tests.shell import SYNTH

# A path that is printed as markup, without ``escape``.
# What is written past the functions that know of readers which are gone.
PAST = re.compile(r"std(?:out|err)\.write\(|out\.file\.write\(|\btyper\.echo\(|^ +print\(", re.M)
UNESCAPED = re.compile(r"\.print\((?:(?!\n\n|note\()[^;])*?\{display_path\(")


def test_brackets_in_a_path_are_printed() -> None:
    console = Console(width=200)
    with console.capture() as printed:
        console.print(f"[bold]{path_markup('/data/[/old]/a[red]')}[/]")
    assert printed.get() == "/data/[/old]/a[red]\n"


def test_commands_print_paths_as_they_are() -> None:
    files = Path(cli.__file__).parent.glob("*.py")
    assert [f.name for f in files if UNESCAPED.search(f.read_text(encoding="utf-8"))] == []


def test_commands_write_where_a_reader_may_be_gone() -> None:
    # ``__init__`` writes before the console is imported.
    files = [f for f in Path(cli.__file__).parent.glob("*.py") if f.name != "__init__.py"]
    assert [f.name for f in files if PAST.search(f.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("list jaffle", 0),
        ("list --json", 0),
        ("clean-room example customer_segmentation", 0),
        ("list --help", 0),
        ("list nothing", 2),
    ],
)
# A pipe without a reader, and streams that are closed.
@pytest.mark.parametrize("streams", ["> >(:)", "> >(:) 2>&1", "<&- >&- 2>&-"])
@pytest.mark.slow
def test_a_reader_that_is_gone_changes_no_exit_code(
    home: Path, words: str, code: int, streams: str
) -> None:
    # The pipe's reader has ended before the command starts.
    script = f"(sleep 0.5; exec {SYNTH} {words}) {streams}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if code == 0:
        assert done.stderr == ""
