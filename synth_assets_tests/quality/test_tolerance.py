"""Limits and probabilities of the tolerances agree with each other."""

from __future__ import annotations

import pytest

from synth_assets.quality.tolerance import (
    ALPHA,
    STANDARD_ERRORS,
    chi_square_p,
    chi_square_quantile,
    kolmogorov_smirnov_limit,
    kolmogorov_smirnov_p,
    normal_p,
    share_tolerance,
)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_each_limit_has_the_error_probability(size: int) -> None:
    assert chi_square_p(chi_square_quantile(size), size) == pytest.approx(ALPHA)
    if size > 1:
        assert kolmogorov_smirnov_p(kolmogorov_smirnov_limit(size), size) == pytest.approx(ALPHA)
    assert (chi_square_p(0.0, 0), chi_square_p(1.0, 0)) == (1, 0)


def test_five_standard_errors_have_the_stated_error_probability() -> None:
    assert normal_p(STANDARD_ERRORS) == pytest.approx(5.7e-7, rel=0.01)


def test_a_share_has_the_larger_of_both_tolerances() -> None:
    assert share_tolerance(0.5, 100) == pytest.approx(0.25)
    assert share_tolerance(0.5, 100, design=4) == pytest.approx(0.5)
    assert share_tolerance(0.5, 1_000_000, least=0.02) == 0.02
    assert share_tolerance(1.0, 100) == 0
