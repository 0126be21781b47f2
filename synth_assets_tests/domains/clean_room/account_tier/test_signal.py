"""The model finds an existing signal, and none where there is none."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.account_tier.evaluation import Evaluation, evaluate
from synth_assets.domains.clean_room.account_tier.predictor import Predictor
from synth_assets.domains.clean_room.account_tier.split import split
from synth_assets.domains.clean_room.account_tier.training import train
from synth_assets_tests.domains.clean_room.account_tier.conftest import SEED
from synth_assets_tests.domains.clean_room.account_tier.made import TIERS, users


def judged(strength: float, seed: int) -> Evaluation:
    made = users(1_500, strength, seed)
    return evaluate(train(made, seed), split(made, seed).held_out)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_strong_signal_is_found(seed: int) -> None:
    found = judged(2.0, seed)
    assert found.log_loss < found.baseline_log_loss - 0.1
    assert found.log_loss_gain > 4 * found.log_loss_gain_error
    assert found.accuracy > found.baseline_accuracy + 0.04
    assert found.roc_auc is not None
    assert found.roc_auc > 0.7
    assert found.macro_f1 > found.baseline_macro_f1 + 0.1


@pytest.mark.parametrize("seed", [1, 2])
def test_without_signal_nothing_is_found(seed: int) -> None:
    """Gains stay within chance, and what overfitting costs stays small."""
    found = judged(0.0, seed)
    assert found.log_loss_gain < 4 * found.log_loss_gain_error + 1e-6
    assert abs(found.log_loss_gain) < 0.02
    spread = math.sqrt(0.25 / found.rows)
    assert abs(found.accuracy - found.baseline_accuracy) < 4 * spread
    assert found.roc_auc is not None
    assert abs(found.roc_auc - 0.5) < 0.15


def test_probabilities_are_calibrated() -> None:
    made = users(4_000, strength=2.0)
    found = evaluate(train(made, SEED), users(20_000, strength=2.0, seed=9))
    assert found.expected_calibration_error < 0.04
    assert found.classwise_calibration_error < 0.04


def test_scores_are_those_of_scikit_learn(frame: pl.DataFrame, predictor: Predictor) -> None:
    held_out = split(frame, SEED).held_out
    found, said = evaluate(predictor, held_out), predictor.probabilities(held_out)
    actual = np.array([TIERS.index(tier) for tier in held_out["account_tier"]])
    assert found.log_loss == pytest.approx(log_loss(actual, said))
    assert found.accuracy == pytest.approx(accuracy_score(actual, said.argmax(axis=1)))
    assert found.roc_auc == pytest.approx(roc_auc_score(actual, said, multi_class="ovr"))
    shares = np.tile(predictor.shares, (len(actual), 1))
    assert found.baseline_log_loss == pytest.approx(log_loss(actual, shares))
    assert found.log_loss_gain == pytest.approx(found.baseline_log_loss - found.log_loss)


def test_the_numbers_agree_with_each_other(evaluation: Evaluation) -> None:
    confusion = np.array(evaluation.confusion)
    assert confusion.sum() == evaluation.rows
    assert confusion.trace() / evaluation.rows == pytest.approx(evaluation.accuracy)
    for of in ("predicted", *evaluation.tiers):
        bins = [one for one in evaluation.reliability if one.of == of]
        assert sum(one.rows for one in bins) == evaluation.rows
        assert all(one.low <= one.mean_probability <= one.high for one in bins)
    hits = sum(b.rows * b.observed_share for b in evaluation.reliability if b.of == "predicted")
    assert hits / evaluation.rows == pytest.approx(evaluation.accuracy)


def test_numbers_for_metadata_are_plain_and_finite(evaluation: Evaluation) -> None:
    numbers = evaluation.numbers()
    assert {"accuracy", "baseline_accuracy", "log_loss", "baseline_log_loss", "macro_f1"} <= set(
        numbers
    )
    assert {"roc_auc", "roc_auc_free", "roc_auc_business", "expected_calibration_error"} <= set(
        numbers
    )
    assert all(type(value) in (int, float) and math.isfinite(value) for value in numbers.values())


def test_a_curve_without_both_sides_has_no_area(predictor: Predictor, frame: pl.DataFrame) -> None:
    found = evaluate(predictor, frame.filter(pl.col("account_tier") == "Free"))
    assert found.roc_auc is None
    assert "roc_auc" not in found.numbers()


def test_who_cannot_be_judged_by_is_refused(predictor: Predictor, frame: pl.DataFrame) -> None:
    with pytest.raises(UserError, match="no users to evaluate"):
        evaluate(predictor, frame.head(0))
    two = train(frame.filter(pl.col("account_tier") != "Premium"), SEED)
    with pytest.raises(UserError, match=r"trained on Free, Business alone.* users of Premium"):
        evaluate(two, frame)
