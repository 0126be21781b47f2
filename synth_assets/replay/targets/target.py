"""The protocol that every target keeps."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from synth_assets.core.errors import UserError


class Target(Protocol):
    """A place that events are sent to."""

    @property
    def shown(self) -> str:
        """Where it is, for display; without secrets."""

    def send(self, batch: pl.DataFrame) -> None:
        """Sends events and returns when the target has them.

        Args:
            batch: Events with envelopes, in order.

        Raises:
            UserError: The target refuses them for good.
        """

    def close(self) -> None:
        """Ends the connection."""


class ReaderGoneError(UserError):
    """Nobody reads what is written to standard output any more."""
