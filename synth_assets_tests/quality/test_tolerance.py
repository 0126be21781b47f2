"""Limits and probabilities of the tolerances agree with each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_assets.quality.tolerance import (
    ALPHA,
    RESOLUTION,
    STANDARD_ERRORS,
    chi_square_p,
    chi_square_quantile,
    kolmogorov_smirnov_limit,
    kolmogorov_smirnov_p,
    normal_p,
    share_tolerance,
)
from synth_assets.randomness.random_arrays import cdf_thresholds
from synth_assets.randomness.streams import LANE_VALUES, categorical_table


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_each_limit_has_the_error_probability(size: int) -> None:
    assert chi_square_p(chi_square_quantile(size), size) == pytest.approx(ALPHA)
    if size > 1:
        assert kolmogorov_smirnov_p(kolmogorov_smirnov_limit(size), size) == pytest.approx(ALPHA)
    assert (chi_square_p(0.0, 0), chi_square_p(1.0, 0)) == (1, 0)


def test_five_standard_errors_have_the_stated_error_probability() -> None:
    assert normal_p(STANDARD_ERRORS) == pytest.approx(5.7e-7, rel=0.01)


def test_a_share_has_the_larger_of_both_tolerances() -> None:
    assert share_tolerance(0.5, 100) == pytest.approx(0.25 + RESOLUTION)
    assert share_tolerance(0.5, 100, design=4) == pytest.approx(0.5 + RESOLUTION)
    assert share_tolerance(0.5, 1_000_000, least=0.02) == 0.02
    assert share_tolerance(1.0, 100) == 0


@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=50))
def test_draws_have_their_probabilities_within_the_resolution(weights: list[float]) -> None:
    declared = np.array(weights) / math.fsum(weights)
    drawn = np.bincount(categorical_table(tuple(weights)), minlength=len(weights)) / LANE_VALUES
    ends = cdf_thresholds(weights, bits=16) / LANE_VALUES
    for found in (drawn, np.diff(ends, prepend=0)):
        assert (np.abs(found - declared) <= RESOLUTION * (1 + 1e-9)).all()
