"""The pages: one module each, with a function ``page`` that draws it; ``ALL`` has their order.

A module is imported when its page is opened, so that the first page waits for none of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Page:
    """A page of the studio.

    Attributes:
        path: Its path in the address.
        title: Its title in the navigation.
        icon: Its icon.
        group: The heading in the navigation.
        module: Its module in this package.
    """

    path: str
    title: str
    icon: str
    group: str
    module: str

    def load(self) -> Any:
        """The module of the page."""
        return import_module(f"{__name__}.{self.module}")

    def draw(self) -> None:
        """Draws the page."""
        self.load().page()


ALL = (
    Page("home", "Home", ":material/home:", "", "home"),
    Page("wizard", "Identity graph wizard", ":material/magic_button:", "Make", "wizard"),
    Page("scenario", "Any domain", ":material/tune:", "Make", "scenario"),
    Page("jobs", "Jobs", ":material/pending_actions:", "Make", "jobs"),
    Page("jaffle", "Jaffle shop", ":material/storefront:", "Explore", "jaffle"),
    Page("journey", "Customer journey", ":material/route:", "Explore", "journey"),
    Page("resolution", "Identity resolution", ":material/join_inner:", "Explore",
         "identity_resolution"),
    Page("graph", "Identity graph", ":material/hub:", "Explore", "identity_graph"),
    Page("clean-room", "Clean room", ":material/security:", "Explore", "clean_room"),
    Page("console", "Clean-room console", ":material/terminal:", "Ask", "console"),
    Page("gates", "Quality gates", ":material/verified:", "Check", "gates"),
)  # fmt: skip
