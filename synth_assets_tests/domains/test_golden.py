"""Rows change only together with their table's ``code_version``, in every domain."""

from __future__ import annotations

import json
from functools import cache
from types import ModuleType

import polars as pl
import pytest

from synth_assets_tests.domains.clean_room import golden as clean_room
from synth_assets_tests.domains.golden import Digests, complaint, digest
from synth_assets_tests.domains.identity_resolution import golden as identity
from synth_assets_tests.domains.jaffle import golden as jaffle
from synth_assets_tests.domains.journey import golden as journey


@cache
def known(domain: ModuleType) -> Digests:
    found: Digests = json.loads(domain.FILE.read_text(encoding="utf-8"))
    return found


@cache
def now(domain: ModuleType) -> Digests:
    made: Digests = domain.now()
    return made


DOMAINS = {
    "jaffle": jaffle,
    "identity": identity,
    "clean_room": clean_room,
    "journey": journey,
}
TABLES = [
    pytest.param(domain, table, id=f"{name}-{table}")
    for name, domain in DOMAINS.items()
    for table in sorted({*domain.TABLES, *known(domain)})
]


@pytest.mark.parametrize(("domain", "table"), TABLES)
def test_the_rows_are_those_of_the_golden_file(domain: ModuleType, table: str) -> None:
    found = complaint(table, known(domain), now(domain), domain.AGAIN)
    assert found is None, found


def said(table: str, golden: Digests, made: Digests) -> str | None:
    return complaint(table, golden, made, "regenerate by a command")


def test_what_is_said_when_rows_change() -> None:
    golden = {"t": {"code_version": "1", "digest": "aa"}}
    assert said("t", golden, {"t": {"code_version": "1", "digest": "aa"}}) is None
    same = said("t", golden, {"t": {"code_version": "1", "digest": "bb"}})
    assert same is not None
    assert "raise code_version" in same
    raised = said("t", golden, {"t": {"code_version": "2", "digest": "bb"}})
    assert raised is not None
    assert "regenerate by" in raised
    # The version alone, without other rows, is out of step with the file as well.
    assert said("t", golden, {"t": {"code_version": "2", "digest": "aa"}}) is not None
    assert "new" in (said("u", golden, golden | {"u": {}}) or "")
    assert "no longer" in (said("t", golden, {}) or "")


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
