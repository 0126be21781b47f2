"""Names of people by their frequencies, and the e-mail addresses made from them."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.source.distributions import GENDERS
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.vocabulary import weighted_names

MAIL = ("example.com", "example.org", "example.net")


class Names:
    """Names with their frequencies.

    Args:
        kind: The kind of names of ``weighted_names``.
    """

    def __init__(self, kind: str) -> None:
        known = weighted_names(kind)
        self.names = pl.Series(list(known))
        self._running = pl.Series(np.cumsum(list(known.values())))

    def pick(self, draw: RandomStream, row: pl.Expr) -> pl.Expr:
        """A random name by frequency.

        Args:
            draw: The random stream.
            row: The row's number.
        """
        place = pl.lit(self._running).search_sorted(draw.uniform(row), side="right")
        # Through rounding the last cumulative frequency may be slightly below one.
        return gather(self.names, pl.min_horizontal(place, pl.lit(len(self.names) - 1)))


@cache
def names(kind: str) -> Names:
    """The names of a kind, cached for the process.

    Args:
        kind: The kind of names of ``weighted_names``.
    """
    return Names(kind)


def address(
    scenario: CleanRoomScenario, mail: RandomStream, row: pl.Expr, number: pl.Expr
) -> pl.Expr:
    """The e-mail address from the columns ``first_name`` and ``last_name``, for either party.

    Args:
        scenario: The scenario, which says whether people of the same name can share an address.
        mail: The random stream of the mail host.
        row: The row's number.
        number: A unique number, which is part of the address if addresses are not shared.
    """
    host = gather(MAIL, mail.integers(row, 0, len(MAIL)))
    digits = [] if scenario.duplicate_emails else [number.cast(pl.String)]
    person = pl.concat_str("first_name", "last_name").str.to_lowercase()
    return pl.concat_str(person, *digits, pl.lit("@"), host)


def first_name(draw: RandomStream, row: pl.Expr) -> pl.Expr:
    """A random first name that fits the column ``gender``.

    Args:
        draw: The random stream.
        row: The row's number.
    """
    women, men = (names(f"first_names_{one}").pick(draw, row) for one in ("female", "male"))
    return pl.when(pl.col("gender") == "M").then(men).otherwise(women)


def expected_emails(users: int) -> float:
    """The expected number of distinct addresses if people of the same name can share one.

    Args:
        users: The number of users.
    """
    firsts: dict[str, float] = {}
    for kind, share in (("first_names_male", GENDERS["M"]), ("first_names_female", GENDERS["F"])):
        for name, weight in weighted_names(kind).items():
            firsts[name] = firsts.get(name, 0.0) + share * weight
    lasts = list(weighted_names("last_names").values())
    chance = np.outer(list(firsts.values()), lasts) / len(MAIL)
    return float((-np.expm1(users * np.log1p(-chance))).sum() * len(MAIL))
