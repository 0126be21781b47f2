"""The account tier predictor: the trained weights, and how they predict.

A frozen model without code of the library that trained it. The score of a tier is the sum of an
intercept, a curve over age and a weight for each category; softmax turns scores into probabilities.
Values read from a file are validated by the bounds below.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from synth_assets.domains.clean_room.account_tier.features import (
    CATEGORICAL,
    EMAIL,
    KEY,
    TIERS,
    Category,
    Floats,
    Tier,
    ages,
    checked,
    codes,
)

PREDICTED, PROBS = "predicted_account_tier", "predicted_account_tier_probs"
# Far above any trained weight, and far below what overflows exp or a sum.
Weight = Annotated[float, Field(ge=-1e6, le=1e6)]
# One number for each tier.
Weights = tuple[Weight, ...]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class AgeCurve(_Model):
    """Weights over age: linear between knots, constant outside of them."""

    mean: Weight = Field(description="Replaces an unknown age.")
    knots: tuple[Weight, ...] = Field(min_length=2)
    heights: tuple[Weights, ...] = Field(description="Weights at each knot.")

    @model_validator(mode="after")
    def _is_a_curve(self) -> AgeCurve:
        if any(one >= other for one, other in pairwise(self.knots)):
            raise ValueError("knots must rise")
        if len(self.heights) != len(self.knots):
            raise ValueError(f"{len(self.knots)} knots need as many heights")
        return self

    def weights(self, users: pl.DataFrame) -> Floats:
        """The weights of each user's age: a row for each user, a column for each tier.

        Args:
            users: A checked frame.
        """
        years, heights = ages(users, self.mean), np.array(self.heights)
        return np.column_stack([np.interp(years, self.knots, column) for column in heights.T])


class CategoryWeights(_Model):
    """Weights of the values of one feature; null is a value, unknown values have weight 0."""

    values: tuple[str | None, ...]
    weights: tuple[Weights, ...]

    @model_validator(mode="after")
    def _one_for_each_value(self) -> CategoryWeights:
        if len(set(self.values)) < len(self.values):
            raise ValueError("a value is named twice")
        if len(self.weights) != len(self.values):
            raise ValueError(f"{len(self.values)} values need as many weights")
        return self

    def of(self, column: pl.Series, tiers: int) -> Floats:
        """The weights of each user's value: a row for each user, a column for each tier.

        Args:
            column: The feature's values.
            tiers: The number of tiers.
        """
        table = np.zeros((len(self.values) + 1, tiers))
        if self.values:
            table[:-1] = self.weights
        rows: Floats = table[codes(column, self.values)]
        return rows


class Predictor(_Model):
    """A multinomial logistic regression of the account tier on the merchant's columns."""

    format: Literal["account_tier_predictor/1"] = "account_tier_predictor/1"
    seed: int = Field(ge=0, lt=2**64, description="Of the held-out split.")
    tiers: tuple[Tier, ...] = Field(min_length=2)
    rows: tuple[Annotated[int, Field(ge=1, le=2**53)], ...] = Field(
        description="Users of each tier that it was trained on."
    )
    inverse_regularisation: float = Field(gt=0, description="Chosen by cross-validation.")
    temperature: float = Field(gt=0, description="Divided out of all weights already.")
    intercepts: Weights
    age: AgeCurve | None = Field(description="None if all ages are equal or unknown.")
    categories: dict[Category, CategoryWeights]

    @model_validator(mode="after")
    def _fits_together(self) -> Predictor:
        if self.tiers != tuple(tier for tier in TIERS if tier in self.tiers):
            raise ValueError(f"tiers must be in the order {', '.join(TIERS)}")
        if set(self.categories) != set(CATEGORICAL):
            raise ValueError(f"categories must be of {', '.join(CATEGORICAL)}")
        rows: list[tuple[Any, ...]] = [self.rows, self.intercepts]
        rows += self.age.heights if self.age else ()
        for one in self.categories.values():
            rows += one.weights
        if {len(row) for row in rows} != {len(self.tiers)}:
            raise ValueError(f"{len(self.tiers)} tiers need as many weights everywhere")
        return self

    @property
    def shares(self) -> Floats:
        """Shares of the tiers in training: the prediction without features."""
        return np.array(self.rows) / sum(self.rows)

    def probabilities(self, users: pl.DataFrame) -> Floats:
        """Probabilities: a row for each user, a column for each tier.

        Args:
            users: A checked frame.
        """
        width = len(self.tiers)
        scores: Floats = np.tile(np.array(self.intercepts), (len(users), 1))
        if self.age:
            scores = scores + self.age.weights(users)
        for feature in CATEGORICAL:
            scores = scores + self.categories[feature].of(users[feature], width)
        # The largest exponent is 0, so exp cannot overflow.
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: Floats = odds / odds.sum(axis=1, keepdims=True)
        return probabilities


def predict(predictor: Predictor, frame: pl.DataFrame) -> pl.DataFrame:
    """Predict tiers, with the columns of BigQuery's ``ML.PREDICT``.

    Args:
        predictor: The predictor.
        frame: Users with key, e-mail address and features.

    Returns:
        A row for each user, in the frame's order. Labels are in descending order of probability; of
        equal ones the lower tier comes first.

    Raises:
        UserError: A column is missing or has a wrong type.
    """
    users = checked(frame, KEY, EMAIL)
    found = predictor.probabilities(users)
    order = np.argsort(-found, axis=1, kind="stable")
    labels = pl.Series(predictor.tiers, dtype=pl.String)[order.ravel()]
    probs = pl.DataFrame({"label": labels, "prob": np.take_along_axis(found, order, 1).ravel()})
    listed = probs.to_struct().reshape((len(users), len(predictor.tiers))).arr.to_list()
    best = pl.Series(PREDICTED, labels.gather_every(len(predictor.tiers)), dtype=pl.String)
    return users.select(KEY, EMAIL).with_columns(best, listed.alias(PROBS))
