"""Trains the predictor: a scikit-learn pipeline, with its weights read into plain numbers.

The users to train on come from ``split`` in order of their keys, so the order of rows does not
matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.account_tier.features import (
    AGE,
    CATEGORICAL,
    LABEL,
    TIERS,
    Floats,
    Integers,
    Tier,
    ages,
    codes,
    tiers_of,
)
from synth_assets.domains.clean_room.account_tier.predictor import (
    AgeCurve,
    CategoryWeights,
    Predictor,
)
from synth_assets.domains.clean_room.account_tier.split import FOLDS, folds_of, split

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

LEAST_ROWS = 100
# Every fold must have users of every tier.
LEAST_PER_TIER = 2 * FOLDS
# Values of fewer users have no weights, so that no weight describes a single user.
LEAST_PER_VALUE = 10
AGE_KNOTS = 6
# From almost only the class shares to almost no regularisation.
INVERSE_REGULARISATION = tuple(float(c) for c in np.logspace(-4, 1, 11))
COOLEST, HOTTEST = 0.2, 5.0


def train(frame: pl.DataFrame, seed: int) -> Predictor:
    """Train on the training part of a frame; ``split`` with the same seed has the rest.

    Args:
        frame: Users with key, label and features.
        seed: The seed of the split and of the folds.

    Raises:
        UserError: The frame is not valid, or has too few users.
    """
    users = split(frame, seed).training
    tiers = _known_tiers(frame, users)
    values = {name: _values(users[name]) for name in CATEGORICAL}
    mean, knots = _age(users[AGE])
    numbers = np.column_stack(
        [ages(users, mean), *(codes(users[name], values[name]) for name in CATEGORICAL)]
    )
    labels = tiers_of(users, tiers)
    pipeline = _pipeline([len(one) for one in values.values()], knots, folds_of(users, seed))
    temperature = _fit(pipeline, numbers, labels)
    weights, intercepts = _weights(pipeline, temperature)
    blocks = np.split(weights, np.cumsum([len(knots), *map(len, values.values())])[:-1])
    curve = AgeCurve(mean=mean, knots=knots, heights=_rows(blocks[0])) if knots else None
    return Predictor(
        seed=seed,
        tiers=tiers,
        rows=tuple(np.bincount(labels).tolist()),
        inverse_regularisation=float(pipeline[-1].C_),
        temperature=temperature,
        intercepts=tuple(intercepts.tolist()),
        age=curve,
        categories={
            name: CategoryWeights(values=values[name], weights=_rows(block))
            for name, block in zip(CATEGORICAL, blocks[1:], strict=True)
        },
    )


def _known_tiers(frame: pl.DataFrame, users: pl.DataFrame) -> tuple[Tier, ...]:
    """The tiers that occur, in their order; refused if there are too few users."""
    counts = dict(users[LABEL].value_counts().iter_rows())
    tiers = tuple(tier for tier in TIERS if (frame[LABEL] == tier).any())
    shown = ", ".join(f"{tier} {counts.get(tier, 0)}" for tier in TIERS)
    if len(users) < LEAST_ROWS:
        raise UserError(
            f"at least {LEAST_ROWS} users are needed to train on, beside those held out: there are "
            f"{len(users)} ({shown}); widen the snapshot window or raise the number of users"
        )
    if len(tiers) < 2:
        raise UserError(f"at least two of {', '.join(TIERS)} are needed to train: {shown}")
    few = [tier for tier in tiers if counts.get(tier, 0) < LEAST_PER_TIER]
    if few:
        raise UserError(
            f"at least {LEAST_PER_TIER} users of each tier that occurs are needed to train: "
            f"too few of {' and '.join(few)} ({shown})"
        )
    return tiers


def _values(column: pl.Series) -> tuple[str | None, ...]:
    counts = column.value_counts(name="users").filter(pl.col("users") >= LEAST_PER_VALUE)
    return tuple(counts[column.name].sort(nulls_last=True))


def _age(column: pl.Series) -> tuple[float, tuple[float, ...]]:
    """The mean age, and knots at quantiles; no knots if all ages are equal or unknown."""
    known = column.drop_nulls().to_numpy()
    if not len(known):
        return 0.0, ()
    knots = np.unique(np.quantile(known, np.linspace(0, 1, AGE_KNOTS))).tolist()
    return float(known.mean()), tuple(knots) if len(knots) > 1 else ()


def _pipeline(
    sizes: list[int], knots: tuple[float, ...], folds: list[tuple[Integers, Integers]]
) -> Pipeline:
    """Linear splines over age and one-hot categories, from 0 to 1, into a logistic regression.

    The input columns are age and the codes of the categories; the code after the last is ignored.
    """
    # Imported here, since the import takes more than a second.
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, SplineTransformer

    steps: list[tuple[str, Any, list[int]]] = []
    if knots:
        splines = SplineTransformer(
            degree=1,
            knots=np.array(knots)[:, None],
            extrapolation="constant",
            sparse_output=True,
        )
        steps.append((AGE, splines, [0]))
    for place, (name, size) in enumerate(zip(CATEGORICAL, sizes, strict=True), start=1):
        if size:
            known = [np.arange(size, dtype=np.float64)]
            steps.append((name, OneHotEncoder(categories=known, handle_unknown="ignore"), [place]))
    regression = LogisticRegressionCV(
        Cs=INVERSE_REGULARISATION,
        l1_ratios=(0.0,),
        cv=folds,
        scoring="neg_log_loss",
        max_iter=2_000,
        use_legacy_attributes=False,
    )
    return make_pipeline(ColumnTransformer(steps, sparse_threshold=1.0), regression)


def _fit(pipeline: Pipeline, numbers: Floats, labels: Integers) -> float:
    """Fit the pipeline; gives the temperature."""
    from threadpoolctl import threadpool_limits

    # The steps are too small for threads: on two busy cores two threads took ten times as long.
    with threadpool_limits(limits=1):
        pipeline.fit(numbers, labels)
        return _temperature(pipeline, numbers, labels)


def _temperature(pipeline: Pipeline, numbers: Floats, labels: Integers) -> float:
    """The divisor of scores that calibrates the probabilities of users not trained on."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    best = pipeline[-1]
    scores = cross_val_predict(
        LogisticRegression(C=best.C_, max_iter=best.max_iter),
        pipeline[:-1].transform(numbers),
        labels,
        cv=best.cv,
        method="decision_function",
    )
    table = _two_sided(scores) if scores.ndim == 1 else scores
    rows = np.arange(len(labels))

    def log_loss(cooling: float) -> float:
        return -float(log_softmax(cooling * table, axis=1)[rows, labels].mean())

    found = minimize_scalar(log_loss, bounds=(1 / HOTTEST, 1 / COOLEST), method="bounded")
    return 1.0 / float(found.x)


def _two_sided(scores: Floats) -> Floats:
    """Scores of both of two classes, from the difference that scikit-learn keeps."""
    return np.stack([-scores / 2, scores / 2], axis=-1)


def _weights(pipeline: Pipeline, temperature: float) -> tuple[Floats, Floats]:
    """Weights (a row for each input, a column for each tier) and intercepts."""
    regression = pipeline[-1]
    weights, intercepts = regression.coef_.T, regression.intercept_
    if len(intercepts) == 1:
        weights, intercepts = _two_sided(weights[:, 0]), _two_sided(intercepts)[0]
    return weights / temperature, intercepts / temperature


def _rows(table: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in table.tolist())
