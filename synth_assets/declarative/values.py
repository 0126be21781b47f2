"""Columns with values that depend on nothing else: identifiers, numbers, words, patterns."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from synth_assets.declarative.base import (
    ColumnBase,
    Scalar,
    Share,
    Weight,
    require_shares,
)


class SequenceColumn(ColumnBase):
    """Consecutive numbers, with a text before them if there is a prefix."""

    kind: Literal["sequence"]
    start: int = Field(1, ge=-(2**53), le=2**53)
    step: int = Field(1, ge=1, le=1_000_000)
    prefix: str = ""
    digits: int = Field(0, ge=0, le=18, description="Least digits of the number; zeros before it.")
    can_be_unique = True


class UuidColumn(ColumnBase):
    """Random identifiers of the form of a UUID."""

    kind: Literal["uuid"]
    can_be_unique = True


class PositionColumn(ColumnBase):
    """1, 2, 3, … within the rows of one parent (``rows: {kind: children}``)."""

    kind: Literal["position"]
    start: int = Field(1, ge=-(2**53), le=2**53)


class ConstantColumn(ColumnBase):
    """The same value in every row."""

    kind: Literal["constant"]
    value: Scalar


class ChoiceColumn(ColumnBase):
    """One of several values: equally often, or by their shares, which sum to 1 or 100."""

    kind: Literal["choice"]
    values: (
        Annotated[Annotated[list[Scalar], Field(min_length=1)], Tag("list")]
        | Annotated[Annotated[dict[Scalar, Weight], Field(min_length=1)], Tag("shares")]
    ) = Field(discriminator=Discriminator(lambda v: "list" if isinstance(v, list) else "shares"))

    @model_validator(mode="after")
    def _shares(self) -> Self:
        if isinstance(self.values, dict):
            require_shares(self.values)
        if len({_family(value) for value in self.values}) > 1:
            raise ValueError("values must be of one type: texts (in quotes), numbers or booleans")
        if len(set(self.values)) < len(self.values):
            raise ValueError("values must differ from each other")
        return self


class BooleanColumn(ColumnBase):
    """True with a probability."""

    kind: Literal["boolean"]
    probability: Share = 0.5


class VocabularyColumn(ColumnBase):
    """Words of a Faker provider: equally often, by their frequencies, or by Zipf's law."""

    kind: Literal["vocabulary"]
    provider: str = Field(pattern=r"^[a-z][a-z0-9_]*$", examples=["first_name", "city", "job"])
    locale: str = Field("en_US", pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")
    size: int = Field(500, ge=1, le=20_000, description="Most different words.")
    frequencies: Literal["equal", "real", "zipf"] = Field(
        "equal",
        description="`real`: as often as Faker says, for first_name and last_name of a locale.",
    )


class PatternColumn(ColumnBase):
    """Texts of a pattern: ``#`` is a digit, ``[A-Z]`` a character of a set, ``{3}`` a repeat.

    A backslash takes the special meaning of the next character.
    """

    kind: Literal["pattern"]
    pattern: str = Field(min_length=1, max_length=200, examples=["INV-#####", "[A-Z]{3}-####"])
    can_be_unique = True


def _family(value: Scalar) -> type:
    return float if type(value) is int else type(value)
