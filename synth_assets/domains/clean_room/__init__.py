"""A data clean room: an e-commerce merchant and an e-wallet provider compare what they know.

``scenario`` says what may be set, ``source`` is the merchant's source, one module a table.
"""

from __future__ import annotations

from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.source import (
    distribution_centers,
    events,
    inventory_items,
    order_items,
    orders,
    products,
    users,
)
from synth_assets.domains.clean_room.source.merchant import DOMAIN
from synth_assets.generation.domain import Domain
from synth_assets.generation.slicing import Whole

SOURCE = (distribution_centers, products, users, orders, inventory_items, order_items, events)


def domain() -> Domain:
    """The clean room, its size and settings as the environment has them."""
    return Domain(
        name=DOMAIN,
        doc="A merchant and an e-wallet provider in a data clean room.",
        owners=["team:clean-room"],
        scenario=CleanRoomScenario.from_environment(DOMAIN),
        tables=[module.table(Whole()) for module in SOURCE],
    )
