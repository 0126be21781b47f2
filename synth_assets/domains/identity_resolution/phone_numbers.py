"""Telephone numbers of persons, and how records show them; numbers of lines are ``telephones``."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.contact_noise import (
    PHONE_NOISE,
    PHONE_PLACEHOLDER,
    PLACEHOLDER_PHONES,
    states,
)
from synth_assets.domains.identity_resolution.contact_owners import FAMILY, OWN
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.people import FIRST, People
from synth_assets.domains.identity_resolution.telephones import Telephones
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream, categorical_u16


class PhoneNumbers:
    """Telephone numbers of people: of their own, of the household, or of a company."""

    def __init__(self, stream: RandomStream, people: People) -> None:
        self._counts = pl.Series(people.counts)
        self._telephones = Telephones(stream)

    def numbered(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds the parts of each person's number.

        Args:
            frame: Persons with the columns of ``with_owners``.
        """
        neighbour, place = pl.col("neighbour"), pl.col("place")
        business = gather(self._counts, pl.col("locale")) + pl.col("company") // len(LOCALES)
        line = (
            pl.when(pl.col("phone_owner") == OWN).then(place)
            .when(pl.col("phone_owner") == FAMILY)
            .then(place - neighbour + gather(FIRST, neighbour))
            .otherwise(business)
        )  # fmt: skip
        return self._telephones.numbered(frame, line)

    def may_change(self, record: pl.Expr, stream: RandomStream, absent: float) -> pl.Expr:
        """Whether a record may show another number than the person's, by the record alone.

        Args:
            record: Number of the record.
            stream: The random stream of the records' source.
            absent: Share of records without a number.
        """
        bits = stream.substream("phone").bits(record)
        return _drawn(bits, absent).is_between(1, PHONE_PLACEHOLDER)

    def shown(
        self, frame: pl.LazyFrame, record: pl.Expr, stream: RandomStream, absent: float
    ) -> pl.LazyFrame:
        """Adds how records show the number: ``phone_state`` and ``phone_noise_bits``.

        The state is an index into ``PHONE_KINDS``, ``PHONE_PLACEHOLDER``, or null. Records with
        an additional address (``alias`` above 0) have no telephone.

        Args:
            frame: Records with the columns of ``numbered``, and ``alias``.
            record: Number of the record.
            stream: The random stream of the records' source.
            absent: Share of records without a number.
        """
        drawn = _drawn(pl.col("phone_noise_bits"), absent)
        there = (drawn <= PHONE_PLACEHOLDER) & (pl.col("alias") == 0)
        return frame.with_columns(
            phone_noise_bits=stream.substream("phone").bits(record)
        ).with_columns(phone_state=pl.when(there).then(drawn))

    def written(self, state: pl.Expr) -> pl.Expr:
        """The number in a state.

        Reads the columns of ``numbered`` and ``shown``.

        Args:
            state: The state, see ``shown``.
        """
        placeholder = gather(
            PLACEHOLDER_PHONES, categorical_u16(pl.col("phone_noise_bits"), (1, 1), 1)
        )
        kind = pl.when(state < PHONE_PLACEHOLDER).then(state)
        proper = self._telephones.written(kind)
        return pl.when(state == PHONE_PLACEHOLDER).then(placeholder).otherwise(proper)


def _drawn(bits: pl.Expr, absent: float) -> pl.Expr:
    return categorical_u16(bits, states(PHONE_NOISE, absent))
