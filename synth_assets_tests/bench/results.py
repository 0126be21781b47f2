"""The results file: the rows of each part, with the machine, the versions and the date."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.bench.rows import Row

LATEST = Path("bench-results") / "latest.json"
KEPT = PROJECT / "docs" / "benchmarks" / "results.json"
# Packages whose versions decide speed.
PACKAGES = ("dagster", "dbt-core", "deltalake", "duckdb", "faker", "mimesis", "polars", "pyarrow",
            "psycopg", "tpchgen-cli")  # fmt: skip


def machine() -> dict[str, Any]:
    """The machine and the versions that results depend on."""
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "os": _system(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {platform.machine()}"
    except OSError:
        return f"{platform.system()} {platform.release()}, {platform.machine()}"


def read(path: Path) -> dict[str, Any]:
    """The parts of a results file, by name; none if there is no file.

    Args:
        path: The file.
    """
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"parts": {}}
    return dict(found["parts"])


def keep(path: Path, part: str, scale: str, rows: Sequence[Row]) -> None:
    """Replaces a part in a results file, which is created if it is missing.

    Args:
        path: The file.
        part: The part.
        scale: The scale at which it was measured.
        rows: Its rows.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    measured = {"date": now, "scale": scale, "machine": machine(),
                "rows": [_rounded(row.as_json()) for row in rows]}  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"parts": read(path) | {part: measured}}, indent=1) + "\n")


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Fractions with four significant digits: measurements have no more."""
    return {
        name: _rounded(v) if isinstance(v, dict) else float(f"{v:.4g}") if type(v) is float else v
        for name, v in row.items()
    }
