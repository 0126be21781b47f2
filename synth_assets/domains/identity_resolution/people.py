"""Persons: locale, household and name; homes and contacts are in other modules.

Everything follows from the person's number. Persons of a locale form households: every ten persons
form one of three, two of two and three of one. A household has one last name and address; some
share an e-mail address or a telephone.

Each step takes a frame with the columns of the steps before it and adds its own (Int64).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from synth_assets.domains.identity_resolution.apportionment import Apportionment
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.name_shares import every_name, names_of_markets
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.permutations import AffinePermutation, AffinePermutations
from synth_assets.randomness.streams import RandomStream

# Consecutive persons in which every locale has its exact share.
BLOCK = 100
# Of ten neighbours: each one's household, the position in it, its first member, and whether it has
# several members.
NEIGHBOURS, HOUSEHOLDS, LARGEST = 10, 6, 3
HOUSEHOLD = pl.Series([0, 0, 0, 1, 1, 2, 2, 3, 4, 5])
MEMBER = pl.Series([0, 1, 2, 0, 1, 0, 1, 0, 0, 0])
FIRST = pl.Series([0, 0, 0, 3, 3, 5, 5, 7, 8, 9])
SHARED = pl.Series([True] * 7 + [False] * 3)
# Households per company.
COMPANY = 12
# Columns of the last name and of the first name, as ``Apportionment`` names them.
LAST, GIVEN = ("last", "kin", "kin_size"), ("first", "namesake")


class People:
    """``persons`` people of all locales."""

    def __init__(self, stream: RandomStream, persons: int) -> None:
        blocks = -(-persons // BLOCK)
        shares = [locale.share for locale in LOCALES]
        self._shares, self._share_before = pl.Series(shares), pl.Series(offsets(shares))
        self._locale_of = pl.Series([i for i, n in enumerate(shares) for _ in range(n)])
        # Persons by locale, rounded up to whole groups of ten: the last households may be smaller.
        self.counts = [-(-blocks * share // NEIGHBOURS) * NEIGHBOURS for share in shares]
        self.households = [count // NEIGHBOURS * HOUSEHOLDS for count in self.counts]
        self._sizes = pl.Series(self.households)
        self._scatter = _permutations(self.counts, stream.substream("scatter"))
        firsts, lasts = names_of_markets()
        every = every_name()
        self.first_natives = pl.Series([name.native for name in every.firsts])
        self.last_natives = pl.Series([name.native for name in every.lasts])
        self.names = Apportionment(
            self.households,
            [[name.share for name in names] for names in lasts],
            [[name.share for name in names] for names in firsts],
            stream.substream("names"),
            LARGEST,
        )

    def placed(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds ``locale``, ``place``, ``neighbour``, ``household``, ``member`` and ``home``.

        ``place`` is the person's number within the locale, and ``neighbour`` the position in the
        ten. ``household`` is a number within the locale, ``home`` one across all locales.

        Args:
            frame: Rows with ``person``.
        """
        person = pl.col("person")
        # 37 and 100 share no divisor: neighbours have different locales.
        of_hundred = (person * 37 + 11) % BLOCK
        locale, place = pl.col("locale"), pl.col("place")
        return (
            frame.with_columns(
                locale=gather(self._locale_of, of_hundred),
                of_hundred=of_hundred,
            )
            .with_columns(
                place=person // BLOCK * gather(self._shares, locale)
                + pl.col("of_hundred")
                - gather(self._share_before, locale)
            )
            .with_columns(place=self._scatter.apply(locale, place))
            .with_columns(neighbour=place % NEIGHBOURS)
            .with_columns(
                household=place // NEIGHBOURS * HOUSEHOLDS + gather(HOUSEHOLD, pl.col("neighbour")),
                member=gather(MEMBER, pl.col("neighbour")),
            )
            .with_columns(home=pl.col("household") * len(LOCALES) + locale)
            .drop("of_hundred")
        )

    def named(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds ``first`` and ``last``, indices into the names of all locales, and numbers.

        ``kin`` is the household's number among those of the locale with the same last name, and
        ``namesake`` the person's among those of the locale with the same two names and the same
        ``member``.

        Args:
            frame: Persons with the columns of ``placed``.
        """
        locale = pl.col("locale")
        frame = self.names.placed(frame, locale, pl.col("household"), LAST)
        return self.names.paired(frame, locale, LAST, GIVEN, pl.col("member"))

    def first_name(self) -> pl.Expr:
        """The first name in the script of its country; reads the columns of ``named``."""
        return gather(self.first_natives, pl.col("first"))

    def last_name(self) -> pl.Expr:
        """The last name in the script of its country; reads the columns of ``named``."""
        return gather(self.last_natives, pl.col("last"))

    def other_last(self, locale: pl.Expr, bits: pl.Expr) -> pl.Expr:
        """Index of a last name, as frequent as it is in the market.

        Args:
            locale: The market.
            bits: Random bits.
        """
        household = (bits % gather(self._sizes, locale).cast(pl.UInt64)).cast(pl.Int64)
        return self.names.major(locale, household)


def _permutations(sizes: Sequence[int], stream: RandomStream) -> AffinePermutations:
    return AffinePermutations(
        [AffinePermutation(size, stream.substream(str(i))) for i, size in enumerate(sizes)]
    )
