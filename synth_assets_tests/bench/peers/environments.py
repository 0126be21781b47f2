"""Builds the peers' virtual environments from ``../peers.txt``: ``make bench-peers``.

A peer that does not install is reported and left out; the others are built.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile

from synth_assets_tests.bench.peers.catalogue import ENVIRONMENTS, HERE

PINS = HERE.parent / "peers.txt"
SECTION = re.compile(r"\[(\S+)\]")
READY = ".ready"


def pins(text: str) -> dict[str, str]:
    """Requirements by peer, as pip reads them.

    Args:
        text: Sections that begin with ``[peer]``.
    """
    found: dict[str, str] = {}
    peer = ""
    for line in text.splitlines():
        if header := SECTION.fullmatch(line.strip()):
            peer = header[1]
            found[peer] = ""
        elif peer:
            found[peer] += f"{line}\n"
    return found


def build(peer: str, requirements: str) -> None:
    """Builds the environment of a peer, unless it has these requirements already.

    Args:
        peer: The peer.
        requirements: All packages with their versions; no others are installed.

    Raises:
        subprocess.CalledProcessError: It cannot be built.
    """
    folder = ENVIRONMENTS / peer
    ready = folder / READY
    if ready.exists() and ready.read_text() == requirements:
        return
    if folder.exists():
        shutil.rmtree(folder)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        subprocess.run(
            [
                folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check",
                "--no-deps", "-r", file.name,
            ],
            check=True,
        )  # fmt: skip
    ready.write_text(requirements)


def main() -> int:
    """Builds all of them; the exit code is 1 if one failed."""
    failed = []
    for peer, requirements in pins(PINS.read_text()).items():
        print(f"{peer}: {ENVIRONMENTS / peer}", flush=True)
        try:
            build(peer, requirements)
        except (subprocess.CalledProcessError, OSError) as error:
            failed.append(peer)
            print(f"{peer}: not installed, its rows will say so: {error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
