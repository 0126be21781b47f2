"""The results file: the lines of each part, with the machine and the date."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.bench.results import machine
from synth_assets_tests.torture.trials import Trial

LATEST = Path("torture-results") / "latest.json"
KEPT = PROJECT / "docs" / "reliability" / "results.json"


def read(path: Path) -> dict[str, Any]:
    """A results file: its parts by name; empty if there is no file.

    Args:
        path: The file.
    """
    return dict(json.loads(path.read_text())) if path.exists() else {}


def keep(path: Path, part: str, trials: Sequence[Trial]) -> None:
    """Replaces a part in a results file, which is created if it is missing.

    Args:
        path: The file.
        part: The part.
        trials: Its lines.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    found = read(path)
    found[part] = {
        "date": now, "machine": machine(), "lines": [_rounded(t.as_json()) for t in trials],
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")


def _rounded(line: dict[str, Any]) -> dict[str, Any]:
    series = [_fewer_digits(numbers) for numbers in line["series"]]
    seconds = round(line["seconds"], 1)
    return line | {"numbers": _fewer_digits(line["numbers"]), "series": series, "seconds": seconds}


def _fewer_digits(numbers: dict[str, float]) -> dict[str, float]:
    return {name: round(number, 2) for name, number in numbers.items()}
