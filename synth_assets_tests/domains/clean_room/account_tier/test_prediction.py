"""Predictions have the columns of ML.PREDICT and treat unknown values as BigQuery ML does."""

from __future__ import annotations

import math

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.account_tier.predictor import Predictor, predict

PROBS = pl.List(pl.Struct({"label": pl.String, "prob": pl.Float64}))


def test_columns_are_those_of_ml_predict(frame: pl.DataFrame, predictor: Predictor) -> None:
    for some in (frame, frame.head(0)):
        found = predict(predictor, some.drop("account_tier"))
        assert dict(found.schema) == {
            "provider_user_id": pl.Int64,
            "email": pl.String,
            "predicted_account_tier": pl.String,
            "predicted_account_tier_probs": PROBS,
        }
        assert found.select("provider_user_id", "email").equals(
            some.select("provider_user_id", "email")
        )


def test_probabilities_descend_and_add_up(frame: pl.DataFrame, predictor: Predictor) -> None:
    found = predict(predictor, frame)
    for best, probs in found.select(
        "predicted_account_tier", "predicted_account_tier_probs"
    ).iter_rows():
        numbers = [one["prob"] for one in probs]
        assert {one["label"] for one in probs} == set(predictor.tiers)
        assert len(probs) == 3
        assert best == probs[0]["label"]
        assert numbers == sorted(numbers, reverse=True)
        assert math.isclose(math.fsum(numbers), 1.0, abs_tol=1e-12)
        assert min(numbers) > 0


def test_a_row_is_predicted_alike_wherever_it_stands(
    frame: pl.DataFrame, predictor: Predictor
) -> None:
    whole = predict(predictor, frame)
    assert predict(predictor, frame.reverse()).reverse().equals(whole)
    assert predict(predictor, frame[100:103]).equals(whole[100:103])


def test_unknown_values_weigh_nothing(frame: pl.DataFrame, predictor: Predictor) -> None:
    one = frame.head(1)
    unknown = one.with_columns(state=pl.lit("Atlantis"))
    blind = predictor.model_copy(
        update={
            "categories": predictor.categories
            | {"state": type(predictor.categories["state"])(values=(), weights=())}
        }
    )
    assert predict(predictor, unknown).equals(predict(blind, one))


def test_unknown_ages_count_as_the_mean(frame: pl.DataFrame, predictor: Predictor) -> None:
    assert predictor.age is not None
    rounded = predictor.model_copy(update={"age": predictor.age.model_copy(update={"mean": 41.0})})
    unknown = frame.with_columns(age=pl.lit(None))
    assert predict(rounded, unknown).equals(predict(rounded, frame.with_columns(age=pl.lit(41))))


def test_ages_beyond_those_seen_count_as_the_last(
    frame: pl.DataFrame, predictor: Predictor
) -> None:
    old, older = (frame.with_columns(age=pl.lit(age)) for age in (70, 1_000_000))
    assert predict(predictor, old).equals(predict(predictor, older))


def test_nulls_are_a_category_of_their_own(frame: pl.DataFrame, predictor: Predictor) -> None:
    one = frame[1:2]
    null = predict(predictor, one.with_columns(state=pl.lit(None, pl.String)))
    assert not null.equals(predict(predictor, one.with_columns(state=pl.lit("Atlantis"))))
    assert not null.equals(predict(predictor, one))


def test_texts_may_be_enums(frame: pl.DataFrame, predictor: Predictor) -> None:
    texts = ("gender", "state", "country", "traffic_source")
    assert predict(predictor, frame.with_columns(pl.col(texts).cast(pl.Categorical))).equals(
        predict(predictor, frame)
    )


def test_missing_columns_are_named(frame: pl.DataFrame, predictor: Predictor) -> None:
    with pytest.raises(UserError, match=r"needs the columns .*: email, country missing"):
        predict(predictor, frame.drop("email", "country"))
