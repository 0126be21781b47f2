"""Tests of distributions hold for any number of rows, and find what is beyond the resolution."""

from __future__ import annotations

import numpy as np
import pytest

from synth_assets.core.model import TableView
from synth_assets.quality.goodness_of_fit import chi_square_test
from synth_assets.quality.tolerance import RESOLUTION
from synth_assets.randomness.streams import LANE_VALUES, categorical_table
from synth_assets_tests.quality.parent_child import child, memory, only

DECLARED = {"rare": 0.0011, "some": 0.0989, "most": 0.9}


def passes(counts: dict[str, float]) -> bool:
    def found(stored: TableView) -> dict[str, float]:
        return counts

    check = chi_square_test("colours", "Colours.", found, lambda stored: DECLARED)
    return only(check, memory(child([1]), child([2]))).passed


@pytest.mark.parametrize("rows", [10**3, 10**6, 10**9, 10**13])
def test_rows_have_the_declared_shares_at_any_scale(rows: int) -> None:
    drawn = np.bincount(categorical_table(tuple(DECLARED.values()))) / LANE_VALUES
    assert drawn.tolist() != list(DECLARED.values())
    assert passes(dict(zip(DECLARED, (drawn * rows).tolist(), strict=True)))


def test_shares_beyond_the_resolution_are_found() -> None:
    rows = 10**9
    wrong = DECLARED | {"rare": DECLARED["rare"] + 3 * RESOLUTION}
    assert not passes({name: share * rows for name, share in wrong.items()})
