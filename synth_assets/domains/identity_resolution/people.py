"""Persons: locale, household, name and home; contacts are in other modules.

Everything follows from the person's number. Persons of a locale form households: every ten persons
form one of three, two of two and three of one. A household has one last name and address; some
share an e-mail address or a telephone. Households and members are assigned to names so that no two
people need the same address (see ``named``).

Each step takes a frame with the columns of the steps before it and adds its own (Int64).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from synth_assets.domains.identity_resolution.locales import LOCALES, PLACES, WORDS, Locale
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.permutations import AffinePermutation, AffinePermutations
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.vocabulary import names, vocabulary

# Consecutive persons in which every locale has its exact share.
BLOCK = 100
# Of ten neighbours: each one's household, the position in it, its first member, and whether it has
# several members.
NEIGHBOURS, HOUSEHOLDS, LARGEST = 10, 6, 3
HOUSEHOLD = pl.Series([0, 0, 0, 1, 1, 2, 2, 3, 4, 5])
MEMBER = pl.Series([0, 1, 2, 0, 1, 0, 1, 0, 0, 0])
FIRST = pl.Series([0, 0, 0, 3, 3, 5, 5, 7, 8, 9])
SHARED = pl.Series([True] * 7 + [False] * 3)
# Words of all locales, concatenated: the offset and the number of each locale's, and the words.
Words = tuple[pl.Series, pl.Series, pl.Series]
# Households per company.
COMPANY = 12
HOUSE_NUMBERS = 1_000


class People:
    """``persons`` people of all locales."""

    def __init__(self, stream: RandomStream, persons: int) -> None:
        self._stream = stream
        blocks = -(-persons // BLOCK)
        shares = [locale.share for locale in LOCALES]
        self._shares, self._share_before = pl.Series(shares), pl.Series(offsets(shares))
        self._locale_of = pl.Series([i for i, n in enumerate(shares) for _ in range(n)])
        # Persons by locale, rounded up to whole groups of ten: the last households may be smaller.
        self.counts = [-(-blocks * share // NEIGHBOURS) * NEIGHBOURS for share in shares]
        self._scatter = _permutations(self.counts, stream.substream("scatter"))
        self.firsts = [names("first_name", locale.code, WORDS) for locale in LOCALES]
        self.lasts = [names("last_name", locale.code, WORDS) for locale in LOCALES]
        firsts, lasts = ([len(known) for known in words] for words in (self.firsts, self.lasts))
        self._first_sizes, self._first_starts = pl.Series(firsts), pl.Series(offsets(firsts))
        self._last_sizes, self._last_starts = pl.Series(lasts), pl.Series(offsets(lasts))
        self._first_natives = pl.Series([n for words in self.firsts for n, _ in words])
        self._last_natives = pl.Series([n for words in self.lasts for n, _ in words])
        self._cities = _words(lambda locale: "city")
        self._streets = _words(lambda locale: locale.street_provider)
        self._countries = pl.Series([locale.country for locale in LOCALES])
        halves = [locale.address.partition("{street}") for locale in LOCALES]
        self._before_street, self._after_street = (
            pl.Series([h[i].format(number=n) for h in halves for n in range(HOUSE_NUMBERS)])
            for i in (0, 2)
        )
        pairs = [first * last for first, last in zip(firsts, lasts, strict=True)]
        self._pairs = _permutations(pairs, stream.substream("pairs"))

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
        """Adds ``first`` and ``last``, indices into the names of all locales, and sequence numbers.

        ``name_sequence`` is different for persons with the same two names, ``family_sequence`` for
        households with the same last name: households take the pairs of first and last name one
        after another, and further members take first names at a distance.

        Args:
            frame: Persons with the columns of ``placed``.
        """
        locale, household = pl.col("locale"), pl.col("household")
        firsts, lasts = gather(self._first_sizes, locale), gather(self._last_sizes, locale)
        pairs = self._pairs.size(locale)
        pair = self._pairs.apply(locale, household % pairs)
        further = pl.col("member") * 41
        name_sequence = (household // pairs * LARGEST + pl.col("member")) * len(LOCALES) + locale
        # The household's number among those with the same last name.
        kin = household // pairs * firsts + pl.col("pair") // lasts
        return frame.with_columns(pair=pair, name_sequence=name_sequence).with_columns(
            family_sequence=kin * len(LOCALES) + locale,
            first=gather(self._first_starts, locale) + (pl.col("pair") // lasts + further) % firsts,
            last=gather(self._last_starts, locale) + pl.col("pair") % lasts,
        )

    def first_name(self) -> pl.Expr:
        """The first name in the script of its country; reads the columns of ``named``."""
        return gather(self._first_natives, pl.col("first"))

    def last_name(self) -> pl.Expr:
        """The last name in the script of its country; reads the columns of ``named``."""
        return gather(self._last_natives, pl.col("last"))

    def country(self) -> pl.Expr:
        """ISO 3166 code of the home's country; reads the columns of ``placed``."""
        return gather(self._countries, pl.col("locale"))

    def home_at(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds ``home_bits``, from which ``city`` and ``address`` are drawn.

        Args:
            frame: Persons with the columns of ``placed``.
        """
        return frame.with_columns(home_bits=self._stream.substream("home").bits(pl.col("home")))

    def city(self) -> pl.Expr:
        """The home's city; reads the columns of ``home_at``."""
        return self._one_of(self._cities, pl.col("home_bits"))

    def address(self) -> pl.Expr:
        """Street and number in the country's order; reads the columns of ``home_at``."""
        bits = pl.col("home_bits")
        number = (bits // u64(1 << 48) % u64(HOUSE_NUMBERS - 1)).reinterpret(signed=True) + 1
        place = pl.col("locale") * HOUSE_NUMBERS + number
        street = self._one_of(self._streets, bits // u64(1 << 24))
        return pl.concat_str(
            gather(self._before_street, place), street, gather(self._after_street, place)
        )

    def _one_of(self, words: Words, bits: pl.Expr) -> pl.Expr:
        """One word of the row's locale."""
        starts, sizes, values = words
        locale = pl.col("locale")
        drawn = (bits % gather(sizes, locale)).reinterpret(signed=True)
        return gather(values, gather(starts, locale) + drawn)


def _words(provider_of: Callable[[Locale], str]) -> Words:
    words = [list(vocabulary(provider_of(lo), lo.code, PLACES).categories) for lo in LOCALES]
    sizes = [len(known) for known in words]
    flat = [word for known in words for word in known]
    return pl.Series(offsets(sizes)), pl.Series(sizes, dtype=pl.UInt64), pl.Series(flat)


def _permutations(sizes: Sequence[int], stream: RandomStream) -> AffinePermutations:
    return AffinePermutations(
        [AffinePermutation(size, stream.substream(str(i))) for i, size in enumerate(sizes)]
    )
