"""``place`` and ``store``: every test of the contract runs on every store."""

from __future__ import annotations

import pytest

from synth_assets.stores import Store
from synth_assets_tests.stores.places import PLACES, Place

# Places whose stores share nearly all of their code with another's.
ALIKE = ("delta on s3", "unity")


@pytest.fixture(
    params=[pytest.param(n, marks=[pytest.mark.slow] if n in ALIKE else []) for n in PLACES]
)
def place(request: pytest.FixtureRequest) -> Place:
    """A new, empty place of every kind in turn."""
    return PLACES[request.param](request)


@pytest.fixture
def store(place: Place) -> Store:
    """The store that lies there."""
    return place.open()
