"""A page on the data of one domain: its title, its warehouse, and what it says of errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from synth_assets.core.model import Domain
from synth_assets.studio.context import Studio, current
from synth_assets.studio.states import explained
from synth_assets.studio.warehouse import Warehouse


@dataclass(frozen=True)
class Dashboard:
    """What the sections of a dashboard read.

    Attributes:
        studio: The surroundings.
        domain: The domain that is shown.
    """

    studio: Studio
    domain: Domain

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse with the models of the domain."""
        return Warehouse(self.studio, self.domain)


@contextmanager
def dashboard(title: str, domain: str, about: str = "") -> Iterator[Dashboard]:
    """Draws the title of a dashboard, and shows errors of its sections as what they mean.

    Args:
        title: Its title.
        domain: Name of the domain that it shows.
        about: A sentence below the title.
    """
    studio = current()
    shown = Dashboard(studio, studio.domain(domain))
    st.title(title)
    if about:
        st.caption(about)
    with explained(studio, shown.domain):
        yield shown
