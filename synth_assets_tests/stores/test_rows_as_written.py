"""The gate notices rows that another client adds to a database or deletes from it."""

from __future__ import annotations

import duckdb
import psycopg
import pytest

from synth_assets.core.cached_reader import CachedReader
from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain, TableView
from synth_assets.core.scenario import Scenario
from synth_assets.quality.row_counts import as_written
from synth_assets.stores import Store
from synth_assets_tests.stores.frames import FRAME, later, table
from synth_assets_tests.stores.places import PLACES, Place

# Stores that record the number of rows beside the rows; files have their own.
WITH_PROVENANCE_TABLE = ("duckdb", "postgres")


@pytest.fixture(params=WITH_PROVENANCE_TABLE)
def place(request: pytest.FixtureRequest) -> Place:
    return PLACES[request.param](request)


def execute(place: Place, statement: str) -> None:
    if place.kind == "postgres":
        with psycopg.connect(place.location) as db:
            db.execute(statement)
    else:
        with duckdb.connect(place.location) as db:
            db.execute(statement)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("delete from {} where shard = 's0001' and id = 13", [3, 2]),
        ("delete from {} where shard = 's0000'", [0, 3]),
        ("insert into {} (id, shard) values (99, 's0001')", [3, 4]),
    ],
)
def test_other_rows_than_were_written_fail(
    place: Place, statement: str, found: list[float]
) -> None:
    of, store = table(), place.open()
    for number in range(2):
        store.replace(of, f"s000{number}", later(number), "f1")
    domain = Domain("d", "", [], Scenario(seed=1), [of])
    assert all(v.passed for v in judged(domain, store))
    execute(place, statement.replace("{}", f'"{of.domain}"."{of.name}"'))
    results = judged(domain, store)
    assert [v.measured for v in results] == found
    assert [v.passed for v in results] == [rows == len(FRAME) for rows in found]


def judged(domain: Domain, store: Store) -> list[CheckResult]:
    keys = ["s0000", "s0001"]
    stored = TableView(domain, domain.tables[0], keys, CachedReader(store), domain.scenario)
    return as_written().measure(stored)
