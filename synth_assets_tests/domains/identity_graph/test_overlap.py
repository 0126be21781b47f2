"""The numbers of individuals that two types of identifiers have in common."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.core import model
from synth_assets.core.model import Domain, TableView
from synth_assets.domains.identity_graph.identifiers import common_individuals
from synth_assets.domains.identity_graph.terms import IDENTIFIERS
from synth_assets_tests.quality.memory import Memory

MAPPINGS = "identity_mappings"


@pytest.mark.parametrize("at_once", [1, 100])
def test_individuals_are_counted_once_for_each_pair_of_types(
    domain: Domain, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(model, "ROWS_AT_ONCE", at_once)
    email, cookie, *_, phone = IDENTIFIERS
    rows = [(1, email), (1, email), (1, cookie), (2, email), (3, phone), (3, email), (4, cookie)]
    types = pl.Enum(IDENTIFIERS)
    schema = {"individual_id": pl.Int64, "identifier_type": types}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    first, second = domain.table(MAPPINGS).partitioning.keys()[:2]
    reader = Memory({MAPPINGS: {first: frame[:4], second: frame[4:]}})
    # The view has one shard, and all are counted.
    view = TableView(domain, domain.table(MAPPINGS), [first], reader, domain.scenario)
    found = common_individuals(view)
    pairs = len(IDENTIFIERS) * (len(IDENTIFIERS) + 1) // 2
    assert len(found) == pairs
    assert {name: n for name, n in found.items() if n} == {
        f"overlap.{email}.{email}": 3,
        f"overlap.{email}.{cookie}": 1,
        f"overlap.{email}.{phone}": 1,
        f"overlap.{cookie}.{cookie}": 2,
        f"overlap.{phone}.{phone}": 1,
    }
