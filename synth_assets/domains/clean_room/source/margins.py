"""Joint weights with given margins: iterative proportional fitting (Deming, Stephan, 1940)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# Rounds of the fitting, and digits of weights: sums may differ in their last digit from machine to
# machine.
ROUNDS, DIGITS = 80, 9


def fitted(weights: Floats, rows: Floats, columns: Floats) -> Floats:
    """For each row, the shares of the columns; over all rows they have the columns' margin.

    Where no weights have both margins, the rows' is kept and the columns' approached.

    Args:
        weights: How much more or less often a row and a column meet; 0 where they cannot.
        rows: Weights of the rows.
        columns: Weights of the columns.
    """
    rows, columns = rows / rows.sum(), columns / columns.sum()
    joint = weights * rows[:, None] * columns
    for _ in range(ROUNDS):
        joint = joint * _quotient(columns, joint.sum(axis=0))
        joint = joint * _quotient(rows, joint.sum(axis=1))[:, None]
    shares: Floats = np.round(joint / joint.sum(axis=1)[:, None], DIGITS)
    return shares


def _quotient(expected: Floats, found: Floats) -> Floats:
    """The factors from found to expected values; 0 if margins exclude each other."""
    return np.divide(expected, found, out=np.zeros_like(found), where=found > 0)
