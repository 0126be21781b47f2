"""The latest runs, asked for in a thread of its own: Dagster takes seconds while it starts."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.studio.background import Background
from synth_assets.studio.dagster_api import Dagster

# Seconds after which a page has them asked for again, and that a page waits for the first answer.
FRESH, PATIENCE = 2.0, 0.5
# Runs that are asked for, among which the last one of each domain usually is.
MOST = 50


class LatestRuns:
    """The latest runs, for all sessions.

    Args:
        url: Address of Dagster's webserver.
    """

    def __init__(self, url: str) -> None:
        self._dagster = Dagster(url)
        self._answer: list[dict[str, Any]] | UserError | None = None
        self._asking = Background(self._ask, FRESH)

    def answer(self) -> list[dict[str, Any]] | UserError | None:
        """The runs as last answered, or why there is no answer; None before the first one."""
        self._asking.ensure(PATIENCE)
        return self._answer

    def outdated(self) -> None:
        """Has them asked for again, the next time that a page needs them."""
        self._asking.outdated()

    def _ask(self) -> None:
        try:
            self._answer = self._dagster.runs(MOST)
        except UserError as error:
            self._answer = error


@st.cache_resource(show_spinner=False)
def latest_runs(url: str) -> LatestRuns:
    """The latest runs that all sessions share.

    Args:
        url: Address of Dagster's webserver.
    """
    return LatestRuns(url)
