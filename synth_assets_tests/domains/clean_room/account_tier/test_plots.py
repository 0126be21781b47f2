"""Plots are images that can be read, and loading the definitions does not wait for them."""

from __future__ import annotations

import base64
import io
import subprocess
import sys

import polars as pl
import pytest
from PIL import Image

from synth_assets.domains.clean_room.account_tier.evaluation import Evaluation, evaluate
from synth_assets.domains.clean_room.account_tier.plots import (
    as_markdown,
    calibration_plot,
    confusion_matrix_plot,
)
from synth_assets.domains.clean_room.account_tier.training import train
from synth_assets_tests.domains.clean_room.account_tier.conftest import SEED

PLOTS = [confusion_matrix_plot, calibration_plot]


@pytest.mark.parametrize("plot", PLOTS)
def test_a_plot_is_an_image_with_a_clear_margin(plot, evaluation: Evaluation) -> None:
    image = Image.open(io.BytesIO(plot(evaluation))).convert("RGB")
    assert image.width > 500
    assert image.height > 400
    assert len(image.getcolors(1 << 20)) > 20
    edges = [(x, y) for x in range(image.width) for y in (0, image.height - 1)]
    edges += [(x, y) for y in range(image.height) for x in (0, image.width - 1)]
    assert {image.getpixel(place) for place in edges} == {(255, 255, 255)}, "text is cut off"


@pytest.mark.parametrize("plot", PLOTS)
def test_the_same_evaluation_gives_the_same_image(plot, evaluation: Evaluation) -> None:
    assert plot(evaluation) == plot(evaluation)


@pytest.mark.parametrize("plot", PLOTS)
def test_two_tiers_and_one_user_are_enough(plot, frame: pl.DataFrame) -> None:
    two = frame.filter(pl.col("account_tier") != "Premium")
    png = plot(evaluate(train(two, SEED), two.head(1)))
    Image.open(io.BytesIO(png)).verify()


def test_markdown_carries_the_image(evaluation: Evaluation) -> None:
    png = confusion_matrix_plot(evaluation)
    text = as_markdown(png, "Confusion matrix")
    assert text.startswith("![Confusion matrix](data:image/png;base64,")
    assert text.endswith(")")
    assert base64.b64decode(text.partition("base64,")[2][:-1]) == png
    # Dagster keeps metadata in its database, so an image must stay small.
    assert len(text) < 150_000


def test_importing_waits_for_no_big_library() -> None:
    modules = ["bigquery", "evaluation", "features", "plots", "predictor", "storage", "training"]
    script = "import sys\n" + "".join(
        f"import synth_assets.domains.clean_room.account_tier.{name}\n" for name in modules
    )
    script += "print([m for m in ('sklearn', 'matplotlib', 'scipy') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
