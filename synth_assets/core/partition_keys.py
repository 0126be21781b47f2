"""The partition keys that a text of a user selects: a key, a range, or nothing for all of them."""

from __future__ import annotations

from synth_assets.core.errors import UserError
from synth_assets.core.partitioning import Partitioning, Unpartitioned, index_of

# Between the first and the last key of a range.
SEPARATOR = ".."


def require_text(partitioning: Partitioning, keys: object) -> str:
    """Refuses what is no text where a program gives partition keys.

    Args:
        partitioning: How the table is partitioned.
        keys: What the program gives.

    Raises:
        UserError: It is no text.
    """
    if not isinstance(keys, str):
        known = next(iter(partitioning.keys()), None)
        example = "" if known is None else f", such as {known!r}"
        raise UserError(f"partition {keys!r} must be a text{example}")
    return keys


def keys_between(partitioning: Partitioning, text: str | None) -> list[str]:
    """The partition keys that a text selects.

    Args:
        partitioning: How the table is partitioned; an unpartitioned table is always selected.
        text: A key, a range ``a..b`` with both ends, or None for all keys.

    Raises:
        UserError: A key does not exist, or the range ends before it begins.
    """
    keys = list(partitioning.keys())
    if text is None or isinstance(partitioning, Unpartitioned):
        return keys
    first, separator, last = text.partition(SEPARATOR)
    if separator and not (first and last):
        raise UserError(
            f"partitions {text}: a range must have both ends, as 2026-01-01..2026-01-31"
        )
    partitioning.index_range(first)
    if not separator:
        index_of(partitioning, first)
        return [first]
    partitioning.index_range(last)
    start, stop = index_of(partitioning, first), index_of(partitioning, last)
    if stop < start:
        raise UserError(f"partitions {text}: {last} comes before {first}")
    return keys[start : stop + 1]
