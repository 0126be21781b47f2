"""Columns of numbers: one model for each distribution."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from synth_assets.declarative.base import ColumnBase, Decimals, scale_of

# Has room for the digits of every float.
EXACT = Context(prec=400)


class Ranged(ColumnBase):
    """Numbers from ``low`` to ``high``; a distribution without them is unbounded on that side."""

    low: float | None = None
    high: float | None = None
    decimals: Decimals = 2

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is None or self.high is None:
            return self
        if self.low > self.high:
            raise ValueError(f"low = {self.low:g} must not be above high = {self.high:g}")
        least, most = self.rounded_bounds
        if least is not None and most is not None and least > most:
            raise ValueError(
                f"no number with {self.places} decimals is from low = {self.low:g} to high = "
                f"{self.high:g}"
            )
        return self

    @property
    def rounded_bounds(self) -> tuple[float | None, float | None]:
        """The least and the largest number that a value is after rounding; None without a bound."""
        least = None if self.low is None else _rounded(self.low, self.places, ROUND_CEILING)
        return least, None if self.high is None else _rounded(self.high, self.places, ROUND_FLOOR)

    @property
    def places(self) -> int:
        """Digits after the point: ``decimals``, or those of the type if it has fewer."""
        scale = scale_of(self.type)
        return self.decimals if scale is None else min(self.decimals, scale)


def _rounded(bound: float, places: int, rounding: str) -> float:
    # Of the digits that a person has written, which no float has exactly.
    return float(Decimal(repr(bound)).quantize(Decimal(1).scaleb(-places), rounding, EXACT))


class IntegersColumn(ColumnBase):
    """Whole numbers from ``low`` to ``high``, both included, each equally often."""

    kind: Literal["integers"]
    low: int = Field(0, ge=-(2**53), le=2**53)
    high: int = Field(ge=-(2**53), le=2**53)
    can_be_unique = True

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low = {self.low} must not be above high = {self.high}")
        return self


class UniformColumn(Ranged):
    """Numbers from ``low`` to ``high``, each equally often."""

    kind: Literal["uniform"]
    low: float = 0.0
    high: float = 1.0


class NormalColumn(Ranged):
    """Normally distributed numbers, truncated to ``low`` and ``high``."""

    kind: Literal["normal"]
    mean: float = 0.0
    sd: float = Field(1.0, gt=0)


class LognormalColumn(Ranged):
    """Log-normal numbers, truncated to ``low`` and ``high``: amounts, durations."""

    kind: Literal["lognormal"]
    high: float | None = Field(None, gt=0)
    median: float = Field(1.0, gt=0)
    sigma: float = Field(1.0, gt=0, le=10, description="Deviation of the logarithm.")


class ExponentialColumn(Ranged):
    """Exponentially distributed numbers, truncated to ``low`` and ``high``: waiting times."""

    kind: Literal["exponential"]
    high: float | None = Field(None, ge=0)
    mean: float = Field(1.0, gt=0)


class ParetoColumn(Ranged):
    """Pareto numbers from ``low`` up, truncated to ``high``: few are very large."""

    kind: Literal["pareto"]
    low: float = Field(1.0, gt=0)
    alpha: float = Field(1.5, gt=0, le=100)


class ZipfColumn(ColumnBase):
    """Whole numbers from 1 to ``high``, the first most often (Zipf's law)."""

    kind: Literal["zipf"]
    high: int = Field(100, ge=1, le=1_000_000)
    exponent: float = Field(1.0, ge=0, le=10)


class PoissonColumn(ColumnBase):
    """Counts of independent events, at most ``high``."""

    kind: Literal["poisson"]
    mean: float = Field(gt=0, le=1000)
    high: int | None = Field(None, ge=0, le=10_000)
