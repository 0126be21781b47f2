"""The identity data of most tests, generated once."""

from __future__ import annotations

import pytest

from synth_assets.core.model import Domain
from synth_assets_tests.domains.identity_resolution.made import Frames, all_made, default


@pytest.fixture(scope="session")
def retailer() -> Domain:
    """The identity domain at the scale of most tests."""
    return default()


@pytest.fixture(scope="session")
def frames(retailer: Domain) -> Frames:
    """All rows of all tables that are generated from row numbers."""
    return all_made(retailer)
