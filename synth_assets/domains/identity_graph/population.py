"""Arrays of households and their members, as the model generates them.

One entry per household or person. Who has which values is decided in ``model``.
"""

from __future__ import annotations

from dataclasses import dataclass

from synth_assets.randomness.random_arrays import Ints, Small


@dataclass(frozen=True)
class Households:
    """Households by number: members, and adults among them."""

    number: Ints
    size: Ints
    adults: Ints


@dataclass(frozen=True)
class People:
    """People by number, in order of household and of their position in it.

    ``household`` is the index of each person's household in the ``Households`` they come from;
    ``role`` is an index into ``kinship.ROLES``.
    """

    number: Ints
    household: Ints
    age: Ints
    role: Small

    def __len__(self) -> int:
        return len(self.number)

    def part(self, first: int, end: int) -> People:
        """Some of the people; their households keep their index.

        Args:
            first: Index of the first one.
            end: Index after the last one.
        """
        part = slice(first, end)
        return People(self.number[part], self.household[part], self.age[part], self.role[part])


@dataclass(frozen=True)
class Demographics:
    """Attributes of people as indices into ``terms``, -1 for none; incomes in US cents."""

    gender: Small
    education: Ints
    employment: Ints
    income: Ints
