"""Noise that is not reproducible: whole numbers from the discrete Laplace distribution.

The sampler is exact. It uses only integers, fractions and the operating system's randomness, so
floating point rounding cannot distinguish a true value from its neighbour. Nowhere else in the
project do two equal calls give different values. The algorithm is from Canonne, Kamath and Steinke,
"The Discrete Gaussian for Differential Privacy", 2020, algorithm 2.
"""

from __future__ import annotations

from fractions import Fraction
from secrets import randbelow


def discrete_laplace(scale: Fraction) -> int:
    """A number with probability proportional to ``exp(-abs(number) / scale)``.

    Args:
        scale: Sensitivity divided by epsilon.

    Raises:
        ValueError: The scale is not above 0.
    """
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
    """True with probability ``exp(-power)``, for a power from 0 to 1."""
    draws = 1
    while randbelow(power.denominator * draws) < power.numerator:
        draws += 1
    return draws % 2 == 1
