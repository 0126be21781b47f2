"""Splits users at random: into those to train on and those held out, and into folds.

The held-out users and the folds of the cross-validation are random functions of the user's key, so
the order of rows does not matter, and additional rows move no user to another part.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from synth_assets.domains.clean_room.account_tier.features import (
    KEY,
    LABEL,
    Integers,
    labelled,
)
from synth_assets.randomness.streams import RandomStream

# As BigQuery ML does from 500 to 50,000 rows (AUTO_SPLIT, reference of CREATE MODEL).
HELD_OUT = 0.2
FOLDS = 5


class Split(NamedTuple):
    """Users to train on, and users to evaluate on."""

    training: pl.DataFrame
    held_out: pl.DataFrame


def split(frame: pl.DataFrame, seed: int) -> Split:
    """Split labelled users at random by their keys; both parts are sorted by key.

    Args:
        frame: Users with key, label and features.
        seed: The seed of the split.

    Raises:
        UserError: The frame is not valid.
    """
    users = labelled(frame).sort(KEY)
    held_out = _draw(seed, "held_out").uniform(_key()) < HELD_OUT
    return Split(users.filter(~held_out), users.filter(held_out))


def folds_of(users: pl.DataFrame, seed: int) -> list[tuple[Integers, Integers]]:
    """Row indices to fit on and to score, with equal shares of every tier in every fold.

    Args:
        users: The users to train on.
        seed: The seed of the folds.
    """
    turn = _draw(seed, "fold").bits(_key()).rank("ordinal").over(LABEL)
    fold = users.select(turn % FOLDS).to_series().to_numpy()
    return [(np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in range(FOLDS)]


def _draw(seed: int, name: str) -> RandomStream:
    return RandomStream(seed, "clean_room", "account_tier", name)


def _key() -> pl.Expr:
    return pl.col(KEY).cast(pl.UInt64, wrap_numerical=True)
