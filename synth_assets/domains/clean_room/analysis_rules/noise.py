"""Noise that nobody can reproduce: whole numbers from the discrete Laplace distribution.

Exact: only integers and fractions, and the operating system's randomness, so no rounding of
floating point numbers can tell a true value from its neighbour. This is the one place of the
project where the same call gives another value. (The algorithm is Canonne, Kamath and Steinke's.)
"""

from __future__ import annotations

from fractions import Fraction
from secrets import randbelow


def discrete_laplace(scale: Fraction) -> int:
    """A number drawn with chance proportional to ``exp(-abs(number) / scale)``."""
    if scale <= 0:
        raise ValueError(f"the scale of noise must be above 0, got {scale}")
    top, bottom = scale.numerator, scale.denominator
    while True:
        rest = randbelow(top)
        if not _happens_exp(Fraction(rest, top)):
            continue
        rounds = 0
        while _happens_exp(Fraction(1)):
            rounds += 1
        size = (rest + top * rounds) // bottom
        negative = randbelow(2) == 1
        if size or not negative:
            return -size if negative else size


def _happens_exp(power: Fraction) -> bool:
    """True with chance ``exp(-power)``, for a power from 0 to 1."""
    draws = 1
    while randbelow(power.denominator * draws) < power.numerator:
        draws += 1
    return draws % 2 == 1
