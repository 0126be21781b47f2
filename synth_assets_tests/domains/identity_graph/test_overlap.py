"""The numbers of individuals that two types of identifiers have in common."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import polars as pl

from synth_assets.core.model import TableView
from synth_assets.domains.identity_graph.identifiers import common_individuals
from synth_assets.domains.identity_graph.terms import IDENTIFIERS


def test_individuals_are_counted_once_for_each_pair_of_types() -> None:
    email, cookie, *_, phone = IDENTIFIERS
    rows = [(1, email), (1, email), (1, cookie), (2, email), (3, phone), (3, email), (4, cookie)]
    types = pl.Enum(IDENTIFIERS)
    schema = {"individual_id": pl.Int64, "identifier_type": types}
    frame = pl.LazyFrame(rows, schema=schema, orient="row")
    found = common_individuals(cast("TableView", SimpleNamespace(all=lambda: frame)))
    pairs = len(IDENTIFIERS) * (len(IDENTIFIERS) + 1) // 2
    assert len(found) == pairs
    assert {name: n for name, n in found.items() if n} == {
        f"overlap.{email}.{email}": 3,
        f"overlap.{email}.{cookie}": 1,
        f"overlap.{email}.{phone}": 1,
        f"overlap.{cookie}.{cookie}": 2,
        f"overlap.{phone}.{phone}": 1,
    }
