"""The clean room's data of most tests, made once."""

from __future__ import annotations

import pytest

from synth_assets.generation.domain import Domain
from synth_assets_tests.domains.clean_room.made import Frames, all_made, default


@pytest.fixture(scope="session")
def room() -> Domain:
    """The clean room at the scale of most tests."""
    return default()


@pytest.fixture(scope="session")
def frames(room: Domain) -> Frames:
    """All rows of all tables that are made from row numbers."""
    return all_made(room)
