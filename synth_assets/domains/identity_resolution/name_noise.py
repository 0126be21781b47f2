"""Noise in first and last names: kinds, and how a name is shown with each.

A kind that a name has no use for (no nickname, no foreign letters) is shown as another one, which
``Variants.kind`` names: the shares of records with any noise are those of the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from synth_assets.domains.identity_resolution.misspelling import TYPOS, sounds_alike, typos
from synth_assets.domains.identity_resolution.name_shares import Name
from synth_assets.domains.identity_resolution.nicknames import NICKNAMES
from synth_assets.randomness.lookup import gather

NICKNAME, INITIAL, TYPO, PHONETIC, TRANSLITERATED, SWAPPED, FORMER = (
    "nickname", "initial", "name_typo", "sounds_alike", "transliterated", "swapped_names",
    "former_name",
)  # fmt: skip
CLEAN = "clean"
FIRST_KINDS = (CLEAN, NICKNAME, INITIAL, TYPO, PHONETIC, TRANSLITERATED, SWAPPED)
LAST_KINDS = (CLEAN, TYPO, PHONETIC, TRANSLITERATED, FORMER, SWAPPED)
# What is shown where a kind has no use.
NEXT = {NICKNAME: INITIAL, INITIAL: TRANSLITERATED, TYPO: TRANSLITERATED, PHONETIC: TYPO,
        TRANSLITERATED: TYPO}  # fmt: skip


class Variants:
    """All names as they are and with each kind of noise.

    Args:
        names: The names.
        kinds: The kinds of noise, ``CLEAN`` first.
    """

    def __init__(self, names: Sequence[Name], kinds: Sequence[str]) -> None:
        self._size, self._kinds = len(names), len(kinds)
        self._typo = kinds.index(TYPO)
        found = {kind: [SHOWN[kind](name) for name in names] for kind in kinds if kind in SHOWN}
        shown: list[str] = []
        used: list[int] = []
        for kind in kinds:
            for place, name in enumerate(names):
                other = _used(kind, found, place, name.native)
                shown.append(found[other][place][0] if other in found else name.native)
                used.append(kinds.index(other))
        more = [texts[which] for which in range(1, TYPOS) for texts in found[TYPO]]
        self._shown = pl.Series([*shown, *more])
        self._used = pl.Series(used, dtype=pl.Int64)

    def kind(self, name: pl.Expr, drawn: pl.Expr) -> pl.Expr:
        """The kind, an index into ``kinds``, that a name is shown with.

        Args:
            name: Index of the name.
            drawn: The drawn kind.
        """
        return gather(self._used, drawn.cast(pl.Int64) * self._size + name)

    def text(self, name: pl.Expr, drawn: pl.Expr, which: pl.Expr) -> pl.Expr:
        """The name as it is shown.

        Args:
            name: Index of the name.
            drawn: The drawn kind.
            which: One of ``TYPOS`` typing errors.
        """
        row = pl.when((drawn == self._typo) & (which > 0)).then(self._kinds - 1 + which)
        return gather(self._shown, row.otherwise(drawn.cast(pl.Int64)) * self._size + name)


def _used(kind: str, found: Mapping[str, Sequence[list[str]]], place: int, native: str) -> str:
    """The kind itself, or the next one that changes the name."""
    for _ in NEXT:
        if kind not in NEXT or (kind in found and found[kind][place][0] != native):
            break
        kind = NEXT[kind]
    return kind


def _nickname(name: Name) -> list[str]:
    return [NICKNAMES.get(name.native, name.native)]


def _initial(name: Name) -> list[str]:
    return [f"{name.native[0]}." if name.native[0].lower() in "abcdefghijklmnopqrstuvwxyz"
            else name.native]  # fmt: skip


def _typos(name: Name) -> list[str]:
    latin = name.native.isascii() or name.native[0].lower() <= "ž"
    if latin:
        return typos(name.native)
    # Names in characters are mistyped in Latin letters.
    return [wrong.capitalize() for wrong in typos(name.latin)]


def _sounds_alike(name: Name) -> list[str]:
    return [sounds_alike(name.native)]


def _transliterated(name: Name) -> list[str]:
    return [name.native if name.native.isascii() else name.latin.capitalize()]


SHOWN: dict[str, Callable[[Name], list[str]]] = {
    NICKNAME: _nickname,
    INITIAL: _initial,
    TYPO: _typos,
    PHONETIC: _sounds_alike,
    TRANSLITERATED: _transliterated,
}
