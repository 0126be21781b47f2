"""Identifiers: sequences, UUIDs, positions, and texts of a pattern."""

from __future__ import annotations

import math
import string
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import polars as pl

from synth_assets.declarative.generators.cell import Cell
from synth_assets.declarative.numbers import IntegersColumn
from synth_assets.declarative.values import (
    PatternColumn,
    PositionColumn,
    SequenceColumn,
    UuidColumn,
)
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.splitmix64 import u64

# Most values that one number of 64 bits selects, with a bias below 2**-16.
MOST_VALUES = 1 << 48
# Most repeats of a place.
MOST_REPEATS = 64
VARIANTS = ["8", "9", "a", "b"]


def sequence(spec: SequenceColumn, cell: Cell) -> pl.Expr:
    """Consecutive numbers, or texts with them."""
    number = cell.row * spec.step + spec.start
    if not (spec.prefix or spec.digits):
        return number
    text = number.cast(pl.String).str.zfill(spec.digits) if spec.digits else number.cast(pl.String)
    return pl.lit(spec.prefix) + text


def uuid(spec: UuidColumn, cell: Cell) -> pl.Expr:
    """Random UUIDs of version 4."""
    digits = cell.stream.hexadecimal(cell.row, 32)
    variant = gather(VARIANTS, cell.stream.substream("variant").bits(cell.row) % u64(4))
    parts = [digits.str.slice(start, length) for start, length in ((0, 8), (8, 4), (13, 3))]
    last = [variant + digits.str.slice(17, 3), digits.str.slice(20, 12)]
    return pl.concat_str(
        [*parts[:2], pl.lit("4") + parts[2], *last], separator="-", ignore_nulls=False
    )


def position(spec: PositionColumn, cell: Cell) -> pl.Expr:
    """The position among the rows of the parent."""
    return cell.position + spec.start


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern.

    Attributes:
        sets: The characters that each place may have; one for a literal.
    """

    sets: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of different texts."""
        return math.prod(map(len, self.sets))


@cache
def parse_pattern(text: str) -> Pattern:
    """The sets of characters of a pattern.

    Args:
        text: The pattern.

    Raises:
        ValueError: A set or a number of repeats is not closed or wrong.
    """
    sets: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "{":
            end = _closing(text, at, "}")
            count = text[at + 1 : end]
            if not (sets and count.isdecimal() and 1 <= int(count) <= MOST_REPEATS):
                raise ValueError(
                    f"pattern {text!r}: {{{count}}} must follow a character or a set, with a "
                    f"number from 1 to {MOST_REPEATS}"
                )
            sets += [sets[-1]] * (int(count) - 1)
        elif text[at] == "[":
            end = _closing(text, at, "]")
            sets.append(_set(text, text[at + 1 : end]))
        elif text[at] == "\\" and at + 1 < len(text):
            end = at + 1
            sets.append(text[end])
        else:
            end = at
            sets.append(string.digits if text[at] == "#" else text[at])
        at = end + 1
    return Pattern(tuple(sets))


def _closing(text: str, at: int, mark: str) -> int:
    end = text.find(mark, at)
    if end < 0:
        raise ValueError(f"pattern {text!r}: {text[at]!r} has no {mark!r}")
    return end


def _set(text: str, content: str) -> str:
    found: list[str] = []
    at = 0
    while at < len(content):
        if content[at + 1 : at + 2] == "-" and at + 2 < len(content):
            first, last = ord(content[at]), ord(content[at + 2])
            if first > last:
                raise ValueError(f"pattern {text!r}: [{content}] ends before it begins")
            found += map(chr, range(first, last + 1))
            at += 3
        else:
            found.append(content[at])
            at += 1
    if not found:
        raise ValueError(f"pattern {text!r}: [] has no characters")
    return "".join(dict.fromkeys(found))


def pattern(spec: PatternColumn, cell: Cell) -> pl.Expr:
    """Texts of a pattern; without repeats if they are unique."""
    parsed = parse_pattern(spec.pattern)
    words = _numbers(parsed, cell, unique=spec.unique)
    parts: list[pl.Expr] = []
    literal = ""
    for characters, digit in zip(parsed.sets, words, strict=True):
        if digit is None:
            literal += characters
            continue
        if literal:
            parts.append(pl.lit(literal))
            literal = ""
        parts.append(gather(list(characters), digit))
    if literal:
        parts.append(pl.lit(literal))
    text = pl.concat_str(parts) if len(parts) > 1 else parts[0].cast(pl.String)
    return pl.when(cell.row.is_not_null()).then(text)


def room_of(spec: IntegersColumn | PatternColumn) -> int:
    """How many values there are without repeats.

    Args:
        spec: The declaration of a column.
    """
    if isinstance(spec, IntegersColumn):
        return spec.high - spec.low + 1
    parsed = parse_pattern(spec.pattern)
    return math.prod(len(parsed.sets[place]) for place in _groups(parsed)[0])


def _numbers(parsed: Pattern, cell: Cell, *, unique: bool) -> list[pl.Expr | None]:
    """The position in each place's set; None for a literal."""
    groups = _groups(parsed)
    found: list[pl.Expr | None] = []
    for number, places in enumerate(groups):
        size = math.prod(len(parsed.sets[place]) for place in places)
        stream = cell.stream.substream(f"word{number}") if number else cell.stream
        bits = stream.bits(cell.row)
        if unique and not number:
            bits = permute(cell.row, pl.lit(size, dtype=pl.Int64), stream).cast(pl.UInt64)
        for place, before in zip(places, _products(parsed, places), strict=True):
            count = len(parsed.sets[place])
            found.append(bits // u64(before) % u64(count) if count > 1 else None)
    return found


def _groups(parsed: Pattern) -> list[list[int]]:
    """Places in order, in groups that one number selects."""
    groups: list[list[int]] = [[]]
    size = 1
    for place, characters in enumerate(parsed.sets):
        if size * len(characters) > MOST_VALUES:
            groups.append([])
            size = 1
        size *= len(characters)
        groups[-1].append(place)
    return groups


def _products(parsed: Pattern, places: list[int]) -> list[int]:
    sizes = [len(parsed.sets[place]) for place in places]
    return [1, *accumulate(sizes, lambda a, b: a * b)][:-1]
