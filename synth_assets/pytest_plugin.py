"""A pytest plugin: the fixture ``synth_world`` gives tests the tables of a domain as frames.

pytest finds it by its entry point. It imports nothing else before a test asks for a world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from synth_assets.frames import World


class OpenWorld(Protocol):
    """Opens a domain as ``open_world`` does; worlds with the same settings are one."""

    def __call__(self, domain: str, **scenario: Any) -> World:
        """A world, with the tables that were computed in other tests.

        Args:
            domain: The domain's name.
            **scenario: Fields of the domain's scenario; ``folder`` as in ``open_world``.
        """


@pytest.fixture(scope="session")
def synth_world() -> OpenWorld:
    """Opens worlds of synthetic data: ``synth_world("jaffle", seed=7)["raw_orders_training"]``.

    Rows depend on the arguments alone. Worlds with the same arguments are one, for the whole
    session, so that what derived tables read is computed once.
    """
    worlds: dict[str, World] = {}

    def open_(domain: str, **scenario: Any) -> World:
        from synth_assets import open_world

        # By their text, because lists and dicts among the values cannot be keys.
        key = repr((domain, sorted(scenario.items())))
        if key not in worlds:
            worlds[key] = open_world(domain, **scenario)
        return worlds[key]

    return open_
