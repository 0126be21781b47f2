"""Sixty partitions of the default shop, generated once for all tests."""

from __future__ import annotations

import pytest

from synth_assets.core.model import Domain
from synth_assets_tests.domains.jaffle.facts import JOURNEY, SESSIONS
from synth_assets_tests.domains.jaffle.made import Frames, all_made, default, jaffle


@pytest.fixture(scope="session")
def shop() -> Domain:
    """The jaffle domain with defaults only."""
    return default()


@pytest.fixture(scope="session")
def frames(shop: Domain) -> Frames:
    """All tables' first sixty days, with column ``day``."""
    return all_made(shop)


@pytest.fixture(scope="session")
def touched() -> Frames:
    """Journeys of five touches, with orders."""
    return all_made(jaffle(touches_per_customer=5), 60, [*JOURNEY, *SESSIONS])
