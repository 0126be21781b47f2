"""What commands print: paths are no markup of the terminal library."""

from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console

from synth_assets import cli
from synth_assets.cli.console import path_markup

# A path that is printed as markup, without ``escape``.
UNESCAPED = re.compile(r"\.print\((?:(?!\n\n|note\()[^;])*?\{display_path\(")


def test_brackets_in_a_path_are_printed() -> None:
    console = Console(width=200)
    with console.capture() as printed:
        console.print(f"[bold]{path_markup('/data/[/old]/a[red]')}[/]")
    assert printed.get() == "/data/[/old]/a[red]\n"


def test_commands_print_paths_as_they_are() -> None:
    files = Path(cli.__file__).parent.glob("*.py")
    assert [f.name for f in files if UNESCAPED.search(f.read_text(encoding="utf-8"))] == []
