"""The commands of the docs: found, run in a scratch folder, and compared with the output shown.

A fence ``console`` has commands after ``$ `` and their output; ``sh`` has commands that must
succeed; ``python`` has a program that must succeed. In expected output a line ``…`` stands for any
lines, and ``…`` inside of a line for any text; times are never compared. A fence after a comment
``<!-- not run: reason -->`` is not run. The options of every ``synth`` command, run or not, are
checked by a test.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from synth_assets_docs.pages import DOCS

ROOT = DOCS.parent
PROMPT = "$ "
FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+) -->\n)?"
    r"^(?P<indent> *)```(?P<language>\w+)[^\n]*\n(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
RUN = ("console", "sh", "python")
ANY = "…"
# Seconds with a unit, and the last column of the summary's rows.
TIMES = re.compile(r"\d[\d,]*\.\d+(?= s\b)|(?<=│)\s*\d[\d,]*\.\d+(?= │$)", re.MULTILINE)
SECONDS_AT_MOST = 900


@dataclass(frozen=True)
class Example:
    """A fence with commands.

    Attributes:
        page: The page that has it.
        line: Line of the page.
        language: One of ``RUN``.
        body: Its text.
        reason: Why it is not run; empty if it is.
    """

    page: Path
    line: int
    language: str
    body: str
    reason: str = ""

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Each command with the output shown; without output for languages that show none."""
        if self.language == "python":
            return [(f"{shlex.quote(sys.executable)} -c {shlex.quote(self.body)}", "")]
        if self.language == "sh":
            return [(self.body, "")]
        parts = re.split(r"^\$ ", self.body, flags=re.MULTILINE)[1:]
        return [(command, shown) for command, _, shown in (p.partition("\n") for p in parts)]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """The README and all pages of the docs."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def examples_of(page: Path) -> list[Example]:
    """The fences of a page that have commands.

    Args:
        page: The page.
    """
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        if match["language"] in RUN:
            indent = match["indent"]
            body = re.sub(rf"^{indent}", "", match["body"], flags=re.MULTILINE)
            line = text.count("\n", 0, match.start("language")) + 1
            found.append(Example(page, line, match["language"], body, match["reason"] or ""))
    return found


def synth_commands(example: Example) -> Iterator[list[str]]:
    """The ``synth`` commands in an example, as words.

    Args:
        example: The example.
    """
    texts = [command for command, _ in example.commands] if example.language != "python" else []
    for text in texts:
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line.split(" | ")[0], comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words = words[1:]
            if words and Path(words[0]).name == "synth":
                yield words[1:]


def run(examples: Sequence[Example], folder: Path) -> Iterator[tuple[Example, str, str, str]]:
    """Runs examples one after another in a folder, each after those before it.

    Args:
        examples: The examples of a page.
        folder: The working folder; the home is ``.synth`` in it.

    Yields:
        Each command with its example, the output shown and the output found.

    Raises:
        AssertionError: A command failed.
    """
    environment = _environment(folder)
    for example in examples:
        for command, shown in [] if example.reason else example.commands:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=environment,
                text=True,
                capture_output=True,
                timeout=SECONDS_AT_MOST,
            )
            assert done.returncode == 0, f"{example}: {command}\n{done.stdout}{done.stderr}"
            yield example, command, shown, done.stdout


def alike(shown: str, found: str) -> bool:
    """Whether an output is as shown.

    Args:
        shown: The output in the docs.
        found: The output of the command.
    """
    lines = [_pattern(line) for line in _masked(shown).splitlines()]
    return re.fullmatch("".join(lines), _masked(found).rstrip("\n") + "\n") is not None


def _pattern(line: str) -> str:
    if line.strip() == ANY:
        return r"(?:.*\n)*?"
    parts = [re.escape(part) for part in line.rstrip().split(ANY)]
    return ".*".join(parts) + r"[ ]*\n"


def _masked(text: str) -> str:
    return TIMES.sub("0.0", text)


def _environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SYNTH_", "DAGSTER_"))}
    binaries = str(Path(sys.executable).parent)
    return kept | {
        "SYNTH_HOME": str(folder / ".synth"),
        "PATH": f"{binaries}:{kept.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "120",
        "NO_COLOR": "1",
        "DBT_TARGET_PATH": str(folder / "dbt_target"),
        "DBT_LOG_PATH": str(folder),
    }


def prepare(folder: Path) -> None:
    """Gives a folder what examples expect: the dbt project, and the jaffle shop of the demo.

    Args:
        folder: The folder.
    """
    (folder / "dbt_project").symlink_to(ROOT / "dbt_project")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / ".venv").symlink_to(sys.prefix)
    command = "synth materialize jaffle --partitions 2026-01-01..2026-03-01"
    home = Example(ROOT / "README.md", 0, "sh", command)
    list(run([home], folder))


def main(*, write: bool) -> int:
    """Runs the examples of all pages; prints or replaces outputs that differ.

    Args:
        write: Whether to replace the outputs in the pages.

    Returns:
        1 if an output differs and was not replaced.
    """
    differing = 0
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        prepare(folder)
        for page in pages():
            for example, command, shown, found in run(examples_of(page), folder):
                if example.language == "console" and not alike(shown, found):
                    sys.stdout.write(f"{example}: {command}\n{found}\n")
                    differing += 1
                    if write:
                        _replace_output(example, command, found)
    return int(differing > 0 and not write)


def _replace_output(example: Example, command: str, found: str) -> None:
    text = example.page.read_text(encoding="utf-8")
    shown = dict(example.commands)[command]
    old, new = f"{PROMPT}{command}\n{shown}", f"{PROMPT}{command}\n{found.rstrip()}\n"
    example.page.write_text(text.replace(old, new, 1), encoding="utf-8")
