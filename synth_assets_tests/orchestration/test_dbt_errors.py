"""What users see of an error of dbt: which model, and why, without values of rows."""

from __future__ import annotations

import pytest

from synth_assets.core.errors import without_class
from synth_assets.orchestration.dbt_errors import broken_nodes, reason_of

MODEL = "model sales (models/shop/sales.sql)"
OF_MODEL = f"Runtime Error in {MODEL}\n  "


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            OF_MODEL + 'Binder Error: column "x" not found!\n  LINE 1: select x\n   ^',
            f'{MODEL}: Binder Error: column "x" not found!',
        ),
        (
            OF_MODEL + "Conversion Error: Could not convert string 'Ann' to INT32",
            f"{MODEL}: Conversion Error: Could not convert string … to INT32",
        ),
        (
            OF_MODEL + 'invalid input syntax for type integer: "Ann"',
            f"{MODEL}: invalid input syntax for type integer: …",
        ),
        (OF_MODEL + "Bad int64 value: Ann", f"{MODEL}: Bad int64 value: …"),
        ("the database is gone", "model.shop.sales: the database is gone"),
        (None, "model.shop.sales: it could not be run"),
    ],
)  # fmt: skip
def test_a_broken_model_is_named_with_the_reason(message: str | None, line: str) -> None:
    broken = {"unique_id": "model.shop.sales", "status": "error", "message": message}
    passed = {"unique_id": "model.shop.other", "status": "success", "message": "OK"}
    assert list(broken_nodes([passed, broken])) == [line]


def test_the_reason_is_in_dbts_words() -> None:
    error = RuntimeError(
        "The dbt CLI process failed\n\nErrors parsed from dbt logs:\n\nEncountered an error:\n"
        "Compilation Error\n  Model 'm' depends on nothing"
    )
    assert reason_of(error) == "Compilation Error Model 'm' depends on nothing"
    assert reason_of(RuntimeError("the process was killed")) == "dbt gives no reason"


@pytest.mark.parametrize("words", ["", "Encountered an error:\nIO Error: not a file\n"])
def test_a_traceback_of_dbt_is_left_out(words: str) -> None:
    traceback = 'Traceback (most recent call last):\n  File "x.py", line 1, in y\n    z()\n'
    error = RuntimeError(
        f"The dbt CLI process failed\n\nErrors parsed from dbt logs:\n\n{words}{traceback}"
        "IO Error: not a file"
    )
    assert reason_of(error) == "IO Error: not a file"


def test_only_the_class_of_an_error_is_left_out() -> None:
    for message in ("a.b.DbtError: model x: Binder Error: y", "KeyError: model x: Binder Error: y"):
        assert without_class(message) == "model x: Binder Error: y"
    assert without_class("shop/sales: 3 rows") == "shop/sales: 3 rows"
