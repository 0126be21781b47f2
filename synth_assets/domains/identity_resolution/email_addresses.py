"""E-mail addresses of persons, and how records show them.

An address is put together from parts that exist in every variant (upper case, mistyped), so that
noise is a lookup and costs no time. Its parts are in ``email_parts``.
"""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.contact_noise import (
    CASE,
    CLEAN,
    DOTS,
    MAIL_NOISE,
    MAIL_PLACEHOLDER,
    PLACEHOLDER_MAILS,
    PLUS_TAG,
    states,
)
from synth_assets.domains.identity_resolution.contact_owners import FAMILY, GIANT, OF_COMPANY, OWN
from synth_assets.domains.identity_resolution.email_parts import (
    DOT,
    GMAIL_STYLES,
    STYLES,
    TAGS,
    email_parts,
)
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.people import LARGEST
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream, categorical_u16

# Numbers in addresses are offset by less than this, so that most do not start at 1.
NUMBER_OFFSETS = 83
# Added to numbers of homes, above every person's number, so that homes have draws of their own.
HOMES = 1 << 40


class EmailAddresses:
    """E-mail addresses of people.

    An address is a head (``maria.``, ``MARIA_``), a last name, a number or none, and a tail
    (``+shop@gmail.com``), each from a lookup table. The person whose market owns a last name and
    who is the first with two names may have no number (``unnumbered`` is the share that has none).
    """

    def __init__(self, stream: RandomStream, unnumbered: float) -> None:
        self._stream = stream
        self._unnumbered = unnumbered
        self._parts = email_parts()

    def addressed(self, frame: pl.LazyFrame, giant: tuple[int, int]) -> pl.LazyFrame:
        """Adds the parts of each person's address.

        Args:
            frame: Persons with the columns of ``People.named`` and ``with_owners``.
            giant: First number of the persons who all have one address, and the end of the range.
        """
        parts, locale, person = self._parts, pl.col("locale"), pl.col("person")
        mail_owner, company, bits = pl.col("mail_owner"), pl.col("company"), pl.col("mail_bits")
        own, family = mail_owner == OWN, mail_owner == FAMILY
        personal = mail_owner < OF_COMPANY
        # A family has one provider and style; other persons have their own.
        chooser = pl.when(family).then(pl.col("home") + HOMES).otherwise(person)
        hashes = parts.letters(pl.col("first"), pl.col("last"))
        sequence = pl.col("namesake") * LARGEST + pl.col("member")
        number = pl.when(own).then(sequence).otherwise(pl.col("kin"))
        plain = categorical_u16(bits, (1 - self._unnumbered, self._unnumbered), 2) == 1
        plain = (pl.col("mail_number") == 0) & plain & parts.owned(pl.col("last"))
        numbered = pl.col("mail_number") * len(LOCALES) + locale + 1
        numbered = pl.when(own).then(numbered + hashes % NUMBER_OFFSETS).otherwise(numbered)
        style = pl.when("mail_gmail").then(categorical_u16(bits, GMAIL_STYLES, 3)).otherwise(
            categorical_u16(bits, STYLES, 3)
        )  # fmt: skip
        name = pl.when(own).then(pl.col("first")).otherwise(parts.family)
        firm = company // len(LOCALES)
        return (
            frame.with_columns(
                mail_owner=pl.when(person.is_between(*giant, closed="left"))
                .then(GIANT).otherwise(mail_owner),
                mail_bits=self._stream.substream("choice").bits(chooser),
                mail_number=number,
            )
            .with_columns(
                mail_domain=pl.when(personal).then(parts.provider(locale, bits))
                .otherwise(parts.company_domain(locale, firm)),
            )
            .with_columns(mail_gmail=parts.is_gmail(pl.col("mail_domain")))
            .with_columns(
                mail_head=pl.when(personal).then(parts.head(name, style))
                .otherwise(parts.office(locale, pl.col("company_bits"))),
                mail_last=pl.when(personal).then(pl.col("last"))
                .otherwise(parts.company_name(locale, firm)),
                mail_number=pl.when(personal).then(pl.when(~plain).then(numbered))
                .otherwise(parts.company_number(locale, firm)),
            )
            .with_columns(
                mail_domain=pl.when(mail_owner == GIANT).then(parts.giant_domain)
                .otherwise(pl.col("mail_domain")),
                mail_head=pl.when(mail_owner == GIANT).then(parts.orders)
                .otherwise(pl.col("mail_head")),
                mail_last=pl.when(mail_owner == GIANT).then(parts.giant_name)
                .otherwise(pl.col("mail_last")),
                mail_number=pl.when(mail_owner == GIANT).then(1)
                .otherwise(pl.col("mail_number")),
            )
        )  # fmt: skip

    def may_change(self, record: pl.Expr, stream: RandomStream, absent: float) -> pl.Expr:
        """Whether a record may show another address than the person's, by the record alone.

        Args:
            record: Number of the record.
            stream: The random stream of the records' source.
            absent: Share of records without an address.
        """
        bits = stream.substream("mail").bits(record)
        return _drawn(bits, absent).is_between(CLEAN + 1, MAIL_PLACEHOLDER)

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
        drawn = _drawn(pl.col("mail_noise_bits"), absent)
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
        # Dots that Gmail ignores: one is left out, or one is added.
        head = pl.col("mail_head")
        head = pl.when(state == DOTS).then(head.xor(DOT)).otherwise(head)
        proper = pl.concat_str(
            self._parts.head_text(head, state),
            self._parts.last_text(pl.col("mail_last"), state),
            pl.col("mail_number").cast(pl.String).fill_null(""),
            self._parts.tail_text(alias, tag, pl.col("mail_domain"), state),
        )
        placeholder = gather(PLACEHOLDER_MAILS, categorical_u16(bits, (1, 1), 2))
        # Where there is no state there is no address.
        return pl.when(state == MAIL_PLACEHOLDER).then(placeholder).otherwise(proper)


def _drawn(bits: pl.Expr, absent: float) -> pl.Expr:
    return categorical_u16(bits, states(MAIL_NOISE, absent))
