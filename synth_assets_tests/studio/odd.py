"""A scenario with the types of fields that domains outside the package have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from enum import Enum
from typing import Literal

from pydantic import BaseModel, Field

from synth_assets.core.model import Domain
from synth_assets.core.scenario import Scenario
from synth_assets_tests.orchestration.conftest import tiny


class Inner(BaseModel):
    """A part with fields that have no default."""

    rate: float = Field(ge=0, description="A rate.")
    label: Literal["a", "b"]
    days: list[int]
    note: str = "x"


class Colour(Enum):
    """Named values."""

    RED = "red"
    BLUE = "blue"


class Odd(Scenario):
    """A field of each type."""

    rates: dict[str, float] = Field(default={"a": 0.5})
    nested: dict[str, list[int]] = Field(default={})
    speed: Literal["slow", "fast"] | None = None
    level: Literal[1, 2, 3] = 1
    maybe: list[int] | None = None
    part: Inner | None = None
    inner: Inner = Inner(rate=1, label="a", days=[])
    inners: list[Inner] = Field(default=[])
    big: int = 2**60 + 1
    few: int = Field(default=5, ge=1, le=9)
    tags: set[str] = Field(default={"x"})
    either: int | str = 5
    colour: Colour = Colour.RED
    moment: datetime | None = None
    old: date = date(1800, 1, 1)


def odd() -> Domain:
    """The tiny domain with this scenario."""
    return replace(tiny(), scenario=Odd())
