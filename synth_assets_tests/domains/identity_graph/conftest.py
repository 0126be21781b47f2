"""The identity graph of most tests, made once."""

from __future__ import annotations

import pytest

from synth_assets.core.model import Domain
from synth_assets_tests.domains.identity_graph.made import default, stored
from synth_assets_tests.quality.memory import Memory


@pytest.fixture(scope="session")
def made() -> Domain:
    """The graph of most tests."""
    return default()


@pytest.fixture(scope="session")
def sound(made: Domain) -> Memory:
    """All its partitions."""
    return stored(made)
