"""The licences that installed packages declare, without a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import metadata
from typing import NamedTuple

from synth_assets_tests.supply_chain.pins import Pin

UNDECLARED = "not declared"
# Longer texts are the licence itself, not its name.
LONGEST_NAME = 60
# Words of licences that ask more of who passes a package on than to name its authors.
RECIPROCAL = ("GPL", "General Public", "MPL", "Mozilla", "EPL", "Eclipse")


class Licence(NamedTuple):
    """A package with its licence."""

    package: str
    version: str
    name: str

    @property
    def is_reciprocal(self) -> bool:
        """Whether it asks for more than a notice."""
        return any(word in self.name for word in RECIPROCAL)


def licences(pins: Sequence[Pin]) -> Iterator[Licence]:
    """The licence of each pinned package that is installed; others are of other platforms.

    Args:
        pins: The pins.
    """
    for pin in pins:
        try:
            found = metadata.metadata(pin.name)
        except metadata.PackageNotFoundError:
            continue
        yield Licence(pin.name, found["Version"], _name(found))


def _name(found: metadata.PackageMetadata) -> str:
    """The licence's name: the expression, else the classifiers, else a short text."""
    expression = found.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in found.get_all("Classifier") or []
        if text.startswith("License ::") and text != "License :: OSI Approved"
    ]
    if classifiers:
        return ", ".join(dict.fromkeys(classifiers))
    text = " ".join(str(found.get("License") or "").split())
    return text if text and len(text) <= LONGEST_NAME else UNDECLARED
