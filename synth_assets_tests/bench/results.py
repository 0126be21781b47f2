"""The results file: the rows of each part by scale, with the machine, the versions and the date."""

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
from synth_assets_tests.bench.rows import Row, Scale

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
    """A results file: scales by name, each with its parts by name; empty if there is no file.

    Args:
        path: The file.
    """
    return dict(json.loads(path.read_text())) if path.exists() else {}


def latest(path: Path) -> dict[str, Any]:
    """The latest results of each part, those of quick runs apart.

    Args:
        path: The file.
    """
    scales = [parts for scale, parts in read(path).items() if scale != Scale.quick.name]
    names = dict.fromkeys(name for parts in scales for name in parts)
    return {
        name: max((parts[name] for parts in scales if name in parts), key=lambda p: p["date"])
        for name in names
    }


def keep(path: Path, part: str, scale: Scale, rows: Sequence[Row]) -> None:
    """Replaces a part in a results file, which is created if it is missing.

    Args:
        path: The file.
        part: The part.
        scale: The scale at which it was measured.
        rows: Its rows.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    measured = {"date": now, "scale": scale.name, "machine": machine(),
                "rows": [_rounded(row.as_json()) for row in rows]}  # fmt: skip
    found = read(path)
    found[scale.name] = found.get(scale.name, {}) | {part: measured}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Fractions with four significant digits: measurements have no more."""
    return {
        name: _rounded(v) if isinstance(v, dict) else float(f"{v:.4g}") if type(v) is float else v
        for name, v in row.items()
    }
