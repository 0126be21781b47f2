"""The command line of programs that run parts by name and keep the results of each in a file."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Any


class PartParser(argparse.ArgumentParser):
    """The arguments ``PART…`` and ``--json FILE``; a program adds its own.

    Args:
        program: How the program is called.
        description: What it does.
        parts: Names of the parts.
        latest: The file of the results by default.
    """

    def __init__(
        self, program: str, description: str | None, parts: Collection[str], latest: Path
    ) -> None:
        super().__init__(program, description=description)
        self._parts = parts
        known = ", ".join(parts)
        self.add_argument("parts", nargs="*", metavar="PART", help=f"of {known}; all by default")
        self.add_argument(
            "--json", type=Path, default=latest, metavar="FILE",
            help=f"file of the results, in which the parts are replaced ({latest})",
        )  # fmt: skip

    def parse_args(self, *args: Any, **options: Any) -> argparse.Namespace:  # type: ignore[override]
        found = super().parse_args(*args, **options)
        if unknown := sorted(set(found.parts) - set(self._parts)):
            self.error(f"no part {', '.join(unknown)}: known are {', '.join(self._parts)}")
        return found
