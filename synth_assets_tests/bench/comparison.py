"""Two results side by side, by their ratios alone: the peers in each run cancel the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TOLERANCE = 0.20


def ratios(parts: Mapping[str, Any]) -> dict[str, float]:
    """The ratio of each row that has one, by part and name.

    Args:
        parts: Results, by part.
    """
    return {
        f"{name}: {row['name']}": row["ratio"]
        for name, part in parts.items()
        for row in part["rows"]
        if "ratio" in row
    }


def changes(kept: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """A line for each ratio that both have and that differs by more than ``TOLERANCE``.

    Args:
        kept: The kept results, by part.
        now: New results, by part.
    """
    before, after = ratios(kept), ratios(now)
    return [
        f"{name}: ratio {after[name]:.2f}, kept {before[name]:.2f} ({change:+.0%})"
        for name in before
        if name in after
        for change in [after[name] / before[name] - 1]
        if abs(change) > TOLERANCE
    ]
