"""Telephone numbers that are valid in their country and belong to one line alone.

A line's number is the country's code, a lead (the digits that make it a mobile number of the
country, as ``phonenumbers`` knows them), four free digits and an ending. An ending belongs to
one locale, and leads of a country differ in their last three digits: so **the last nine digits
tell a line apart all over the world**, in whatever format its number is written. Resolvers may
compare those, as ``normalised`` does.
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
from synth_assets.randomness.streams import RandomStream, mix_one

# Digits after the lead; the last two of them are the ending.
TAIL, ENDINGS, FREE = 6, 100, 10_000
# Stands for a digit in a format.
DIGIT = "#"
# Digits that tell a line apart.
KEY = 9
# Tails with which a lead must be valid to count.
PROBES = ("000000", "999999", "123456", "555555", "246802")
# Persons that the numbers must suffice for: those of a billion records, and second numbers.
MOST_LINES = 230_000_000
# How a number may be written; the first is how it is meant to be.
KINDS = ("e164", "dashes", "national", "local")
# What stands for no number.
PLACEHOLDERS = ("0000000000", "000-00-0000")


@cache
def leads(country: str) -> tuple[int, ...]:
    """Leads of a country's mobile numbers, no two alike in their last three digits, shuffled."""
    checks: Any = PhoneMetadata.metadata_for_region(country)
    pattern = checks.mobile.national_number_pattern
    example = str(_example(country).national_number)
    size = len(example) - TAIL
    first = example[0] if country == "IN" else ""  # the others there are for machines
    number = pl.Series("lead", range(10 ** (size - 1), 10**size))
    text = number.cast(pl.String)
    valid = text.str.starts_with(first)
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
    """The country's format of each of ``KINDS``, with a ``#`` for each digit."""
    example = _example(country)
    inside = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(example, PhoneNumberFormat.INTERNATIONAL)
    code = f"+{example.country_code}"
    number = abroad.removeprefix(code)
    blank = re.sub(r"\d", DIGIT, number)
    # A national prefix (the 0 of 07400) is no digit of the number.
    prefix = "" if len(re.sub(r"\D", "", inside)) == len(re.sub(r"\D", "", number)) else inside[0]
    local = prefix + re.sub(r"\d", DIGIT, inside.removeprefix(prefix))
    bare = DIGIT * blank.count(DIGIT)
    return (code + bare, code + re.sub(r"[ -]+", "-", blank), prefix + bare, local)


def _endings() -> list[list[int]]:
    """Which endings belong to each locale: as many as it needs, spares to the first."""
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
    """Lines of every locale, 0 and up.

    A number is written from its lead and twice three digits, each looked up with the signs that
    its format puts between.
    """

    def __init__(self, draw: RandomStream) -> None:
        known = [leads(locale.country) for locale in LOCALES]
        endings = _endings()
        sizes = [len(c) * FREE * len(e) for c, e in zip(known, endings, strict=True)]
        self._places = AffinePermutations(
            [AffinePermutation(size, draw, i) for i, size in enumerate(sizes)]
        )
        self._lead_count = pl.Series([len(c) for c in known])
        self._lead_start = pl.Series(offsets(map(len, known)))
        self._endings = pl.Series(list(chain.from_iterable(endings)))
        self._ending_start = pl.Series(offsets(map(len, endings)))
        cut = [[_pieces(form) for form in formats(locale.country)] for locale in LOCALES]
        # By locale, lead and kind.
        self._leads = pl.Series(
            [
                _filled(partitions.start, lead)
                for found, kinds in zip(known, cut, strict=True)
                for lead in found
                for partitions in kinds
            ]
        )
        written = list(chain.from_iterable(cut))
        patterns = list(dict.fromkeys(p for w in written for p in (w.middle, w.end)))
        self._digits = pl.Series([_filled(p, n) for p in patterns for n in range(1000)])
        self._middle = pl.Series([patterns.index(w.middle) * 1000 for w in written])
        self._end = pl.Series([patterns.index(w.end) * 1000 for w in written])

    def numbered(self, frame: pl.LazyFrame, line: pl.Expr) -> pl.LazyFrame:
        """Adds ``phone_lead`` and ``phone_tail``, six digits, of a line of the row's locale."""
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
        """The number of ``numbered`` in a format, a place in ``KINDS``; null for null."""
        kind, tail = kind.cast(pl.Int64), pl.col("phone_tail")
        which = pl.col("locale") * len(KINDS) + kind
        return pl.concat_str(
            gather(self._leads, pl.col("phone_lead") * len(KINDS) + kind),
            gather(self._digits, gather(self._middle, which) + tail // 1000),
            gather(self._digits, gather(self._end, which) + tail % 1000),
        )


class _Pieces(NamedTuple):
    """A format cut in three: the lead, then three digits and three with the signs before them."""

    start: str
    middle: str
    end: str


def _pieces(form: str) -> _Pieces:
    places = [i for i, sign in enumerate(form) if sign == DIGIT]
    first, second = places[-TAIL - 1] + 1, places[-TAIL // 2 - 1] + 1
    return _Pieces(form[:first], form[first:second], form[second:])


def _filled(pattern: str, number: int) -> str:
    digits = iter(str(number).zfill(pattern.count(DIGIT)))
    return "".join(next(digits) if sign == DIGIT else sign for sign in pattern)


def normalised(phone: pl.Expr) -> pl.Expr:
    """What tells a line apart, whatever the format: the last nine digits."""
    return phone.str.replace_all(r"[^0-9]", "").str.tail(KEY)
