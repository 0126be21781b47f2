"""The pages: one module each. A page is a function without arguments; ``ALL`` has their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synth_assets.studio.pages import (
    clean_room,
    console,
    gates,
    home,
    identity_graph,
    identity_resolution,
    jaffle,
    jobs,
    journey,
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
    Page("jobs", "Jobs", ":material/pending_actions:", "Make", jobs.page),
    Page("jaffle", "Jaffle shop", ":material/storefront:", "Explore", jaffle.page),
    Page("journey", "Customer journey", ":material/route:", "Explore", journey.page),
    Page("resolution", "Identity resolution", ":material/join_inner:", "Explore",
         identity_resolution.page),
    Page("graph", "Identity graph", ":material/hub:", "Explore", identity_graph.page),
    Page("clean-room", "Clean room", ":material/security:", "Explore", clean_room.page),
    Page("console", "Clean-room console", ":material/terminal:", "Ask", console.page),
    Page("gates", "Quality gates", ":material/verified:", "Check", gates.page),
)  # fmt: skip
