"""What a person may set about the clean room.

Fields stand in groups, one for each part of the domain. A new part adds its own group below.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from synth_assets.generation.scenario import Scenario

# The merchant opened on this day (as the public data set has it).
OPENED = date(2019, 1, 1)
# Some users come in the last week, so there has to be one.
FIRST_AS_OF, LAST_AS_OF = date(2019, 2, 1), date(2100, 1, 1)


def _quirk(text: str) -> bool:
    """A defect of the public data set, which may be switched off."""
    return Field(default=True, description=text)


class CleanRoomScenario(Scenario):
    """Size and age of the merchant's source, and which defects of the public data set it has."""

    # The merchant's source: how much there is, and what "now" is.
    users: int = Field(
        default=100_000,
        ge=1_000,
        le=10_000_000,
        description="Users of the merchant; orders, items and events follow from them.",
    )
    as_of: date = Field(
        default=date(2025, 9, 25),
        ge=FIRST_AS_OF,
        le=LAST_AS_OF,
        description="The day after the last day that the merchant's source knows.",
    )

    # Defects of the merchant's source.
    duplicate_emails: bool = _quirk("Users of the same name share an e-mail address.")
    items_before_orders: bool = _quirk("Items are stamped up to four hours before their order.")
    mixed_countries: bool = _quirk("Some users live in España or Deutschland, not Spain, Germany.")
    null_cities: bool = _quirk("The city of some places is the text `null`.")
    lost_zeros: bool = _quirk("Postal codes made of digits have lost their leading zeros.")
    future_deliveries: bool = _quirk("Parcels may be shipped, delivered, returned after `as_of`.")
    minors: bool = _quirk("Users are 12 and older, else 18 and older.")
