"""Listed values of every type: constants, choices, cases, accepted values and anomalies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.quality.structural import checks_of
from synth_assets_tests.declarative.conftest import Declare, rows_of
from synth_assets_tests.quality.memory import Memory, judge

# A type, a value as it is written, and as it is stored.
VALUES: dict[str, tuple[str, str, Any]] = {
    "date": ("date", "2026-01-31", date(2026, 1, 31)),
    "quoted date": ("date", "'1900-01-01'", date(1900, 1, 1)),
    "timestamp": ("timestamp", "2026-01-31T10:30:00", datetime(2026, 1, 31, 10, 30)),
    "blank": ("timestamp", "'2026-01-31 10:30:00.25'", datetime(2026, 1, 31, 10, 30, 0, 250_000)),
    "midnight": ("timestamp", "2026-01-31", datetime(2026, 1, 31)),
    "zone": (
        "timestamptz", "'2026-01-31T10:30:00+02:00'", datetime(2026, 1, 31, 8, 30, tzinfo=UTC),
    ),
    "utc": ("timestamptz", "'2026-01-31T10:30Z'", datetime(2026, 1, 31, 10, 30, tzinfo=UTC)),
    "decimal": ("decimal(4,2)", "1.5", Decimal("1.50")),
    "written decimal": ("decimal(20,2)", "'12345678901234567.25'", Decimal("12345678901234567.25")),
    "whole decimal": ("decimal(4,2)", "3", Decimal("3.00")),
    "double": ("double", "2", 2.0),
    "text": ("text", "7", "7"),
    "truth": ("boolean", "true", True),
}  # fmt: skip


@pytest.mark.parametrize(("word", "written", "stored"), VALUES.values(), ids=VALUES)
def test_values_are_of_their_type(declare: Declare, word: str, written: str, stored: Any) -> None:
    domain = declare(
        "  a:\n    rows: 20\n    columns:\n      id: {kind: sequence, primary_key: true}\n"
        f"      one: {{kind: constant, value: {written}, type: '{word}'}}\n"
        f"      any: {{kind: choice, values: [{written}], type: '{word}'}}\n"
        "      case: {kind: switch, on: id, cases: {1: {kind: constant, value: "
        f"{written}}}}}, type: '{word}'}}\n"
        f"      copy: {{kind: expression, sql: one}}\n"
        f"      set: {{kind: constant, value: {written}, type: '{word}', null_rate: 1.0}}\n"
        "    checks:\n" + "".join(
            f"      - {{kind: accepted, column: {name}, values: [{written}]}}\n"
            for name in ("one", "any", "case", "copy", "set")
        )
        + f"    anomalies: [{{kind: set, name: s, column: set, value: {written}, rate: 1}}]\n"
    )  # fmt: skip
    rows = rows_of(domain, "a").drop("partition")
    for name in ("one", "any", "copy", "set"):
        assert rows[name].to_list() == [stored] * 20, name
    assert rows["case"].to_list() == [stored, *[None] * 19]
    for check in checks_of(domain.table("a")):
        if check.name.startswith("accepted"):
            [result] = judge(check, domain, "a", Memory({"a": {"all": rows}}))
            assert result.passed, check.name
    other = rows.with_columns(one=rows["one"].cast(pl.String).str.head(0), any=pl.lit("x"))
    [check] = [c for c in checks_of(domain.table("a")) if c.name == "accepted_any"]
    [result] = judge(check, domain, "a", Memory({"a": {"all": other}}))
    assert not result.passed


@pytest.mark.parametrize("written", ["2026-02-30", "soon", "'10:30'", "2026-01-31T25:00:00"])
@pytest.mark.parametrize("word", ["date", "timestamp", "timestamptz"])
def test_what_is_no_time_is_refused(declare: Declare, word: str, written: str) -> None:
    column = f"{{kind: constant, value: {written}, type: {word}}}"
    with pytest.raises(UserError, match=rf"yaml:7: .*x\.type: the value .* fit the type {word}"):
        declare(f"  a:\n    rows: 2\n    columns:\n      x: {column}\n")


def test_accepted_values_are_of_the_type_of_the_column(declare: Declare) -> None:
    with pytest.raises(UserError, match=r"yaml:8: .*checks\.0: the value 'a' does not fit"):
        declare(
            "  a:\n    rows: 2\n    columns:\n      x: {kind: sequence}\n"
            "    checks: [{kind: accepted, column: x, values: [1, a]}]\n"
        )


# Columns of each type, and a case for each of their values in order, as it may be written.
CASES = {
    "double": ("{kind: choice, values: [0.0, 0.5, 2.0], type: double}", ["0", "0.5", "2"]),
    "signed zero": ("{kind: choice, values: [-0.0, 0.5, 2.0]}", ["0.0", "'0.5'", "2.0"]),
    "real": ("{kind: choice, values: [0.1, 1.0], type: real}", ["0.1", "1"]),
    "decimal": (
        "{kind: choice, values: [0, 2.5, 7.7], type: 'decimal(4,2)'}", ["0.0", "2.50", "7.7"],
    ),
    "text of a decimal": ("{kind: choice, values: [2.5], type: 'decimal(4,2)'}", ["'2.500'"]),
    "smallint": ("{kind: integers, low: 1, high: 3, type: smallint}", ["1.0", "2", "'3'"]),
    "computed": ("{kind: expression, sql: 'mod(id, 2) * 0.5'}", ["0", "0.5"]),
    "short": ("{kind: expression, sql: length('ab')}", ["2.0"]),
    "hidden": ("{kind: integers, low: 1, high: 2, hidden: true}", ["1.0", "2"]),
    "boolean": ("{kind: boolean}", ["false", "'true'"]),
    "number of a boolean": ("{kind: boolean}", ["0", "1"]),
    "date": ("{kind: date, start: 2026-01-01, end: 2026-01-02}", ["2026-01-01", "'2026-01-02'"]),
    "timestamp": (
        "{kind: choice, values: [2026-01-01, 2026-01-02T10:00:00], type: timestamp}",
        ["2026-01-01", "'2026-01-02T12:00:00+02:00'"],
    ),
    "timestamptz": ("{kind: choice, values: [2026-01-01], type: timestamptz}", ["2026-01-01T00Z"]),
    "text": ("{kind: pattern, pattern: '[123]'}", ["'1'", "2", "3"]),
    "words": ("{kind: choice, values: ['true']}", ["true"]),
}  # fmt: skip


@pytest.mark.parametrize(("column", "cases"), CASES.values(), ids=CASES)
def test_cases_are_compared_in_the_type_of_the_column(
    declare: Declare, column: str, cases: list[str]
) -> None:
    listed = ", ".join(f"{case}: {{kind: constant, value: {n}}}" for n, case in enumerate(cases))
    rows = rows_of(
        declare(
            "  a:\n    rows: 60\n    columns:\n      id: {kind: sequence, primary_key: true}\n"
            f"      on: {column}\n      value: {{kind: expression, sql: '\"on\"'}}\n"
            f"      case: {{kind: switch, on: on, cases: {{{listed}}}}}\n"
        ),
        "a",
    )
    expected = rows["value"].rank("dense").cast(pl.Int64) - 1
    assert rows["case"].to_list() == expected.to_list()


@pytest.mark.parametrize(
    ("word", "case"),
    [
        ("smallint", "1.5"), ("smallint", "99999"), ("smallint", "a"), ("smallint", "true"),
        ("decimal(4,2)", "0.505"), ("decimal(4,2)", "'0.505'"), ("double", "a"),
        ("double", "true"), ("boolean", "2"), ("boolean", "'yes'"), ("date", "5"),
        ("date", "2026-01-01T10:00:00"), ("timestamp", "'soon'"), ("timestamp", "true"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("inner", [False, True])
def test_cases_that_no_value_is_are_refused(
    declare: Declare, word: str, case: str, inner: bool
) -> None:
    switch = f"{{kind: switch, on: x, cases: {{{case}: {{kind: constant, value: 1}}}}}}"
    if inner:
        outer = "{kind: switch, on: id, cases: {1: {kind: boolean}},"
        switch = f"{outer}\n        otherwise: {switch}}}"
    with pytest.raises(UserError, match=rf"yaml:{10 if inner else 9}: .*y\..*no value of the type"):
        declare(
            "  a:\n    rows: 2\n    columns:\n      id: {kind: sequence}\n"
            f'      x: {{kind: expression, sql: "cast(null as {word})"}}\n' + f"      y: {switch}\n"
        )


def test_cases_of_the_same_value_are_refused(declare: Declare) -> None:
    cases = "{0.5: {kind: boolean}, '0.50': {kind: boolean}}"
    with pytest.raises(UserError, match=r"yaml:8: .*is the value of the case 0\.5"):
        declare(
            "  a:\n    rows: 2\n    columns:\n      x: {kind: choice, values: [0.5]}\n"
            f"      y: {{kind: switch, on: x, cases: {cases}}}\n"
        )
