"""Shares that sum to one: what becomes of the others when one is changed."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

# Decimals to which shares are kept, so that files stay readable.
DECIMALS = 6


def rebalanced(
    shares: Mapping[str, float], name: str, value: float, locked: Collection[str]
) -> dict[str, float]:
    """The shares after one was changed: the others that are not locked keep their proportions.

    Args:
        shares: The shares before.
        name: The one that was changed.
        value: Its new value, which is limited to what the locked ones leave.
        locked: Names of shares that stay as they are.
    """
    kept = {n: s for n, s in shares.items() if n in locked and n != name}
    free = {n: s for n, s in shares.items() if n not in locked and n != name}
    left = max(0.0, 1.0 - math.fsum(kept.values()))
    # Without a free one to give or take, the changed one has what is left.
    new = min(max(value, 0.0), left) if free else left
    rest, total = left - new, math.fsum(free.values())
    scaled = {n: rest * s / total if total else rest / len(free) for n, s in free.items()}
    changed = {**kept, **scaled, name: new}
    return exact({n: changed[n] for n in shares})


@dataclass
class Sliding:
    """A share that is being changed, perhaps in several steps, and the shares before the first one.

    Each step begins with those, so that the others have their proportions again when one comes back
    from 100 %.

    Attributes:
        name: The one that is changed.
        locked: Names of shares that stayed as they are.
        before: The shares before it was changed.
        after: The shares after the last step.
    """

    name: str
    locked: frozenset[str]
    before: Mapping[str, float]
    after: Mapping[str, float]


def slid(
    last: Sliding | None,
    shares: Mapping[str, float],
    name: str,
    value: float,
    locked: Collection[str],
) -> Sliding:
    """A step of a change.

    Args:
        last: The step before, if there is one.
        shares: The shares as they are.
        name: The one that is changed.
        value: Its new value.
        locked: Names of shares that stay as they are.
    """
    kept = frozenset(locked)
    goes_on = last and (last.name, last.locked, dict(last.after)) == (name, kept, dict(shares))
    before = last.before if last and goes_on else shares
    return Sliding(name, kept, before, rebalanced(before, name, value, kept))


def exact(shares: Mapping[str, float]) -> dict[str, float]:
    """Shares in the same proportions that sum to one, but for rounding.

    Args:
        shares: Numbers above or equal 0.
    """
    total = math.fsum(shares.values())
    if not total:
        return {name: round(1 / len(shares), DECIMALS) for name in shares}
    rounded = {name: round(share / total, DECIMALS) for name, share in shares.items()}
    largest = max(rounded, key=lambda name: rounded[name])
    rounded[largest] = round(rounded[largest] + 1 - math.fsum(rounded.values()), DECIMALS)
    return rounded
