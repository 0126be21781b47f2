"""How far stored data may deviate by chance: the error probabilities of all checks, stated once.

An error probability is that of a check failing sound data. Data of one seed are always the same, so
a check of sound data passes at every run or fails at every run.
"""

from __future__ import annotations

import math

from synth_assets.randomness.streams import LANE_VALUES

# Error probability of a goodness-of-fit or drift statistic.
ALPHA = 1e-6
# Standard errors that one share may deviate: an error probability of 5.7e-7 (``normal_p``).
STANDARD_ERRORS = 5.0
# Largest deviation of a drawn probability from the declared one: most draws are of 16 bits. It is
# what is left where rows are so many that chance allows less.
RESOLUTION = 1 / LANE_VALUES
# Rounding leaves a last digit even where chance allows no deviation.
ROUNDING = 1e-12


def chi_square_p(statistic: float, degrees_of_freedom: int) -> float:
    """The probability that a chi-square statistic is at least as large.

    Args:
        statistic: Pearson's statistic.
        degrees_of_freedom: 0 where only the statistic 0 is possible.
    """
    # A third of a second to import, which every command would wait for.
    from scipy.special import chdtrc

    if not degrees_of_freedom:
        return float(statistic == 0)
    return float(chdtrc(degrees_of_freedom, statistic))


def chi_square_quantile(degrees_of_freedom: int) -> float:
    """The value that a chi-square statistic exceeds with probability ``ALPHA``.

    Args:
        degrees_of_freedom: At least 1.
    """
    from scipy.special import chdtri

    return float(chdtri(degrees_of_freedom, ALPHA))


def normal_p(standard_errors: float) -> float:
    """The probability that a normal variable is at least as far from its mean, on either side.

    Args:
        standard_errors: Distance from the mean, in standard errors.
    """
    from scipy.special import ndtr

    return 2 * float(ndtr(-standard_errors))


def kolmogorov_smirnov_p(gap: float, values: int) -> float:
    """An upper bound of the probability that a sample's distribution function is as far off.

    The inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990).

    Args:
        gap: Largest difference of the two distribution functions.
        values: Size of the sample.
    """
    return min(1.0, 2 * math.exp(-2 * values * gap**2))


def kolmogorov_smirnov_limit(values: float) -> float:
    """The gap of which ``kolmogorov_smirnov_p`` is ``ALPHA``.

    Args:
        values: Size of the sample; n m / (n + m) for two samples of n and m values.
    """
    return math.sqrt(-math.log(ALPHA / 2) / 2 / values)


def share_tolerance(
    expected: float, rows: int, *, least: float = 0.0, design: float = 1.0
) -> float:
    """How far a share may deviate from the expected one; not at all from 0 or 1.

    Args:
        expected: The expected share, 0 to 1.
        rows: Rows of which it is a share.
        least: Tolerance that always applies, whatever the number of rows.
        design: Design effect: the factor by which rows in similar groups (a session's events)
            inflate the variance of independent rows (Kish, 1965), the size of a group at most.
    """
    error = math.sqrt(design * expected * (1 - expected) / max(rows, 1))
    return max(least, STANDARD_ERRORS * error + RESOLUTION if error else 0.0)
