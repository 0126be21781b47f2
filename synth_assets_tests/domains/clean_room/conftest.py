"""The clean room's data of most tests, made once."""

from __future__ import annotations

import pytest

from synth_assets.generation.domain import Domain
from synth_assets_tests.domains.clean_room.made import Frames, all_made, clean_room, default


@pytest.fixture(scope="session")
def room() -> Domain:
    """The clean room at the scale of most tests."""
    return default()


@pytest.fixture(scope="session")
def frames(room: Domain) -> Frames:
    """All rows of all tables that are made from row numbers."""
    return all_made(room)


@pytest.fixture(scope="session")
def many() -> Frames:
    """As many users as the public data set has, and their orders."""
    return all_made(clean_room(), ["thelook_users", "thelook_orders"])
