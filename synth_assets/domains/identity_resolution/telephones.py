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
from itertools import pairwise
from typing import Any

import numpy as np
import phonenumbers
import polars as pl
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.generation.draws import Draw, mix_one, u64
from synth_assets.generation.lookup import at
from synth_assets.generation.permutations import coprime_to
from synth_assets.generation.spelling import DIGIT, Formats

# Digits after the lead; the last two of them are the ending.
TAIL, ENDINGS, FREE = 6, 100, 10_000
# Digits that tell a line apart.
KEY = 9
# Tails with which a lead must be valid to count.
PROBES = ("000000", "999999", "123456", "555555", "246802")
# Persons that the numbers must suffice for: those of a billion records, and second numbers.
MOST_LINES = 230_000_000
# How a number may be written; the first is how it is meant to be, the last stand for none.
PLACEHOLDERS = ("0000000000", "000-00-0000")
KINDS = ("e164", "dashes", "national", "local", *PLACEHOLDERS)


@cache
def leads(country: str) -> tuple[int, ...]:
    """Leads of a country's mobile numbers, no two alike in their last three digits, shuffled."""
    rules: Any = PhoneMetadata.metadata_for_region(country)
    pattern = rules.mobile.national_number_pattern
    example = str(_example(country).national_number)
    size = len(example) - TAIL
    first = example[0] if country == "IN" else ""  # the others there are for machines
    number = pl.Series("lead", range(10 ** (size - 1), 10**size))
    text = number.cast(pl.String)
    valid = text.str.starts_with(first)
    for probe in PROBES:
        valid &= (text + probe).str.contains(f"^(?:{pattern})$")
    found = number.filter(valid).to_frame()
    shuffled = found.sort(Draw(0, "leads").bits(pl.col("lead")))
    return tuple(shuffled.unique(pl.col("lead") % 1000, keep="first", maintain_order=True)["lead"])


def _example(country: str) -> phonenumbers.PhoneNumber:
    found = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    assert found is not None, country
    return found


@cache
def formats(country: str) -> tuple[str, ...]:
    """The country's format of each of ``KINDS``; placeholders are the same everywhere."""
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
    return (code + bare, code + re.sub(r"[ -]+", "-", blank), prefix + bare, local, *PLACEHOLDERS)


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
    """Lines of every locale, 0 and up."""

    def __init__(self, draw: Draw) -> None:
        countries = [leads(locale.country) for locale in LOCALES]
        endings = _endings()
        sizes = [len(c) * FREE * len(e) for c, e in zip(countries, endings, strict=True)]
        self._size = pl.Series(sizes, dtype=pl.UInt64)
        self._factor = pl.Series([coprime_to(size) for size in sizes], dtype=pl.UInt64)
        self._shift = pl.Series(
            [mix_one(i, draw.key) % size for i, size in enumerate(sizes)], dtype=pl.UInt64
        )
        self._leads = pl.Series([lead for c in countries for lead in c], dtype=pl.UInt64)
        self._lead_count = pl.Series([len(c) for c in countries], dtype=pl.UInt64)
        self._lead_base = pl.Series(_starts([len(c) for c in countries]), dtype=pl.UInt64)
        self._endings = pl.Series([n for e in endings for n in e], dtype=pl.UInt64)
        self._ending_base = pl.Series(_starts([len(e) for e in endings]), dtype=pl.UInt64)
        self._formats = Formats([f for locale in LOCALES for f in formats(locale.country)])

    def number(self, locale: pl.Expr, line: pl.Expr) -> pl.Expr:
        """National number (UInt64) of a locale's line."""
        size = at(self._size, locale)
        place = (line.cast(pl.UInt64) * at(self._factor, locale) + at(self._shift, locale)) % size
        count = at(self._lead_count, locale)
        lead = at(self._leads, at(self._lead_base, locale) + place % count)
        rest = place // count
        ending = at(self._endings, at(self._ending_base, locale) + rest // u64(FREE))
        return lead * u64(10**TAIL) + (rest % u64(FREE)) * u64(ENDINGS) + ending

    def written(self, locale: pl.Expr, number: pl.Expr, kind: pl.Expr) -> pl.Expr:
        """The number in the format ``kind`` (a place in ``KINDS``) of its locale."""
        return self._formats.write(locale.cast(pl.Int64) * len(KINDS) + kind, number)


def normalised(phone: pl.Expr) -> pl.Expr:
    """What tells a line apart, whatever the format: the last nine digits."""
    return phone.str.replace_all(r"[^0-9]", "").str.tail(KEY)


def _starts(sizes: list[int]) -> list[int]:
    return [0, *np.cumsum(sizes)[:-1].tolist()]
