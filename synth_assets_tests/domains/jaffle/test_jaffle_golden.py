"""Rows change only together with their table's ``code_version``."""

from __future__ import annotations

import json

import polars as pl
import pytest

from synth_assets_tests.domains.jaffle.golden import DAYS, FILE, complaint, digest, digests
from synth_assets_tests.domains.jaffle.made import all_made, default

GOLDEN = json.loads(FILE.read_text(encoding="utf-8"))
TABLES = sorted({table.name for table in default().tables} | set(GOLDEN))


@pytest.fixture(scope="module")
def now() -> dict[str, dict[str, str]]:
    return digests(all_made(default(), DAYS))


@pytest.mark.parametrize("table", TABLES)
def test_the_rows_are_those_of_the_golden_file(table: str, now: dict[str, dict[str, str]]) -> None:
    found = complaint(table, GOLDEN, now)
    assert found is None, found


def test_what_is_said_when_rows_change() -> None:
    golden = {"t": {"code_version": "1", "digest": "aa"}}
    assert complaint("t", golden, {"t": {"code_version": "1", "digest": "aa"}}) is None
    same = complaint("t", golden, {"t": {"code_version": "1", "digest": "bb"}})
    assert same is not None
    assert "raise code_version" in same
    raised = complaint("t", golden, {"t": {"code_version": "2", "digest": "bb"}})
    assert raised is not None
    assert "regenerate by" in raised
    # The version alone, without other rows, is out of step with the file as well.
    assert complaint("t", golden, {"t": {"code_version": "2", "digest": "aa"}}) is not None
    assert "new" in (complaint("u", golden, golden | {"u": {}}) or "")
    assert "no longer" in (complaint("t", golden, {}) or "")


def test_a_digest_sees_values_names_order_and_nulls() -> None:
    frame = pl.DataFrame({"a": [1, 2, None], "b": ["x", "", None]})
    others = [
        frame.reverse(),
        frame.rename({"a": "c"}),
        frame.select("b", "a"),
        frame.with_columns(pl.col("b").fill_null("")),
        frame.head(2),
    ]
    assert len({digest(f) for f in [frame, *others]}) == 6
    assert digest(frame) == digest(frame.clone())
