"""Names of people by the culture of their country, as frequent as people bear them.

Frequencies are Faker's where it has them. Elsewhere names have a rank, and the share of rank r is
proportional to 1 / (r + q) (the law of Zipf and Mandelbrot), where q follows from the share of the
most frequent name. Names are in Latin letters, as an English shop keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import blake2b

import numpy as np
import polars as pl
from anyascii import anyascii

from synth_assets.domains.clean_room.source.people.name_lists import (
    CHINESE,
    CHINESE_ALONE,
    KOREAN,
    KOREAN_GIVEN,
    RANKED,
    TOP_SHARES,
)
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.vocabulary import names as listed
from synth_assets.randomness.vocabulary import weighted_names

# The culture of each country's names, by Faker's locales; Belgium's is the state's.
CULTURES = {
    "CN": "zh_CN", "US": "en_US", "BR": "pt_BR", "KR": "ko_KR", "FR": "fr_FR", "GB": "en_GB",
    "DE": "de_DE", "ES": "es_ES", "JP": "ja_JP", "AU": "en_GB", "PL": "pl_PL", "CO": "es_CO",
    "AT": "de_AT", "BE": "fr_BE",
}  # fmt: skip
FLANDERS, FLEMISH = "Flanders", "nl_BE"
# The culture of the public data set, which has English names everywhere.
ORIGINAL = "en_US"
ALL_CULTURES = tuple(dict.fromkeys([*CULTURES.values(), FLEMISH]))
WEIGHTED = ("en_US", "es_CO", "fr_BE", "nl_BE")
GENDERS = ("M", "F")
# Last names of China whose signs are read otherwise than in other words.
SURNAMES = {
    "曾": "Zeng", "仇": "Qiu", "单": "Shan", "解": "Xie", "查": "Zha", "区": "Ou", "缪": "Miao",
    "覃": "Qin", "翟": "Zhai", "朴": "Piao", "薄": "Bo", "卜": "Bu",
}  # fmt: skip
# Last names that Faker's American list has without their apostrophe.
OF_IRELAND = ("Obrien", "Oconnell", "Oconnor", "Odonnell", "Oneal", "Oneill")
# Weight of the syllable of rank r in the given names of China and Korea: 1 / (r + SYLLABLES).
SYLLABLES = 3.0

Weights = dict[str, float]


def culture_of(country_code: str, state: str) -> str:
    """The culture of the names of a place.

    Args:
        country_code: ISO 3166-1 alpha-2 code.
        state: The state.
    """
    return FLEMISH if (country_code, state) == ("BE", FLANDERS) else CULTURES[country_code]


class Names:
    """Names by culture and gender.

    Args:
        blocks: Names with their weights for men and women of each of ``ALL_CULTURES``.
    """

    def __init__(self, blocks: Iterable[Weights]) -> None:
        words: list[str] = []
        ends = []
        for number, weights in enumerate(blocks):
            words += weights
            running = np.cumsum(list(weights.values()))
            # The last of a block ends where the next begins.
            ends.append(np.append(running[:-1] / running[-1], 1.0) + number)
        self.names = pl.Series(words)
        # As e-mail addresses have them.
        self.letters = pl.Series(letters(word) for word in words)
        self._ends = pl.Series(np.concatenate(ends))

    def position(self, draw: RandomStream, row: pl.Expr, blocks: pl.Expr) -> pl.Expr:
        """The position of a random name, by frequency.

        Args:
            draw: The random stream.
            row: The row's number.
            blocks: Positions of names with their weights among those of all.
        """
        return pl.lit(self._ends).search_sorted(draw.uniform(row) + blocks, side="right")

    def show(self, position: pl.Expr) -> pl.Expr:
        """The names at positions.

        Args:
            position: Positions.
        """
        return gather(self.names, position)

    def spell(self, position: pl.Expr) -> pl.Expr:
        """The lower-case Latin letters of the names at positions.

        Args:
            position: Positions.
        """
        return gather(self.letters, position)


@cache
def first_names() -> Names:
    """First names, cached for the process."""
    return Names(first_weights(culture, gender) for culture in ALL_CULTURES for gender in GENDERS)


@cache
def last_names() -> Names:
    """Last names, cached for the process."""
    return Names(last_weights(culture, gender) for culture in ALL_CULTURES for gender in GENDERS)


def letters(name: str) -> str:
    """The lower-case Latin letters of a name.

    Args:
        name: The name.
    """
    return "".join(sign for sign in anyascii(name).lower() if sign.isalpha())


@cache
def first_weights(culture: str, gender: str) -> Weights:
    """First names with their weights.

    Args:
        culture: One of ``ALL_CULTURES``.
        gender: M or F.
    """
    if culture in WEIGHTED:
        return weighted_names(f"first_names_{'male' if gender == 'M' else 'female'}", culture)
    if culture == "zh_CN":
        return _composed(*CHINESE[gender], alone=CHINESE_ALONE)
    if culture == "ko_KR":
        return _composed(*KOREAN_GIVEN[gender])
    return _ranked(culture, GENDERS.index(gender))


@cache
def last_weights(culture: str, gender: str) -> Weights:
    """Last names with their weights.

    Args:
        culture: One of ``ALL_CULTURES``.
        gender: M or F, on which Polish names depend.
    """
    if culture == "zh_CN":
        found: Weights = {}
        for name, weight in weighted_names("last_names", culture).items():
            latin = SURNAMES.get(name, "".join(anyascii(name).split())).capitalize()
            found[latin] = found.get(latin, 0.0) + weight
        return found
    if culture == "ko_KR":
        shares = (entry.split() for entry in KOREAN.split(","))
        return {name: float(share) for name, share in shares}
    if culture in (*WEIGHTED, "en_GB"):
        names = weighted_names("last_names", culture)
        return {_in_english(name): weight for name, weight in names.items()}
    ranked = _ranked(culture, 2)
    if (culture, gender) == ("pl_PL", "F"):
        return {_of_woman(name): weight for name, weight in ranked.items()}
    return ranked


def _in_english(name: str) -> str:
    """A last name with its capitals: McClain, O'Brien."""
    if name in OF_IRELAND:
        return f"O'{name[1:].capitalize()}"
    return f"Mc{name[2:].capitalize()}" if name.startswith("Mc") else name


def _of_woman(name: str) -> str:
    return name[:-1] + "a" if name.endswith(("ski", "cki", "dzki")) else name


def _composed(firsts: str, seconds: str, alone: float = 0.0) -> Weights:
    """Given names of two syllables, and of the second alone."""
    ends = [(syllable, 1 / (rank + SYLLABLES)) for rank, syllable in enumerate(seconds.split())]
    total = sum(weight for _, weight in ends)
    found = {syllable: alone * weight / total for syllable, weight in ends} if alone else {}
    starts = [(syllable, 1 / (rank + SYLLABLES)) for rank, syllable in enumerate(firsts.split())]
    every = sum(weight for _, weight in starts)
    for start, first in starts:
        for end, second in ends:
            if start != end:
                share = (1 - alone) * first * second / every / total
                found[start + end.lower()] = found.get(start + end.lower(), 0.0) + share
    return found


def _ranked(culture: str, part: int) -> Weights:
    """Names by rank: those of ``name_lists``, then Faker's."""
    provider = ("first_name_male", "first_name_female", "last_name")[part]
    words = [word.replace("-", " ") for word in _words(culture, part)]
    if culture not in ("ja_JP", "pl_PL"):
        known = {letters(word) for word in words}
        others = [name for name, latin in listed(provider, culture) if latin not in known]
        # Faker's order here is alphabetical, which is no rank.
        words += sorted(others, key=lambda name: blake2b(name.encode()).digest())
    shift = _shift(len(words), TOP_SHARES[culture][part] / 100)
    return {word: 1 / (rank + shift) for rank, word in enumerate(words)}


def _words(culture: str, part: int) -> list[str]:
    return (RANKED[culture][part] or RANKED["de_DE"][part]).split()


def _shift(words: int, top: float) -> float:
    """The q with which the most frequent of several words has the share ``top``."""
    ranks, low, high = np.arange(words), 1e-3, 1e5
    for _ in range(60):
        middle = (low + high) / 2
        share = (1 / middle) / (1 / (ranks + middle)).sum()
        low, high = (middle, high) if share > top else (low, middle)
    return round(middle, 6)
