"""A password that is planted, and looked for where none may be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SECRET = "sw0rdfish"


def holding(secret: str, paths: Iterable[Path]) -> list[Path]:
    """The files that hold a secret."""
    return [path for path in paths if path.is_file() and secret.encode() in path.read_bytes()]
