"""Sixty days of the default shop, generated once for all tests."""

from __future__ import annotations

import pytest

from synth_assets.core.model import Domain
from synth_assets_tests.domains.jaffle.made import Frames, all_made, default


@pytest.fixture(scope="session")
def shop() -> Domain:
    """The jaffle domain with defaults only."""
    return default()


@pytest.fixture(scope="session")
def frames(shop: Domain) -> Frames:
    """All tables' first sixty days, with column ``day``."""
    return all_made(shop)
