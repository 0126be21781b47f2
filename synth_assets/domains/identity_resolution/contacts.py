"""E-mail addresses and telephones: whose they are, and how records show them.

Some are shared by a family or a company, one address by thousands. A record shows an address or
a number with noise; both are put together from pieces that exist in every variant (upper case,
mistyped), so that noise is looked up and costs nothing.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import chain

import polars as pl

from synth_assets.domains.identity_resolution.locales import GLOBAL_MAIL, LOCALES
from synth_assets.domains.identity_resolution.people import (
    COMPANY,
    FIRST,
    SHARED,
    People,
)
from synth_assets.domains.identity_resolution.telephones import Telephones
from synth_assets.generation.draws import Draw
from synth_assets.generation.lookup import at

# Shares of homes with several members, and of companies, that share an address or a telephone.
FAMILY_MAIL, HOUSEHOLD_PHONE, COMPANY_MAIL, BUSINESS_PHONE = 0.03, 0.04, 0.005, 0.005
# Whose an address or a telephone is.
OWN, FAMILY, OF_COMPANY, GIANT = range(4)
# Kinds of noise, and their shares of the values that are not null.
MAIL_NOISE = {"case": 0.02, "plus_tag": 0.01, "dots": 0.01, "typo": 0.01}
MAIL_KINDS = ("clean", *MAIL_NOISE)
MAIL_WEIGHTS = (1 - sum(MAIL_NOISE.values()), *MAIL_NOISE.values())
CLEAN, CASE, PLUS_TAG, DOTS, TYPO = range(len(MAIL_KINDS))
PHONE_NOISE = {"dashes": 0.09, "national": 0.08, "local": 0.08}
# Values that stand for nothing, which resolvers must leave out; beside the noise above.
PLACEHOLDER_SHARE = 0.002
PLACEHOLDER = "placeholder"
PLACEHOLDER_MAILS = ["noreply@company.com", "test@test.com"]
# Places among the kinds of noise that mean a placeholder.
MAIL_PLACEHOLDER, PHONE_PLACEHOLDER = len(MAIL_KINDS), 4
PHONE_KINDS = ("e164", *PHONE_NOISE)
PHONE_WEIGHTS = (1 - sum(PHONE_NOISE.values()), *PHONE_NOISE.values())
TAGS = ["", "+shop", "+news", "+deals", "+web"]
SEPARATORS = ["", ".", "_", "@"]
GMAIL = "@gmail.com"
# Numbers in addresses begin anywhere below, so that they are not all alike.
SCATTER = 83
GIANT_MAIL = "orders@corporate1-hub.com"
# Above every person's number: homes draw apart from persons.
HOMES = 1 << 40
# Second addresses of the same person.
ALIASES = ["", *"bcdefghijkmnpqrstuvwxyz"]


class Mail:
    """Addresses of people."""

    def __init__(self, draw: Draw, people: People) -> None:
        self._draw = draw
        firsts = [latin for words in people.firsts for _, latin in words]
        lasts = [latin for words in people.lasts for _, latin in words]
        words, others = [*firsts, "family", "orders"], [*lasts, "corporate"]
        self._family, self._orders, self._corporate = len(firsts), len(firsts) + 1, len(lasts)
        self._firsts = pl.Series([*words, *map(str.upper, words)])
        known = set(others)
        wrong = [mistyped(word, known) for word in others]
        self._lasts = pl.Series([*others, *map(str.upper, others), *wrong])
        self._capital_first, self._capital_last = len(words), len(others)
        self._first_hashes = pl.Series(list(map(_hash, words)))
        self._last_hashes = pl.Series(list(map(_hash, others)))
        domains = [[f"@{name}" for name in (*GLOBAL_MAIL, *lo.mail)] for lo in LOCALES]
        self._domains = pl.Series([*chain.from_iterable(domains), ".com", "-hub.com"])
        self._domain_counts = [len(names) for names in domains]
        self._domain_starts = [sum(self._domain_counts[:i]) for i in range(len(LOCALES))]
        self._is_gmail = self._domains == GMAIL
        self._people = people

    def addressed(self, frame: pl.LazyFrame, giant: tuple[int, int]) -> pl.LazyFrame:
        """From ``named``: the pieces of a person's address, and whose it is (``mail_of``).

        Persons of the range ``giant`` all have one address.
        """
        draw, home, locale, person = self._draw, pl.col("home"), pl.col("locale"), pl.col("person")
        mail_of, company = pl.col("mail_of"), pl.col("company")
        own, shared = mail_of == OWN, at(SHARED, pl.col("neighbour"))
        # A family has one provider, everyone else an own one.
        chooser = pl.when(mail_of == FAMILY).then(home + HOMES).otherwise(person)
        domain = at(self._domain_starts, locale) + (
            draw.named("domain").bits(chooser) % at(self._domain_counts, locale)
        ).cast(pl.Int64)
        hashes = self._hash_sum(pl.col("first"), pl.col("last"))
        return (
            frame.with_columns(company=pl.col("household") // COMPANY * len(LOCALES) + locale)
            .with_columns(
                mail_of=pl.when(person.is_between(*giant, closed="left"))
                .then(GIANT)
                .when(draw.named("company").chance(company, COMPANY_MAIL))
                .then(OF_COMPANY)
                .when(shared & draw.named("family").chance(home, FAMILY_MAIL))
                .then(FAMILY)
                .otherwise(OWN)
            )
            .with_columns(
                mail_first=pl.when(own)
                .then("first")
                .when(mail_of == FAMILY)
                .then(self._family)
                .otherwise(self._orders),
                mail_last=pl.when(mail_of == GIANT)
                .then(self._corporate)
                .when(mail_of == OF_COMPANY)
                .then(draw.named("company_name").integers(company, 0, self._corporate))
                .otherwise("last"),
                mail_number=pl.when(own)
                .then(pl.col("turn") + hashes + 1)
                .when(mail_of == FAMILY)
                .then(pl.col("family_turn") + 1)
                .when(mail_of == OF_COMPANY)
                .then(company + 1)
                .otherwise(1),
                mail_domain=pl.when(mail_of == GIANT)
                .then(len(self._domains) - 1)
                .when(mail_of == OF_COMPANY)
                .then(len(self._domains) - 2)
                .otherwise(domain),
            )
            .with_columns(
                mail_separator=pl.when(mail_of >= OF_COMPANY)
                .then(3)
                .when(at(self._is_gmail, pl.col("mail_domain")))
                .then(1)
                .otherwise(1 + draw.named("style").chance(chooser, 0.2).cast(pl.Int64))
            )
        )

    def state(self, record: pl.Expr, draw: Draw, absent: float) -> pl.Expr:
        """How a record shows the address, from ``addressed``: null, or a place in ``MAIL_KINDS``,

        or ``MAIL_PLACEHOLDER``. ``absent`` is the share of nulls.
        """
        drawn = draw.named("mail_noise").index(record, MAIL_WEIGHTS).cast(pl.Int64)
        # Dots mean nothing to one provider alone, and a tag needs an address of a person.
        personal = pl.col("mail_of") < OF_COMPANY
        dots = at(self._is_gmail, pl.col("mail_domain")) & personal
        impossible = ((drawn == DOTS) & ~dots) | ((drawn == PLUS_TAG) & ~personal)
        unit = draw.named("mail_there").uniform(record)
        return (
            pl.when(pl.col("mail_of") == GIANT).then(CLEAN)
            .when(unit < absent).then(None)
            .when(unit > 1 - PLACEHOLDER_SHARE).then(MAIL_PLACEHOLDER)
            .when(impossible).then(CASE)
            .otherwise(drawn)
        )  # fmt: skip

    def written(self, state: pl.Expr, record: pl.Expr, draw: Draw, alias: pl.Expr) -> pl.Expr:
        """The address in a ``state``; ``alias`` is a place in ``ALIASES``."""
        capital, typo = (state == CASE).cast(pl.Int64), (state == TYPO).cast(pl.Int64)
        tag = draw.named("tag").integers(record, 1, len(TAGS)) * (state == PLUS_TAG).cast(pl.Int64)
        last = pl.col("mail_last") + (capital + 2 * typo) * self._capital_last
        separator = pl.col("mail_separator") * (state != DOTS).cast(pl.Int64)
        proper = pl.concat_str(
            at(self._firsts, pl.col("mail_first") + capital * self._capital_first),
            at(SEPARATORS, separator),
            at(self._lasts, last),
            pl.col("mail_number").cast(pl.String),
            at(ALIASES, alias),
            at(TAGS, tag),
            at(self._domains, pl.col("mail_domain")),
        )
        nobody = at(PLACEHOLDER_MAILS, draw.named("nobody").integers(record, 0, 2))
        return pl.when(state == MAIL_PLACEHOLDER).then(nobody).otherwise(proper)

    def _hash_sum(self, first: pl.Expr, last: pl.Expr) -> pl.Expr:
        return (at(self._first_hashes, first) + at(self._last_hashes, last)) % SCATTER


class Phones:
    """Telephones of people."""

    def __init__(self, draw: Draw, people: People) -> None:
        self._draw = draw
        self._counts = people.counts
        self._telephones = Telephones(draw)

    def connected(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """From ``placed``: ``phone_of`` (whose it is) and ``phone_number``."""
        draw, locale = self._draw, pl.col("locale")
        neighbour, place = pl.col("neighbour"), pl.col("place")
        company = pl.col("household") // COMPANY
        shared = at(SHARED, neighbour)
        line = (
            pl.when(pl.col("phone_of") == OF_COMPANY)
            .then(at(self._counts, locale) + company)
            .when(pl.col("phone_of") == FAMILY)
            .then(place - neighbour + at(FIRST, neighbour))
            .otherwise(place)
        )
        return frame.with_columns(
            phone_of=pl.when(
                draw.named("business").chance(company * len(LOCALES) + locale, BUSINESS_PHONE)
            )
            .then(OF_COMPANY)
            .when(shared & draw.named("household").chance(pl.col("home"), HOUSEHOLD_PHONE))
            .then(FAMILY)
            .otherwise(OWN)
        ).with_columns(phone_number=self._telephones.number(locale, line))

    def state(self, record: pl.Expr, draw: Draw, absent: float) -> pl.Expr:
        """How a record writes the number: null, or a place in ``PHONE_KINDS``, or a placeholder.

        ``absent`` is the share of nulls.
        """
        drawn = draw.named("phone_noise").index(record, PHONE_WEIGHTS).cast(pl.Int64)
        unit = draw.named("phone_there").uniform(record)
        nobody = PHONE_PLACEHOLDER + draw.named("nobody").integers(record, 0, 2)
        return (
            pl.when(unit < absent).then(None)
            .when(unit > 1 - PLACEHOLDER_SHARE).then(nobody)
            .otherwise(drawn)
        )  # fmt: skip

    def written(self, state: pl.Expr) -> pl.Expr:
        """The number of ``connected`` in a ``state``."""
        return self._telephones.written(pl.col("locale"), pl.col("phone_number"), state)


def mistyped(word: str, known: set[str]) -> str:
    """The word with two neighbouring letters swapped, or one doubled; a word that is not known."""
    swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)]
    doubled = [word[: i + 1] + word[i:] for i in range(len(word) - 1, -1, -1)]
    return next(wrong for wrong in [*swapped, *doubled] if wrong != word and wrong not in known)


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "little")
