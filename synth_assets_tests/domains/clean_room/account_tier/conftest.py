"""Users and a predictor for many tests, generated and trained once."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.domains.clean_room.account_tier.evaluation import Evaluation, evaluate
from synth_assets.domains.clean_room.account_tier.predictor import Predictor
from synth_assets.domains.clean_room.account_tier.split import split
from synth_assets.domains.clean_room.account_tier.training import train
from synth_assets_tests.domains.clean_room.account_tier.made import users

SEED = 7


@pytest.fixture(scope="session")
def frame() -> pl.DataFrame:
    """Users with a strong signal, some of whose features are not known."""
    made, row = users(1_200, strength=2.0), pl.int_range(pl.len())
    return made.with_columns(
        age=pl.when(row % 20 != 0).then("age"), state=pl.when(row % 25 != 0).then("state")
    )


@pytest.fixture(scope="session")
def predictor(frame: pl.DataFrame) -> Predictor:
    """Trained on the frame."""
    return train(frame, SEED)


@pytest.fixture(scope="session")
def evaluation(frame: pl.DataFrame, predictor: Predictor) -> Evaluation:
    """Of the users held out."""
    return evaluate(predictor, split(frame, SEED).held_out)
