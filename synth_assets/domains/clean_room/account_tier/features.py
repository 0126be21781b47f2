"""The features of a user, and the frames that the model accepts.

Wrong frames are refused here. Features are converted to numbers by the same functions for training
and for prediction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.errors import UserError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

KEY, EMAIL, AGE, LABEL = "provider_user_id", "email", "age", "account_tier"
Category = Literal["gender", "state", "country", "traffic_source"]
CATEGORICAL: tuple[Category, ...] = get_args(Category)
FEATURES = (AGE, *CATEGORICAL)
Tier = Literal["Free", "Premium", "Business"]
TIERS: tuple[Tier, ...] = get_args(Tier)


def checked(frame: pl.DataFrame, *others: str) -> pl.DataFrame:
    """The features and other columns of a frame, in the types that the model uses.

    Args:
        frame: Users.
        others: Columns beside the features.

    Raises:
        UserError: A column is missing or has a wrong type.
    """
    needed = (*others, *FEATURES)
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise UserError(
            f"the account tier model needs the columns {', '.join(needed)}: "
            f"{', '.join(missing)} missing, given are {', '.join(frame.columns) or 'none'}"
        )
    texts = [name for name in (*CATEGORICAL, LABEL) if name in needed]
    _refuse(frame, texts, (pl.String, pl.Enum, pl.Categorical, pl.Null), "texts")
    numbers = [name for name in (KEY, AGE) if name in needed]
    _refuse(frame, numbers, (*_WHOLE, pl.Null), "whole numbers")
    return frame.select(needed).with_columns(pl.col(texts).cast(pl.String))


_WHOLE = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)


def _refuse(
    frame: pl.DataFrame, names: Iterable[str], allowed: Sequence[type[pl.DataType]], kind: str
) -> None:
    for name in names:
        if frame.schema[name].base_type() not in allowed:
            raise UserError(f"column {name} must hold {kind}, it holds {frame.schema[name]}")


def labelled(frame: pl.DataFrame) -> pl.DataFrame:
    """Check a frame with keys and labels: each user occurs once, each label is a tier.

    Args:
        frame: Users with key, label and features.

    Raises:
        UserError: A column is missing or has a wrong type, or a key or label is wrong.
    """
    users = checked(frame, KEY, LABEL)
    for name in (KEY, LABEL):
        if nulls := users[name].null_count():
            raise UserError(f"column {name} must not be null, {nulls} of {len(users)} rows are")
    wrong = users.filter(~pl.col(LABEL).is_in(TIERS))[LABEL].unique().sort().to_list()
    if wrong:
        shown = ", ".join(repr(value) for value in wrong[:5])
        raise UserError(f"{LABEL} must be one of {', '.join(TIERS)}, not {shown}")
    if repeated := int(users[KEY].is_duplicated().sum()):
        raise UserError(
            f"{KEY} must be unique, {repeated} rows share theirs with another: "
            "de-duplicate the e-mails before joining on them"
        )
    return users


def tiers_of(users: pl.DataFrame, tiers: Sequence[str]) -> Integers:
    """The index of each user's label in ``tiers``.

    Args:
        users: A checked frame with labels.
        tiers: All labels.
    """
    places = users[LABEL].replace_strict(tiers, range(len(tiers)), return_dtype=pl.Int64)
    return places.to_numpy()


def ages(users: pl.DataFrame, mean: float) -> Floats:
    """Ages in years; an unknown age is replaced by the mean, as in BigQuery ML.

    Args:
        users: A checked frame.
        mean: The mean age in training.
    """
    return users[AGE].cast(pl.Float64).fill_null(mean).to_numpy()


def codes(column: pl.Series, values: Sequence[str | None]) -> Integers:
    """The index of each value in ``values``; unknown values have the index after the last.

    Args:
        column: A categorical feature.
        values: The known values, which may include null.
    """
    unknown = len(values)
    texts = [value for value in values if value is not None]
    places = [place for place, value in enumerate(values) if value is not None]
    null = values.index(None) if None in values else unknown
    found = column.replace_strict(texts, places, default=unknown, return_dtype=pl.Int64)
    return pl.select(pl.when(column.is_null()).then(null).otherwise(found)).to_series().to_numpy()
