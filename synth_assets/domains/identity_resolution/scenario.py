"""What a person may set about the identity data.

Volumes are here; ``scenario_noise`` has the noise in names and addresses, ``scenario_calendar``
time and prices.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field, field_validator

from synth_assets.core.partitioning import Sharded
from synth_assets.core.scenario import LAYOUT
from synth_assets.domains.identity_resolution.scenario_calendar import CalendarScenario

DOMAIN = "identity_resolution"
# Records of each source at full size, in millions.
RECORDS = {
    "crm": 8, "ecom": 15, "loyalty": 6, "mobile": 10, "pos": 8, "surveys": 2, "reviews": 1,
}  # fmt: skip
LEAST, MOST = 10_000, 1_000_000_000
# Records that may share an identifier, from a million records on, and the least limit.
MAX_GROUP_SIZE, FULL_SCALE, LEAST_GROUP = 5_000, 1_000_000, 50
UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
RECORDS_A_PERSON = 5
MOST_PRODUCTS, LEAST_PRODUCTS, RECORDS_A_PRODUCT = 50_000, 1_000, 100


class IdentityScenario(CalendarScenario):
    """Records of the seven sources together, and how many shards each table is cut into."""

    scale: int = Field(
        default=1_000_000,
        ge=LEAST,
        le=MOST,
        description="Records of the seven sources together (10K to 1B; suffixes K, M, B).",
    )
    shards: int = Field(
        default=8,
        ge=1,
        le=4096,
        json_schema_extra=LAYOUT.extra,
        description="Shards of every table; the data are the same for any number.",
    )

    @field_validator("scale", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        return whole_number(value) if isinstance(value, str) else value

    @property
    def partitioning(self) -> Sharded:
        """The partitioning of the tables."""
        return Sharded(self.shards)

    @property
    def persons(self) -> int:
        """People behind the records."""
        return self.scale // RECORDS_A_PERSON

    @property
    def products(self) -> int:
        """Products on sale: 50,000 from five million records on, never under a thousand."""
        return min(MOST_PRODUCTS, max(LEAST_PRODUCTS, self.scale // RECORDS_A_PRODUCT))

    @property
    def max_group_size(self) -> int:
        """Records that may share an identifier; the corporate account's address is on more."""
        return max(LEAST_GROUP, MAX_GROUP_SIZE * min(self.scale, FULL_SCALE) // FULL_SCALE)

    def records(self, source: str) -> int:
        """Rows of a source; those of all sources sum to the scale exactly."""
        total, bounds, before = sum(RECORDS.values()), [], 0
        for weight in RECORDS.values():
            bounds.append((self.scale * before // total, self.scale * (before + weight) // total))
            before += weight
        first, last = bounds[list(RECORDS).index(source)]
        return last - first


def whole_number(text: str) -> int:
    """A number such as ``50M``; ``ValueError`` for a text that is none."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMB]?)\s*", text.upper())
    number = float(found[1]) * UNITS[found[2]] if found else 0.5
    if not number.is_integer():
        raise ValueError("it must be a whole number of records such as 10K, 2.5M or 50M")
    return int(number)
