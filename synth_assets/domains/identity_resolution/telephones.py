"""Telephone numbers that are valid in their country and unique to one line.

A line's number is the country's code, a lead (digits that make it a mobile number of the country,
as ``phonenumbers`` knows them), four free digits and an ending. An ending belongs to one locale,
and leads of a country differ in their last three digits: so **the last nine digits identify a line
worldwide**, in whatever format its number is written. Resolvers may compare those, as
``normalised`` does.
"""

from __future__ import annotations

import math
import re
from functools import cache
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
import phonenumbers
import polars as pl
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.permutations import AffinePermutation, AffinePermutations
from synth_assets.randomness.splitmix64 import mix_one
from synth_assets.randomness.streams import RandomStream

# Digits after the lead; the last two of them are the ending.
TAIL, ENDINGS, FREE = 6, 100, 10_000
# Placeholder of a digit in a format.
DIGIT = "#"
# Last digits that identify a line.
KEY_DIGITS = 9
# Tails with which a lead must form valid numbers.
PROBES = ("000000", "999999", "123456", "555555", "246802")
# Lines that the numbers must suffice for: persons at a billion records, and companies.
MOST_LINES = 230_000_000
# How mobile numbers of people begin, where numbers of machines and of old networks are valid too.
PEOPLES = {"IN": "^[6-9]", "JP": "^[789]0", "KR": "^10[2-9]"}
# Formats of a number; the first is the clean one.
KINDS = ("e164", "dashes", "national", "local")
# Values in place of a number.
PLACEHOLDERS = ("0000000000", "000-00-0000")


@cache
def leads(country: str) -> tuple[int, ...]:
    """Leads of a country's mobile numbers, shuffled; their last three digits are unique.

    Args:
        country: ISO 3166 code.
    """
    checks: Any = PhoneMetadata.metadata_for_region(country)
    pattern = checks.mobile.national_number_pattern
    example = str(_example(country).national_number)
    size = len(example) - TAIL
    number = pl.Series("lead", range(10 ** (size - 1), 10**size))
    text = number.cast(pl.String)
    valid = text.str.contains(PEOPLES.get(country, ""))
    for probe in PROBES:
        valid &= (text + probe).str.contains(f"^(?:{pattern})$")
    found = number.filter(valid).to_frame()
    shuffled = found.sort(RandomStream(0, "leads").bits(pl.col("lead")))
    return tuple(shuffled.unique(pl.col("lead") % 1000, keep="first", maintain_order=True)["lead"])


def _example(country: str) -> phonenumbers.PhoneNumber:
    found = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    assert found is not None, country
    return found


@cache
def formats(country: str) -> tuple[str, ...]:
    """The country's format of each of ``KINDS``, with a ``#`` for each digit.

    Args:
        country: ISO 3166 code.
    """
    example = _example(country)
    inside = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(example, PhoneNumberFormat.INTERNATIONAL)
    code = f"+{example.country_code}"
    number = abroad.removeprefix(code)
    blank = re.sub(r"\d", DIGIT, number)
    # A national prefix (the 0 of 07400) is not part of the number.
    prefix = "" if len(re.sub(r"\D", "", inside)) == len(re.sub(r"\D", "", number)) else inside[0]
    local = prefix + re.sub(r"\d", DIGIT, inside.removeprefix(prefix))
    bare = DIGIT * blank.count(DIGIT)
    return (code + bare, code + re.sub(r"[ -]+", "-", blank), prefix + bare, local)


def _endings() -> list[list[int]]:
    """The endings of each locale: as many as it needs, and the remaining ones to the first."""
    needed = [
        math.ceil(MOST_LINES * locale.share / 100 / (len(leads(locale.country)) * FREE))
        for locale in LOCALES
    ]
    needed[0] += ENDINGS - sum(needed)
    if needed[0] <= 0:
        raise AssertionError(f"{sum(needed)} endings are needed, there are {ENDINGS}")
    shuffled = sorted(range(ENDINGS), key=lambda ending: mix_one(ending, 1))
    bounds = np.cumsum([0, *needed])
    return [shuffled[a:b] for a, b in pairwise(bounds)]


class Telephones:
    """Numbers of the lines of every locale, 0 and up.

    A number is written as its lead and twice three digits, each from a lookup table that includes
    the separators of its format.
    """

    def __init__(self, stream: RandomStream) -> None:
        known = [leads(locale.country) for locale in LOCALES]
        endings = _endings()
        sizes = [len(c) * FREE * len(e) for c, e in zip(known, endings, strict=True)]
        self._places = AffinePermutations(
            [AffinePermutation(size, stream, i) for i, size in enumerate(sizes)]
        )
        self._lead_count = pl.Series([len(c) for c in known])
        self._lead_start = pl.Series(offsets(map(len, known)))
        self._endings = pl.Series(list(chain.from_iterable(endings)))
        self._ending_start = pl.Series(offsets(map(len, endings)))
        split = [[_split(form) for form in formats(locale.country)] for locale in LOCALES]
        # By locale, lead and kind.
        self._leads = pl.Series(
            [
                _filled(parts.start, lead)
                for found, kinds in zip(known, split, strict=True)
                for lead in found
                for parts in kinds
            ]
        )
        written = list(chain.from_iterable(split))
        patterns = list(dict.fromkeys(p for w in written for p in (w.middle, w.end)))
        self._digits = pl.Series([_filled(p, n) for p in patterns for n in range(1000)])
        self._middle = pl.Series([patterns.index(w.middle) * 1000 for w in written])
        self._end = pl.Series([patterns.index(w.end) * 1000 for w in written])

    def numbered(self, frame: pl.LazyFrame, line: pl.Expr) -> pl.LazyFrame:
        """Adds ``phone_lead``, an index, and ``phone_tail``, the last six digits.

        Args:
            frame: Rows with ``locale``.
            line: Number of the line within the locale.
        """
        locale, rest = pl.col("locale"), pl.col("phone_tail")
        count = gather(self._lead_count, locale)
        ending = gather(self._endings, gather(self._ending_start, locale) + rest // FREE)
        return (
            frame.with_columns(phone_tail=self._places.apply(locale, line))
            .with_columns(
                phone_lead=gather(self._lead_start, locale) + rest % count, phone_tail=rest // count
            )
            .with_columns(phone_tail=rest % FREE * ENDINGS + ending)
        )

    def written(self, kind: pl.Expr) -> pl.Expr:
        """The number in a format; reads the columns of ``numbered``.

        Args:
            kind: Index into ``KINDS``; null for no number.
        """
        kind, tail = kind.cast(pl.Int64), pl.col("phone_tail")
        which = pl.col("locale") * len(KINDS) + kind
        return pl.concat_str(
            gather(self._leads, pl.col("phone_lead") * len(KINDS) + kind),
            gather(self._digits, gather(self._middle, which) + tail // 1000),
            gather(self._digits, gather(self._end, which) + tail % 1000),
        )


class _Format(NamedTuple):
    """A format in three parts: the lead, and twice three digits with the separators before them."""

    start: str
    middle: str
    end: str


def _split(form: str) -> _Format:
    digits = [i for i, sign in enumerate(form) if sign == DIGIT]
    first, second = digits[-TAIL - 1] + 1, digits[-TAIL // 2 - 1] + 1
    return _Format(form[:first], form[first:second], form[second:])


def _filled(pattern: str, number: int) -> str:
    digits = iter(str(number).zfill(pattern.count(DIGIT)))
    return "".join(next(digits) if sign == DIGIT else sign for sign in pattern)


def normalised(phone: pl.Expr) -> pl.Expr:
    """The part of a number that identifies a line in any format: the last nine digits.

    Args:
        phone: The number as written.
    """
    return phone.str.replace_all(r"[^0-9]", "").str.tail(KEY_DIGITS)
