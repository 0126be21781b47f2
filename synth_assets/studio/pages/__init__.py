"""The pages: one module each. A page is a function without arguments; ``ALL`` has their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synth_assets.studio.pages import (
    home,
    scenario,
    wizard,
)


@dataclass(frozen=True)
class Page:
    """A page of the studio.

    Attributes:
        path: Its path in the address.
        title: Its title in the navigation.
        icon: Its icon.
        group: The heading in the navigation.
        function: Draws it.
    """

    path: str
    title: str
    icon: str
    group: str
    function: Callable[[], None]


ALL = (
    Page("home", "Home", ":material/home:", "", home.page),
    Page("wizard", "Identity graph wizard", ":material/magic_button:", "Make", wizard.page),
    Page("scenario", "Any domain", ":material/tune:", "Make", scenario.page),
)  # fmt: skip
