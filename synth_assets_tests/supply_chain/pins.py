"""The pins of ``requirements.txt``, and how they are made: names, versions and hashes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from synth_assets.orchestration.shipped import PROJECT

FILE = PROJECT / "requirements.txt"
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
HEADER = re.compile(r"(?:#.*\n)*")
# sqlglotrs does nothing any more but make sqlglot warn of it.
LEFT_OUT = "sqlglotrs"


class Pin(NamedTuple):
    """A package of a version, with the hashes of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pins(text: str) -> list[Pin]:
    """The pins of a requirements file.

    Args:
        text: The file's text.
    """
    found = list(PIN.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    return [
        Pin(m[1], m[2], tuple(re.findall(r"--hash=(\S+)", text[m.end() : end])))
        for m, end in zip(found, ends, strict=True)
    ]


def command(output: Path) -> list[str]:
    """The command that pins everything; versions that a file has already stay.

    Args:
        output: The file.
    """
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    return [
        uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
        "--all-extras", "--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url",
        "--no-emit-find-links", "--no-emit-package", LEFT_OUT, "--output-file", str(output),
        "pyproject.toml",
    ]  # fmt: skip


def lock(file: Path = FILE) -> None:
    """Writes the pins again: new packages are added, versions that are there stay.

    Args:
        file: The requirements file.

    Raises:
        subprocess.CalledProcessError: There is no set of versions, or no index.
    """
    header = HEADER.match(file.read_text())
    assert header is not None
    subprocess.run(command(file), cwd=PROJECT, check=True)
    file.write_text(header[0] + file.read_text())
