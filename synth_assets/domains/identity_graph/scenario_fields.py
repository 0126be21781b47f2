"""What the parts of the scenario share: their base class, and validators of shares by name.

Shares must sum to one (0.99 to 1.01); unknown names and fields are errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pydantic import AfterValidator, BaseModel, ConfigDict

from synth_assets.core.scenario import NamedValues

# Range of the sum of shares.
LEAST_SUM, MOST_SUM = 0.99, 1.01


def _known(names: Sequence[str], given: Mapping[str, float]) -> None:
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ValueError(f"unknown name {unknown[0]!r}: known are {', '.join(names)}")
    wrong = [f"{name} = {share:g}" for name, share in given.items() if not 0 <= share <= 1]
    if wrong:
        raise ValueError(f"{wrong[0]}: every share must be between 0 and 1")


def weights(*names: str) -> NamedValues:
    """Validates shares of some of the names, which sum to one.

    Args:
        names: The known names.
    """

    def check(given: dict[str, float]) -> dict[str, float]:
        _known(names, given)
        total = math.fsum(given.values())
        if not LEAST_SUM <= total <= MOST_SUM:
            raise ValueError(
                f"the shares sum to {total:g}; they must sum to 1 ({LEAST_SUM} to {MOST_SUM})"
            )
        # In the order of the names, so that the order in which they were given changes nothing.
        return {name: given[name] for name in names if name in given}

    return NamedValues(check, names, shares=True)


def probabilities(*names: str) -> NamedValues:
    """Validates probabilities of some of the names; they need not sum to one.

    Args:
        names: The known names.
    """

    def check(given: dict[str, float]) -> dict[str, float]:
        _known(names, given)
        if not any(given.values()):
            raise ValueError("at least one probability must be above 0")
        return {name: given.get(name, 0.0) for name in names}

    return NamedValues(check, names)


def factors(*names: str, most: float = 100) -> NamedValues:
    """Validates a number above 0 for each of the names.

    Args:
        names: The names, all of which are needed.
        most: The highest number.
    """

    def check(given: dict[str, float]) -> dict[str, float]:
        if set(given) != set(names) or not all(0 < value <= most for value in given.values()):
            raise ValueError(
                f"numbers above 0 and up to {most:,g} are needed of {', '.join(names)}"
            )
        return {name: given[name] for name in names}

    return NamedValues(check, names, most=most)


def seven_weights() -> AfterValidator:
    """Validates a weight above 0 for each day of the week."""

    def check(given: list[float]) -> list[float]:
        if len(given) != 7 or not all(0 < weight <= 100 for weight in given):
            raise ValueError("seven weights above 0 and up to 100 are needed, Monday first")
        return given

    return AfterValidator(check)


def some_of(*names: str) -> NamedValues:
    """Validates a list of some of the names, and puts it in their order.

    Args:
        names: The known names.
    """

    def check(given: list[str]) -> list[str]:
        unknown = [name for name in given if name not in names]
        if unknown:
            raise ValueError(f"unknown name {unknown[0]!r}: known are {', '.join(names)}")
        if not given:
            raise ValueError(f"at least one must be named of {', '.join(names)}")
        return [name for name in names if name in given]

    return NamedValues(check, names)


class Part(BaseModel):
    """Base of the parts: unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())
