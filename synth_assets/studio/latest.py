"""Runs as last answered, requested in a thread: Dagster takes seconds while it is busy."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.studio import runs
from synth_assets.studio.background import Background
from synth_assets.studio.dagster_api import Dagster

# Seconds after which a page requests them again, and that a page waits for the answer.
FRESH, PATIENCE = 2.0, 0.5
# Runs that are requested, among which the last one of each domain usually is; and active ones.
MOST, MOST_ACTIVE = 50, 20


class Runs:
    """Some runs, for all sessions.

    Args:
        url: Address of Dagster's webserver.
        most: How many at most.
        **wanted: Which ones, as ``Dagster.runs`` has it.
    """

    def __init__(self, url: str, most: int, **wanted: Any) -> None:
        self._dagster, self._most, self._wanted = Dagster(url), most, wanted
        self._answer: list[dict[str, Any]] | UserError | None = None
        self._asking = Background(self._ask, FRESH)

    def answer(self, patience: float = PATIENCE) -> list[dict[str, Any]] | UserError | None:
        """The runs as last answered, or why there is no answer; None before the first one.

        Args:
            patience: Seconds to wait for a new answer.
        """
        self._asking.ensure(patience)
        return self._answer

    def outdated(self) -> None:
        """Requests them again, the next time that a page needs them."""
        self._asking.outdated()

    def _ask(self) -> None:
        try:
            self._answer = self._dagster.runs(self._most, **self._wanted)
        except UserError as error:
            self._answer = error


@st.cache_resource(show_spinner=False)
def latest_runs(url: str) -> Runs:
    """The latest runs that all sessions share.

    Args:
        url: Address of Dagster's webserver.
    """
    return Runs(url, MOST)


@st.cache_resource(show_spinner=False)
def active_runs(url: str) -> Runs:
    """The runs that have not ended, with all that they have stored, which all sessions share.

    Args:
        url: Address of Dagster's webserver.
    """
    return Runs(url, MOST_ACTIVE, statuses=runs.ACTIVE, stored=True)


def outdated(url: str) -> None:
    """Requests all runs again: one was started or cancelled.

    Args:
        url: Address of Dagster's webserver.
    """
    latest_runs(url).outdated()
    active_runs(url).outdated()
