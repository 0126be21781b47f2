"""The parts of e-mail addresses: names, separators, providers, companies; all of them in tables."""

from __future__ import annotations

from functools import cache
from itertools import chain
from string import ascii_lowercase

import numpy as np
import polars as pl

from synth_assets.domains.identity_resolution.companies import OFFICE_COUNT, OFFICES, TRADES
from synth_assets.domains.identity_resolution.contact_noise import (
    CASE,
    DOMAIN_TYPO,
    MAIL_PLACEHOLDER,
    TYPO,
)
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.misspelling import mistyped
from synth_assets.domains.identity_resolution.name_shares import (
    Names,
    ends_of,
    every_name,
    shorter_names,
)
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import mix_one, u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_table

TAGS = ("", "+shop", "+news", "+deals", "+web")
# Between first and last name: none and a dot differ in the lowest bit.
SEPARATORS, DOT = ("", ".", "_"), 1
# Shares of the separators; Gmail has no underscore.
STYLES, GMAIL_STYLES = (0.40, 0.42, 0.18), (0.52, 0.48, 0.0)
# Heads of a name: separators, rounded up to a power of two.
HEADS = 4
GMAIL = "@gmail.com"
# The address of thousands of persons is orders@corporate1-hub.com.
GIANT_NAME, GIANT_DOMAIN = "corporate", "-hub.com"
# Suffixes of the names in a person's addresses; the first one is the usual address.
ALIASES = ("", *"bcdefghijkmnpqrstuvwxyz")
FAMILY_WORD = "family"


class EmailParts:
    """Lookup tables of the parts of addresses."""

    def __init__(self) -> None:
        names = every_name()
        firsts = [name.latin for name in names.firsts]
        lasts = [*(name.latin for name in names.lasts), GIANT_NAME]
        self.family = len(firsts)
        heads = [word + mark for word in (*firsts, FAMILY_WORD) for mark in (*SEPARATORS, "")]
        self._offices = len(heads)
        heads += chain.from_iterable(OFFICES[locale.language] for locale in LOCALES)
        self.orders = len(heads)
        heads.append("orders@")
        self._heads = pl.Series([*heads, *map(str.upper, heads)])
        self.giant_name = len(lasts) - 1
        known = set(lasts)
        wrong = [mistyped(word, known) for word in lasts]
        self._lasts = pl.Series([*lasts, *map(str.upper, lasts), *wrong])
        # What a state adds to the index of a head and of a last name.
        self._head_shift = _by_state({CASE: len(heads)})
        self._last_shift = _by_state({CASE: len(lasts), TYPO: 2 * len(lasts)})
        self._first_letters, self._last_letters = (
            pl.Series([_letters(word) for word in words]) for words in (firsts, lasts)
        )
        self._owned = pl.Series(_owners(names))
        providers = [list(locale.mail) for locale in LOCALES]
        domains = [f"@{name}" for name in dict.fromkeys(chain.from_iterable(providers))]
        tables = [
            np.array([domains.index(f"@{name}") for name in locale.mail])[
                categorical_table(tuple(locale.mail.values()))
            ]
            for locale in LOCALES
        ]
        self._providers = pl.Series(np.concatenate(tables), dtype=pl.Int16)
        self._company_domains = len(domains)
        ends = [trade + locale.domain for locale in LOCALES for trade in TRADES]
        domains += [*ends, GIANT_DOMAIN]
        self.giant_domain = len(domains) - 1
        self._is_gmail = pl.Series([name == GMAIL for name in domains])
        self._domain_shift = _by_state({DOMAIN_TYPO: len(domains)})
        domains += [mistyped(name, set(domains)) for name in domains]
        self._domains = len(domains)
        self._tails = pl.Series([a + t + d for a in ALIASES for t in TAGS for d in domains])
        self._last_counts = pl.Series(names.last_counts)
        self._last_starts = pl.Series(names.last_starts)

    def letters(self, first: pl.Expr, last: pl.Expr) -> pl.Expr:
        """A number that follows from the letters of both names, wherever one ends.

        Args:
            first: Index of the first name.
            last: Index of the last name.
        """
        return gather(self._first_letters, first) + gather(self._last_letters, last)

    def owned(self, last: pl.Expr) -> pl.Expr:
        """Whether a person with a last name may have an address without a number.

        Args:
            last: Index of the last name.
        """
        return gather(self._owned, last)

    def provider(self, locale: pl.Expr, bits: pl.Expr) -> pl.Expr:
        """Index of a provider's domain.

        Args:
            locale: The market.
            bits: Random bits.
        """
        lane = (bits % u64(LANE_VALUES)).cast(pl.Int64)
        return gather(self._providers, locale * LANE_VALUES + lane).cast(pl.Int64)

    def is_gmail(self, domain: pl.Expr) -> pl.Expr:
        """Whether a domain is Gmail's.

        Args:
            domain: Index of the domain.
        """
        return gather(self._is_gmail, domain)

    def head(self, name: pl.Expr, style: pl.Expr) -> pl.Expr:
        """Index of the head of a person's address.

        Args:
            name: Index of the first name.
            style: Index of the separator.
        """
        return name * HEADS + style.cast(pl.Int64)

    def office(self, locale: pl.Expr, bits: pl.Expr) -> pl.Expr:
        """Index of the head of a company's address.

        Args:
            locale: The market.
            bits: Random bits of the company.
        """
        which = (bits // u64(1 << 40) % u64(OFFICE_COUNT)).cast(pl.Int64)
        return self._offices + locale * OFFICE_COUNT + which

    def company_name(self, locale: pl.Expr, firm: pl.Expr) -> pl.Expr:
        """Index of the last name that a company is called by.

        Args:
            locale: The market.
            firm: Number of the company in the market.
        """
        return gather(self._last_starts, locale) + firm % gather(self._last_counts, locale)

    def company_domain(self, locale: pl.Expr, firm: pl.Expr) -> pl.Expr:
        """Index of the end of a company's domain.

        Args:
            locale: The market.
            firm: Number of the company in the market.
        """
        names = gather(self._last_counts, locale)
        # Companies of one name have different trades; those of other names begin with another one.
        trade = (firm // names + firm % names * 7) % len(TRADES)
        return self._company_domains + locale * len(TRADES) + trade

    def company_number(self, locale: pl.Expr, firm: pl.Expr) -> pl.Expr:
        """Number of a company among those of one name and trade; null for the first one.

        Args:
            locale: The market.
            firm: Number of the company in the market.
        """
        before = firm // (gather(self._last_counts, locale) * len(TRADES))
        return pl.when(before > 0).then(before + 1)

    def head_text(self, head: pl.Expr, state: pl.Expr) -> pl.Expr:
        """The head in a state.

        Args:
            head: Index of the head.
            state: The state.
        """
        return gather(self._heads, head + gather(self._head_shift, state))

    def last_text(self, last: pl.Expr, state: pl.Expr) -> pl.Expr:
        """The last name in a state.

        Args:
            last: Index of the last name.
            state: The state.
        """
        return gather(self._lasts, last + gather(self._last_shift, state))

    def tail_text(self, alias: pl.Expr, tag: pl.Expr, domain: pl.Expr, state: pl.Expr) -> pl.Expr:
        """The tail in a state: what follows the number.

        Args:
            alias: Index into ``ALIASES``.
            tag: Index into ``TAGS``.
            domain: Index of the domain.
            state: The state.
        """
        shown = domain + gather(self._domain_shift, state)
        return gather(self._tails, (alias * len(TAGS) + tag) * self._domains + shown)


@cache
def email_parts() -> EmailParts:
    """The parts, which are the same in every scenario."""
    return EmailParts()


def _owners(names: Names) -> list[bool]:
    """Whether a market has most people of a last name, and no other name has its letters."""
    lasts = {name.latin for name in names.lasts}
    ends = ends_of([name.latin for name in names.firsts])
    sizes = [
        name.share * locale.share
        for locale, start, count in zip(LOCALES, names.last_starts, names.last_counts, strict=True)
        for name in names.lasts[start : start + count]
    ]
    owner: dict[str, int] = {}
    for place, name in enumerate(names.lasts):
        if name.latin not in owner or sizes[place] > sizes[owner[name.latin]]:
            owner[name.latin] = place
    return [
        owner[name.latin] == place and not shorter_names(name.latin, ends, lasts)
        for place, name in enumerate(names.lasts)
    ]


def _by_state(shifts: dict[int, int]) -> pl.Series:
    return pl.Series([shifts.get(state, 0) for state in range(MAIL_PLACEHOLDER + 1)])


def _letters(word: str) -> int:
    """A hash that is a sum over letters."""
    return sum(map(_LETTERS.__getitem__, word))


_LETTERS = {
    letter: mix_one(ord(letter), RandomStream(0, "letters").key) % 1_000_003
    for letter in ascii_lowercase
}
