"""Scores of a predictor on held-out users, compared with a baseline.

The baseline predicts the majority class of training for every user, with the shares of the tiers in
training as probabilities. A predictor can be better by chance, so ``log_loss_gain`` has a standard
error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.account_tier.features import (
    LABEL,
    Floats,
    Integers,
    labelled,
    tiers_of,
)
from synth_assets.domains.clean_room.account_tier.predictor import Predictor

BINS = 10
# The name of the bins of the predicted tier; other bins are of one tier each.
PREDICTED = "predicted"


@dataclass(frozen=True)
class ReliabilityBin:
    """Users for whom a tier has about the same probability, and the share who have the tier."""

    of: str
    low: float
    high: float
    rows: int
    mean_probability: float
    observed_share: float

    @property
    def gap(self) -> float:
        """The distance of the mean probability from the observed share."""
        return abs(self.mean_probability - self.observed_share)


@dataclass(frozen=True)
class Evaluation:
    """Scores on ``rows`` users; a row of the confusion matrix is an actual tier."""

    tiers: tuple[str, ...]
    rows: int
    accuracy: float
    baseline_accuracy: float
    log_loss: float
    baseline_log_loss: float
    log_loss_gain: float
    log_loss_gain_error: float
    macro_f1: float
    baseline_macro_f1: float
    # None where no users, or all, are of any one tier.
    roc_auc: float | None
    roc_auc_by_tier: dict[str, float | None]
    expected_calibration_error: float
    classwise_calibration_error: float
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]

    def numbers(self) -> dict[str, int | float]:
        """All scores that are single numbers, by name."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        named |= {f"roc_auc_{tier.lower()}": auc for tier, auc in self.roc_auc_by_tier.items()}
        return {name: value for name, value in named.items() if isinstance(value, int | float)}


def evaluate(predictor: Predictor, frame: pl.DataFrame) -> Evaluation:
    """Score a predictor on labelled users.

    Args:
        predictor: The predictor.
        frame: Users who were not used in training, with key, label and features.

    Raises:
        UserError: The frame has no users, wrong columns, or tiers unknown to the predictor.
    """
    users = labelled(frame)
    actual = _actual(predictor, users)
    found = predictor.probabilities(users)
    guess = found.argmax(axis=1)
    shares = np.tile(predictor.shares, (len(actual), 1))
    majority = shares.argmax(axis=1)
    losses, baseline = _losses(found, actual), _losses(shares, actual)
    gain = baseline - losses
    error = float(gain.std(ddof=1)) / math.sqrt(len(gain)) if len(gain) > 1 else math.inf
    bins = tuple(_reliability(predictor, found, actual))
    by_tier: dict[str, float | None] = {
        tier: _auc(found, actual, place) for place, tier in enumerate(predictor.tiers)
    }
    known = [auc for auc in by_tier.values() if auc is not None]
    return Evaluation(
        tiers=predictor.tiers,
        rows=len(actual),
        accuracy=float((guess == actual).mean()),
        baseline_accuracy=float((majority == actual).mean()),
        log_loss=float(losses.mean()),
        baseline_log_loss=float(baseline.mean()),
        log_loss_gain=float(gain.mean()),
        log_loss_gain_error=error,
        macro_f1=_macro_f1(predictor, actual, guess),
        baseline_macro_f1=_macro_f1(predictor, actual, majority),
        roc_auc=sum(known) / len(known) if known else None,
        roc_auc_by_tier=by_tier,
        expected_calibration_error=_calibration_error(bins, PREDICTED),
        classwise_calibration_error=math.fsum(
            _calibration_error(bins, tier) for tier in predictor.tiers
        )
        / len(predictor.tiers),
        confusion=_confusion(predictor, actual, guess),
        reliability=bins,
    )


def _actual(predictor: Predictor, users: pl.DataFrame) -> Integers:
    if users.is_empty():
        raise UserError("there are no users to evaluate the account tier model by")
    unknown = sorted(set(users[LABEL]) - set(predictor.tiers))
    if unknown:
        raise UserError(
            f"the predictor was trained on {', '.join(predictor.tiers)} alone and cannot be judged "
            f"by users of {', '.join(unknown)}: train it on users of every tier"
        )
    return tiers_of(users, predictor.tiers)


def _losses(probabilities: Floats, actual: Integers) -> Floats:
    """The log loss of each user; a probability of zero counts as the smallest positive number."""
    said = probabilities[np.arange(len(actual)), actual]
    losses: Floats = -np.log(np.maximum(said, np.finfo(np.float64).tiny))
    return losses


def _macro_f1(predictor: Predictor, actual: Integers, guess: Integers) -> float:
    from sklearn.metrics import f1_score

    tiers = range(len(predictor.tiers))
    return float(f1_score(actual, guess, labels=tiers, average="macro", zero_division=0.0))


def _auc(probabilities: Floats, actual: Integers, tier: int) -> float | None:
    """Area under the ROC curve of one tier against the rest."""
    from sklearn.metrics import roc_auc_score

    positive = actual == tier
    if positive.all() or not positive.any():
        return None
    return float(roc_auc_score(positive, probabilities[:, tier]))


def _confusion(
    predictor: Predictor, actual: Integers, guess: Integers
) -> tuple[tuple[int, ...], ...]:
    from sklearn.metrics import confusion_matrix

    counts = confusion_matrix(actual, guess, labels=range(len(predictor.tiers)))
    return tuple(tuple(row) for row in counts.tolist())


def _reliability(
    predictor: Predictor, probabilities: Floats, actual: Integers
) -> Iterator[ReliabilityBin]:
    yield from _bins(PREDICTED, probabilities.max(axis=1), probabilities.argmax(axis=1) == actual)
    for place, tier in enumerate(predictor.tiers):
        yield from _bins(tier, probabilities[:, place], actual == place)


def _bins(of: str, said: Floats, seen: npt.NDArray[np.bool_]) -> Iterator[ReliabilityBin]:
    """Non-empty bins of equal width."""
    places = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    for place in np.unique(places).tolist():
        inside = places == place
        yield ReliabilityBin(
            of=of,
            low=place / BINS,
            high=(place + 1) / BINS,
            rows=int(inside.sum()),
            mean_probability=float(said[inside].mean()),
            observed_share=float(seen[inside].mean()),
        )


def _calibration_error(bins: tuple[ReliabilityBin, ...], of: str) -> float:
    """The mean gap, weighted by users."""
    chosen = [one for one in bins if one.of == of]
    return math.fsum(one.rows * one.gap for one in chosen) / sum(one.rows for one in chosen)
