"""The text gives back the same predictor, and every other text is refused."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.account_tier.predictor import Predictor, predict
from synth_assets.domains.clean_room.account_tier.storage import from_json, to_json


def test_predictions_after_loading_are_identical(frame: pl.DataFrame, predictor: Predictor) -> None:
    read = from_json(to_json(predictor), "here")
    assert read == predictor
    assert predict(read, frame).equals(predict(predictor, frame))
    assert to_json(read) == to_json(predictor)


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_pickles_are_refused_unopened(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    with pytest.raises(UserError, match="is no account tier predictor"):
        from_json(pickle.dumps(Trap(sprung)), "here")
    assert not sprung.exists()


def put(*where: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(read: dict[str, Any]) -> None:
        part: Any = read
        for step in where[:-1]:
            part = part[step]
        part[where[-1]] = value

    return change


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda read: read.pop(name)


# Changes that are refused even if the digest is renewed.
WRONG = {
    "weight is a text": (put("intercepts", 0, value="1.0"), "intercepts"),
    "weight is not finite": (put("intercepts", 0, value=float("nan")), "intercepts"),
    "weight is endless": (put("intercepts", 0, value=float("inf")), "intercepts"),
    "weight is huge": (put("intercepts", 0, value=1e300), "less than or equal to"),
    "tier is unknown": (put("tiers", 0, value="Gold"), "'Free', 'Premium' or 'Business'"),
    "tiers in another order": (put("tiers", value=["Premium", "Free", "Business"]), "in the order"),
    "a tier too few": (put("tiers", value=["Free", "Premium"]), "2 tiers need as many weights"),
    "too few intercepts": (put("intercepts", value=[0.0]), "3 tiers need as many weights"),
    "knots fall": (put("age", "knots", 0, value=500.0), "knots must rise"),
    "too few heights": (put("age", "heights", value=[]), "need as many heights"),
    "value twice": (put("categories", "gender", "values", value=["M", "M"]), "named twice"),
    "value without weight": (
        put("categories", "gender", "values", value=["M", "F", "X"]),
        "3 values need as many weights",
    ),
    "feature is unknown": (
        put("categories", "__class__", value={"values": [], "weights": []}),
        "categories",
    ),
    "feature is missing": (put("categories", value={}), "categories must be of gender"),
    "more fields": (put("module", value="os"), "module: Extra inputs"),
    "no intercepts": (drop("intercepts"), "intercepts: Field required"),
    "another format": (put("format", value="account_tier_predictor/2"), "format"),
    "temperature of nothing": (put("temperature", value=0.0), "temperature"),
}


@pytest.mark.parametrize("what", WRONG)
def test_tampering_is_refused_even_with_a_new_digest(predictor: Predictor, what: str) -> None:
    change, words = WRONG[what]
    read = json.loads(predictor.model_dump_json())
    change(read)
    text = json.dumps(read)
    digest = hashlib.sha256(json.dumps(read, separators=(",", ":")).encode()).hexdigest()
    with pytest.raises(UserError, match="is no account tier predictor") as caught:
        from_json(f'{{"sha256": "{digest}", "predictor": {text}}}', "here")
    assert words in str(caught.value)
    assert caught.value.__cause__ is None


def test_another_number_is_noticed(predictor: Predictor) -> None:
    read = json.loads(to_json(predictor))
    read["predictor"]["intercepts"][0] += 1e-12
    with pytest.raises(UserError, match="it was changed"):
        from_json(json.dumps(read), "here")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "not json",
        '{"sha256": "", "predictor": null}',
        '{"sha256": "", "predictor": {}, "more": 1}',
        "[" * 100_000,
        '{"sha256": "", "predictor": ' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"sha256": "", "predictor": {"seed": ' + "9" * 5_000 + "}}",
        b"\xff\xfe\x00",
        b"\x80\x04\x95",
    ],
    ids=lambda text: repr(text[:40]),
)
def test_anything_else_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(UserError, match="is no account tier predictor"):
        from_json(text, "here")


def test_half_a_text_is_refused_by_its_place(predictor: Predictor) -> None:
    with pytest.raises(UserError, match="here is no account tier predictor"):
        from_json(to_json(predictor)[:-200], "here")
