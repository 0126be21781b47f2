"""Measured shares beside the declared ones, and overlap matrices, from the numbers of results.

Numbers carry them by their names. ``declared.red`` is the target of ``share.red``, ``rate.red`` or
``found.red``. ``overlap.crm.web`` is the number of members that CRM and the web have in common, and
``overlap.crm.crm`` that of all members of CRM.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from synth_assets.quality.proportions import DECLARED
from synth_assets.reports.gate import CheckOutcome

TARGET, OVERLAP = f"{DECLARED}.", "overlap."
MEASURED = ("share.", "rate.", "found.")
# Values of a distribution that a page shows.
SHOWN = 12


@dataclass(frozen=True)
class Bar:
    """A value of a distribution.

    Attributes:
        name: The value.
        measured: Its share; the mean over partitions.
        declared: The declared share.
        position: The measured share as a percentage of the scale.
        target: The declared share as a percentage of the scale.
    """

    name: str
    measured: float
    declared: float
    position: float
    target: float


@dataclass(frozen=True)
class Distribution:
    """A check with declared targets.

    Attributes:
        check: The check.
        bars: Its largest values.
        further: Number of values that are not shown.
    """

    check: CheckOutcome
    bars: Sequence[Bar]
    further: int


@dataclass(frozen=True)
class Matrix:
    """Members that each pair of groups has in common.

    Attributes:
        check: The check that counted them.
        names: The groups.
        counts: A row per group: the members that it shares with each group.
    """

    check: CheckOutcome
    names: Sequence[str]
    counts: Sequence[Sequence[float]]

    def share(self, row: int, column: int) -> float:
        """The share of a group's members that another group also has.

        Args:
            row: Position of the group.
            column: Position of the other group.
        """
        own = self.counts[row][row]
        return self.counts[row][column] / own if own else 0.0


def distributions(checks: Iterable[CheckOutcome]) -> list[Distribution]:
    """The checks that measure shares with declared targets.

    Args:
        checks: Any checks.
    """
    return [found for check in checks if (found := _distribution(check)) is not None]


def _distribution(check: CheckOutcome) -> Distribution | None:
    numbers = _means(check)
    pairs = [
        (name.removeprefix(TARGET), value, declared)
        for name, declared in numbers.items()
        if name.startswith(TARGET)
        for value in [_measured(numbers, name.removeprefix(TARGET))]
        if value is not None
    ]
    if not pairs:
        return None
    pairs.sort(key=lambda pair: -max(pair[1], pair[2]))
    scale = max(max(value, declared) for _, value, declared in pairs) or 1.0
    bars = [
        Bar(name, value, declared, _percent(value, scale), _percent(declared, scale))
        for name, value, declared in pairs[:SHOWN]
    ]
    return Distribution(check, bars, len(pairs) - len(bars))


def _percent(value: float, scale: float) -> float:
    return round(min(max(100 * value / scale, 0.0), 100.0), 2)


def _measured(numbers: dict[str, float], name: str) -> float | None:
    return next((numbers[p + name] for p in MEASURED if p + name in numbers), None)


def _means(check: CheckOutcome) -> dict[str, float]:
    """The finite numbers of a check, each as its mean over the partitions."""
    values: dict[str, list[float]] = {}
    for result in check.results:
        for name, value in result.numbers.items():
            if math.isfinite(value):
                values.setdefault(name, []).append(value)
    return {name: fmean(found) for name, found in values.items()}


def matrices(checks: Iterable[CheckOutcome]) -> list[Matrix]:
    """The checks that count common members of groups.

    Args:
        checks: Any checks.
    """
    return [found for check in checks if (found := _matrix(check)) is not None]


def _matrix(check: CheckOutcome) -> Matrix | None:
    pairs: dict[tuple[str, str], float] = {}
    for name, value in _means(check).items():
        parts = name.removeprefix(OVERLAP).split(".")
        if name.startswith(OVERLAP) and len(parts) == 2:
            one, other = parts
            pairs[one, other] = pairs[other, one] = value
    names = list(dict.fromkeys(one for one, _ in pairs))
    if not names:
        return None
    counts = [[pairs.get((one, other), 0.0) for other in names] for one in names]
    return Matrix(check, names, counts)


def is_distribution_number(name: str) -> bool:
    """Whether a number is a part of a distribution or matrix, which pages show as such.

    Args:
        name: Name of the number.
    """
    return name.startswith((TARGET, OVERLAP))
