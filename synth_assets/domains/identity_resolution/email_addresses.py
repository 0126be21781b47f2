"""E-mail addresses of persons, and how records show them.

An address is put together from parts that exist in every variant (upper case, mistyped), so that
noise is a lookup and costs no time.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import chain

import polars as pl

from synth_assets.domains.identity_resolution.contact_noise import (
    CASE,
    CLEAN,
    DOTS,
    MAIL_NOISE,
    MAIL_PLACEHOLDER,
    PLACEHOLDER_MAILS,
    PLUS_TAG,
    TYPO,
    states,
)
from synth_assets.domains.identity_resolution.contact_owners import FAMILY, GIANT, OF_COMPANY, OWN
from synth_assets.domains.identity_resolution.locales import GLOBAL_MAIL, LOCALES
from synth_assets.domains.identity_resolution.people import People
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import RandomStream, categorical_u16

TAGS = ("", "+shop", "+news", "+deals", "+web")
SEPARATORS = ("", ".", "_")
GMAIL = "@gmail.com"
# Numbers in addresses are offset by less than this, so that most do not start at 1.
NUMBER_OFFSETS = 83
# The address of thousands of persons is orders@corporate1-hub.com.
GIANT_NAME, GIANT_DOMAIN, COMPANY_DOMAIN = "corporate", "-hub.com", ".com"
# Added to numbers of homes, above every person's number, so that homes have draws of their own.
HOMES = 1 << 40
# Suffixes of the names in a person's addresses; the first one is the usual address.
ALIASES = ("", *"bcdefghijkmnpqrstuvwxyz")


class EmailAddresses:
    """E-mail addresses of people.

    An address is a head (``maria.``, ``MARIA_``), a last name, a number and a tail
    (``+shop@gmail.com``), each from a lookup table.
    """

    def __init__(self, stream: RandomStream, people: People) -> None:
        self._stream = stream
        firsts = [latin for words in people.firsts for _, latin in words]
        lasts = [*(latin for words in people.lasts for _, latin in words), GIANT_NAME]
        heads = [word + mark for word in [*firsts, "family"] for mark in SEPARATORS]
        self._family, self._orders = len(firsts), len(heads)
        heads.append("orders@")
        self._heads = pl.Series([*heads, *map(str.upper, heads)])
        self._giant = len(lasts) - 1
        known = set(lasts)
        wrong = [mistyped(word, known) for word in lasts]
        self._lasts = pl.Series([*lasts, *map(str.upper, lasts), *wrong])
        # What a state adds to the index of a head and of a last name.
        self._head_shift = _by_state({CASE: len(heads), DOTS: -1})
        self._last_shift = _by_state({CASE: len(lasts), TYPO: 2 * len(lasts)})
        self._first_hashes = pl.Series([_hash(word) for word in firsts])
        self._last_hashes = pl.Series([_hash(word) for word in lasts])
        providers = [[f"@{name}" for name in (*GLOBAL_MAIL, *lo.mail)] for lo in LOCALES]
        self._provider_counts = pl.Series([len(names) for names in providers], dtype=pl.UInt64)
        self._first_provider = pl.Series(offsets(map(len, providers)))
        domains = [*chain.from_iterable(providers), COMPANY_DOMAIN, GIANT_DOMAIN]
        self._company_domain, self._giant_domain = len(domains) - 2, len(domains) - 1
        self._is_gmail = pl.Series([name == GMAIL for name in domains])
        self._domains = len(domains)
        self._tails = pl.Series([a + t + d for a in ALIASES for t in TAGS for d in domains])

    def addressed(self, frame: pl.LazyFrame, giant: tuple[int, int]) -> pl.LazyFrame:
        """Adds the parts of each person's address.

        Args:
            frame: Persons with the columns of ``People.named`` and ``with_owners``.
            giant: First number of the persons who all have one address, and the end of the range.
        """
        stream, locale, person = self._stream, pl.col("locale"), pl.col("person")
        mail_owner, company, bits = pl.col("mail_owner"), pl.col("company"), pl.col("mail_bits")
        own, family = mail_owner == OWN, mail_owner == FAMILY
        # A family has one provider and style; other persons have their own.
        chooser = pl.when(family).then(pl.col("home") + HOMES).otherwise(person)
        provider = (bits % gather(self._provider_counts, locale)).reinterpret(signed=True)
        style = 1 + categorical_u16(bits, (0.8, 0.2), 3).cast(pl.Int64)
        name = pl.col("company_bits") // u64(1 << 32) % u64(self._giant)
        hashes = gather(self._first_hashes, pl.col("first")) + gather(
            self._last_hashes, pl.col("last")
        )
        return (
            frame.with_columns(
                mail_owner=pl.when(person.is_between(*giant, closed="left"))
                .then(GIANT).otherwise(mail_owner)
            )
            .with_columns(mail_bits=stream.substream("choice").bits(chooser))
            .with_columns(
                mail_domain=pl.when(own | family)
                .then(gather(self._first_provider, locale) + provider)
                .when(mail_owner == GIANT).then(self._giant_domain).otherwise(self._company_domain),
                mail_last=pl.when(own | family).then("last")
                .when(mail_owner == GIANT).then(self._giant)
                .otherwise(name.reinterpret(signed=True)),
                mail_number=pl.when(own).then(pl.col("name_sequence") + hashes % NUMBER_OFFSETS + 1)
                .when(family).then(pl.col("family_sequence") + 1)
                .when(mail_owner == GIANT).then(1).otherwise(company + 1),
                mail_head=pl.when(own).then("first").when(family).then(self._family)
                * len(SEPARATORS),
            )
            .with_columns(mail_gmail=gather(self._is_gmail, pl.col("mail_domain")))
            .with_columns(
                mail_head=pl.when(mail_owner >= OF_COMPANY).then(self._orders)
                .otherwise(pl.col("mail_head") + pl.when("mail_gmail").then(1).otherwise(style))
            )
        )  # fmt: skip

    def shown(
        self, frame: pl.LazyFrame, record: pl.Expr, stream: RandomStream, absent: float
    ) -> pl.LazyFrame:
        """Adds how records show the address: ``mail_state`` and ``mail_noise_bits``.

        The state is an index into ``MAIL_KINDS``, ``MAIL_PLACEHOLDER``, or null.

        Args:
            frame: Records with the columns of ``addressed``.
            record: Number of the record.
            stream: The random stream of the records' source.
            absent: Share of records without an address.
        """
        drawn = categorical_u16(pl.col("mail_noise_bits"), states(MAIL_NOISE, absent))
        # Only Gmail ignores dots, and only addresses of persons have tags.
        personal = pl.col("mail_owner") < OF_COMPANY
        impossible = ((drawn == DOTS) & ~(personal & pl.col("mail_gmail"))) | (
            (drawn == PLUS_TAG) & ~personal
        )
        state = (
            pl.when(pl.col("mail_owner") == GIANT).then(CLEAN)
            .when(drawn > MAIL_PLACEHOLDER).then(None)
            .when(impossible).then(CASE)
            .otherwise(drawn)
        )  # fmt: skip
        return frame.with_columns(
            mail_noise_bits=stream.substream("mail").bits(record)
        ).with_columns(mail_state=state.cast(pl.UInt8))

    def written(self, state: pl.Expr, alias: pl.Expr) -> pl.Expr:
        """The address in a state.

        Reads the columns of ``addressed`` and ``shown``.

        Args:
            state: The state, see ``shown``.
            alias: Which of the person's addresses, an index into ``ALIASES``.
        """
        bits = pl.col("mail_noise_bits")
        tag = 1 + categorical_u16(bits, [1] * (len(TAGS) - 1), 1)
        tag = pl.when(state == PLUS_TAG).then(tag).otherwise(0).cast(pl.Int64)
        tail = (alias * len(TAGS) + tag) * self._domains + pl.col("mail_domain")
        proper = pl.concat_str(
            gather(self._heads, pl.col("mail_head") + gather(self._head_shift, state)),
            gather(self._lasts, pl.col("mail_last") + gather(self._last_shift, state)),
            pl.col("mail_number").cast(pl.String),
            gather(self._tails, tail),
        )
        placeholder = gather(PLACEHOLDER_MAILS, categorical_u16(bits, (1, 1), 2))
        return pl.when(state == MAIL_PLACEHOLDER).then(placeholder).otherwise(proper)


def _by_state(shifts: dict[int, int]) -> pl.Series:
    return pl.Series([shifts.get(state, 0) for state in range(MAIL_PLACEHOLDER + 1)])


def mistyped(word: str, known: set[str]) -> str:
    """A mistyped word: two neighbouring letters are swapped, or one is doubled.

    Args:
        word: The word.
        known: Words that the result must not be.
    """
    swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)]
    doubled = [word[: i + 1] + word[i:] for i in range(len(word) - 1, -1, -1)]
    return next(wrong for wrong in [*swapped, *doubled] if wrong != word and wrong not in known)


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "little")
