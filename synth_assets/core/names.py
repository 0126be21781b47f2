"""Names of columns, which databases compare without regard to case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def differing_in_case(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names that are the same as one before but for the case of letters, each with that one.

    Args:
        names: The names, in order.
    """
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            yield seen[name.lower()], name
        seen.setdefault(name.lower(), name)
