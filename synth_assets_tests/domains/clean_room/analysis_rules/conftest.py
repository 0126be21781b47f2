"""One clean room for all tests that only query it."""

from __future__ import annotations

import pytest

from synth_assets.domains.clean_room.analysis_rules import CleanRoom
from synth_assets_tests.domains.clean_room.analysis_rules import made


@pytest.fixture(scope="session")
def clean_room(tmp_path_factory: pytest.TempPathFactory) -> CleanRoom:
    return made.clean_room(tmp_path_factory.mktemp("room"))
