"""Who a person is: locale, household, name, address, telephone line, e-mail address.

Everything follows from the person's number. Persons of a locale form households: every ten
make one of three, two of two and three of one. A household shares its last name and address,
some share an e-mail address or a telephone. Households and members are laid out over the names
so that no two people need the same address (see ``named``).

Each step takes a frame with the columns of the steps before it and adds its own (Int64).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from synth_assets.domains.identity_resolution.locales import LOCALES, PLACES, WORDS, Locale
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.permutations import AffinePermutation, AffinePermutations
from synth_assets.randomness.streams import RandomStream, u64
from synth_assets.randomness.vocabulary import names, vocabulary

# Persons among whom every locale has its exact share.
BLOCK = 100
# Of ten neighbours: whose household each belongs to, as which member, and who is its first.
NEIGHBOURS, HOUSEHOLDS, LARGEST = 10, 6, 3
HOUSEHOLD = pl.Series([0, 0, 0, 1, 1, 2, 2, 3, 4, 5])
MEMBER = pl.Series([0, 1, 2, 0, 1, 0, 1, 0, 0, 0])
FIRST = pl.Series([0, 0, 0, 3, 3, 5, 5, 7, 8, 9])
SHARED = pl.Series([True] * 7 + [False] * 3)
# Words of all locales in a row: where each locale's begin, how many they are, and the words.
Words = tuple[pl.Series, pl.Series, pl.Series]
# Households of a company that has an address or a telephone of its own.
COMPANY = 12
HOUSE_NUMBERS = 1_000


class People:
    """``persons`` people of all locales."""

    def __init__(self, draw: RandomStream, persons: int) -> None:
        self._draw = draw
        blocks = -(-persons // BLOCK)
        shares = [locale.share for locale in LOCALES]
        self._shares, self._share_before = pl.Series(shares), pl.Series(offsets(shares))
        self._locale_of = pl.Series([i for i, n in enumerate(shares) for _ in range(n)])
        # Room for whole households, so that some of the last have fewer members.
        self.counts = [-(-blocks * share // NEIGHBOURS) * NEIGHBOURS for share in shares]
        self._scatter = _spreads(self.counts, draw.substream("scatter"))
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
        self._pairs = _spreads(pairs, draw.substream("pairs"))

    def placed(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """From ``person``: ``locale``, ``place`` among its persons, ``household``, ``member``.

        ``home`` is the household's number among those of all locales, ``neighbour`` the place
        in the ten.
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
        """From ``placed``: ``first`` and ``last``, places in the names of all locales.

        ``turn`` differs from that of anybody with the same two names, ``family_turn`` from that
        of any other household with the same last name: households take every pair of last name
        and first name in turn, members take first names further on.
        """
        locale, household = pl.col("locale"), pl.col("household")
        firsts, lasts = gather(self._first_sizes, locale), gather(self._last_sizes, locale)
        pairs = self._pairs.size(locale)
        pair = self._pairs.apply(locale, household % pairs)
        further = pl.col("member") * 41
        turn = (household // pairs * LARGEST + pl.col("member")) * len(LOCALES) + locale
        # Of households with the same last name.
        kin = household // pairs * firsts + pl.col("pair") // lasts
        return frame.with_columns(pair=pair, turn=turn).with_columns(
            family_turn=kin * len(LOCALES) + locale,
            first=gather(self._first_starts, locale) + (pl.col("pair") // lasts + further) % firsts,
            last=gather(self._last_starts, locale) + pl.col("pair") % lasts,
        )

    def first_name(self) -> pl.Expr:
        """The first name in the script of its country, from ``named``."""
        return gather(self._first_natives, pl.col("first"))

    def last_name(self) -> pl.Expr:
        """The last name in the script of its country, from ``named``."""
        return gather(self._last_natives, pl.col("last"))

    def country(self) -> pl.Expr:
        """Two letters of the home's country, from ``placed``."""
        return gather(self._countries, pl.col("locale"))

    def home_at(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """From ``placed``: ``home_bits``, by which ``city`` and ``address`` are chosen."""
        return frame.with_columns(home_bits=self._draw.substream("home").bits(pl.col("home")))

    def city(self) -> pl.Expr:
        """The home's city, from ``home_at``."""
        return self._one_of(self._cities, pl.col("home_bits"))

    def address(self) -> pl.Expr:
        """Street and number of the home in the order of its country, from ``home_at``."""
        bits = pl.col("home_bits")
        number = (bits // u64(1 << 48) % u64(HOUSE_NUMBERS - 1)).reinterpret(signed=True) + 1
        place = pl.col("locale") * HOUSE_NUMBERS + number
        street = self._one_of(self._streets, bits // u64(1 << 24))
        return pl.concat_str(
            gather(self._before_street, place), street, gather(self._after_street, place)
        )

    def _one_of(self, words: Words, bits: pl.Expr) -> pl.Expr:
        """One of the words of the row's locale."""
        starts, sizes, values = words
        locale = pl.col("locale")
        drawn = (bits % gather(sizes, locale)).reinterpret(signed=True)
        return gather(values, gather(starts, locale) + drawn)


def _words(provider_of: Callable[[Locale], str]) -> Words:
    words = [list(vocabulary(provider_of(lo), lo.code, PLACES).categories) for lo in LOCALES]
    sizes = [len(known) for known in words]
    flat = [word for known in words for word in known]
    return pl.Series(offsets(sizes)), pl.Series(sizes, dtype=pl.UInt64), pl.Series(flat)


def _spreads(sizes: Sequence[int], draw: RandomStream) -> AffinePermutations:
    return AffinePermutations(
        [AffinePermutation(size, draw.substream(str(i))) for i, size in enumerate(sizes)]
    )
