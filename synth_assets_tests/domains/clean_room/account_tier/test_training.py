"""Training: refused frames, independence of the order of rows, and equality with scikit-learn."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.account_tier import training
from synth_assets.domains.clean_room.account_tier.features import FEATURES
from synth_assets.domains.clean_room.account_tier.predictor import Predictor
from synth_assets.domains.clean_room.account_tier.split import split
from synth_assets.domains.clean_room.account_tier.training import train
from synth_assets_tests.domains.clean_room.account_tier.conftest import SEED


def test_the_order_of_rows_does_not_matter(frame: pl.DataFrame, predictor: Predictor) -> None:
    assert train(frame.sample(fraction=1, shuffle=True, seed=3), SEED) == predictor


def test_the_seed_decides_who_is_held_out(frame: pl.DataFrame, predictor: Predictor) -> None:
    other = train(frame, SEED + 1)
    assert other.intercepts != predictor.intercepts
    assert split(frame, 1).held_out["provider_user_id"].to_list() != (
        split(frame, 2).held_out["provider_user_id"].to_list()
    )


def test_parts_are_a_fifth_and_the_rest(frame: pl.DataFrame, predictor: Predictor) -> None:
    parts = split(frame, SEED)
    assert len(parts.training) + len(parts.held_out) == len(frame)
    assert 0.16 < len(parts.held_out) / len(frame) < 0.24
    assert sum(predictor.rows) == len(parts.training)
    keys = pl.concat([part["provider_user_id"] for part in parts])
    assert keys.sort().equals(frame["provider_user_id"])


def test_more_rows_move_no_user_to_the_other_part(frame: pl.DataFrame) -> None:
    few, all_of_them = split(frame.head(500), SEED), split(frame, SEED)
    assert set(few.held_out["provider_user_id"]) <= set(all_of_them.held_out["provider_user_id"])


def test_held_out_users_do_not_change_the_model(frame: pl.DataFrame, predictor: Predictor) -> None:
    held_out = split(frame, SEED).held_out["provider_user_id"].to_list()
    of_them = pl.col("provider_user_id").is_in(held_out)
    wrong = frame.with_columns(
        account_tier=pl.when(of_them).then(pl.lit("Free")).otherwise("account_tier"),
        age=pl.when(of_them).then(99).otherwise("age"),
    )
    assert train(wrong, SEED) == predictor


@pytest.mark.parametrize("tiers", [("Free", "Premium", "Business"), ("Free", "Business")])
def test_probabilities_equal_those_of_the_pipeline(
    frame: pl.DataFrame, tiers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[object, np.ndarray]] = []
    fit = training._fit

    def keep(pipeline: object, numbers: np.ndarray, labels: np.ndarray) -> float:
        fit(pipeline, numbers, labels)
        seen.append((pipeline, numbers))
        return 1.0

    monkeypatch.setattr(training, "_fit", keep)
    some = frame.filter(pl.col("account_tier").is_in(tiers))
    learnt = train(some, SEED)
    pipeline, numbers = seen[0]
    ours = learnt.probabilities(split(some, SEED).training)
    assert learnt.tiers == tiers
    np.testing.assert_allclose(ours, pipeline.predict_proba(numbers), rtol=0, atol=1e-12)


def test_rare_values_are_not_in_the_model(frame: pl.DataFrame, predictor: Predictor) -> None:
    users = split(frame, SEED).training["state"].value_counts(name="users")
    common = users.filter(pl.col("users") >= 10)["state"]
    assert set(predictor.categories["state"].values) == set(common)
    assert len(common) < len(users)
    assert None in predictor.categories["state"].values


def test_constant_features_are_left_out(frame: pl.DataFrame) -> None:
    nothing = frame.with_columns(age=pl.lit(30), state=pl.lit(None), gender=pl.lit(None, pl.String))
    learnt = train(nothing.with_columns(pl.col("country").cast(pl.Categorical)), SEED)
    assert learnt.age is None
    assert learnt.categories["state"].values == (None,)
    assert training._age(pl.Series([None], dtype=pl.Int64)) == (0.0, ())


def cut(frame: pl.DataFrame, tier: str, rows: int) -> pl.DataFrame:
    is_it = pl.col("account_tier") == tier
    return pl.concat([frame.filter(~is_it), frame.filter(is_it).head(rows)])


WRONG = {
    "missing columns": (
        lambda f: f.drop("age", "state"),
        "age, state missing, given are provider_user_id, email",
    ),
    "no key": (lambda f: f.drop("provider_user_id"), "provider_user_id missing"),
    "no label": (lambda f: f.drop("account_tier"), "account_tier missing"),
    "wrong label": (
        lambda f: f.with_columns(account_tier=pl.lit("Gold")),
        "account_tier must be one of Free, Premium, Business, not 'Gold'",
    ),
    "lower case": (
        lambda f: f.with_columns(pl.col("account_tier").str.to_lowercase()),
        "not 'business', 'free', 'premium'",
    ),
    "null label": (
        lambda f: f.with_columns(account_tier=pl.lit(None, pl.String)),
        "account_tier must not be null, 1200 of 1200",
    ),
    "null key": (
        lambda f: f.with_columns(provider_user_id=pl.lit(None, pl.Int64)),
        "provider_user_id must not be null",
    ),
    "fan-out": (lambda f: pl.concat([f, f.head(3)]), "must be unique, 6 rows share theirs"),
    "one tier only": (
        lambda f: f.filter(pl.col("account_tier") == "Free"),
        "at least two of Free, Premium, Business are needed",
    ),
    "few of a tier": (lambda f: cut(f, "Business", 4), "too few of Business"),
    "few rows": (lambda f: f.head(60), "at least 100 users are needed"),
    "no rows": (lambda f: f.head(0), "at least 100 users are needed"),
    "ages are texts": (
        lambda f: f.with_columns(pl.col("age").cast(pl.String)),
        "column age must hold whole numbers, it holds String",
    ),
    "ages are fractions": (lambda f: f.with_columns(pl.col("age") * 0.5), "age must hold whole"),
    "states are numbers": (lambda f: f.with_columns(state=pl.lit(1)), "state must hold texts"),
}


@pytest.mark.parametrize("what", WRONG)
def test_untrainable_frames_are_refused_with_a_reason(frame: pl.DataFrame, what: str) -> None:
    spoil, words = WRONG[what]
    with pytest.raises(UserError, match=words):
        train(spoil(frame), SEED)


def test_other_columns_are_ignored(frame: pl.DataFrame, predictor: Predictor) -> None:
    label, key = "account_tier", "provider_user_id"
    assert train(frame.select(label, key, *reversed(FEATURES)), SEED) == predictor


def test_the_temperature_is_divided_out(
    frame: pl.DataFrame, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = training._fit
    monkeypatch.setattr(training, "_fit", lambda *given: 2 * fit(*given))
    hotter = train(frame, SEED)
    assert hotter.temperature == 2 * predictor.temperature
    assert hotter.age is not None
    assert predictor.age is not None
    np.testing.assert_allclose(hotter.age.heights, np.array(predictor.age.heights) / 2, rtol=1e-12)
    halves = np.array(predictor.intercepts) / 2
    np.testing.assert_allclose(hotter.intercepts, halves, rtol=1e-12)


def test_overconfident_probabilities_are_calibrated(
    frame: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without regularisation the model is overconfident, and the temperature corrects that."""
    monkeypatch.setattr(training, "INVERSE_REGULARISATION", (100.0,))
    assert train(frame.head(500), SEED).temperature > 1.3
