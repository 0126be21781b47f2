"""``place`` and ``store``: every test of the contract runs on every store."""

from __future__ import annotations

import pytest

from synth_assets.stores import Store
from synth_assets_tests.stores.places import PLACES, Place

# Stores that share nearly all of their code with another one, and an emulator that takes seconds a
# test. ``test_bigquery`` runs by default.
ONLY_IN_TEST_ALL = ("delta on s3", "unity", "bigquery")


@pytest.fixture(
    params=[
        pytest.param(n, marks=[pytest.mark.slow] if n in ONLY_IN_TEST_ALL else []) for n in PLACES
    ]
)
def place(request: pytest.FixtureRequest) -> Place:
    """A new, empty location, for each kind of store."""
    return PLACES[request.param](request)


@pytest.fixture
def store(place: Place) -> Store:
    """The store at that location."""
    return place.open()
