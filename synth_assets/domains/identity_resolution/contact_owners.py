"""Owners of e-mail addresses and telephones: persons, families, companies, a corporate account."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.people import COMPANY, SHARED
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream, categorical_u16

# Shares of homes with several members, and of companies, with one address or telephone for all.
FAMILY_MAIL, HOUSEHOLD_PHONE, COMPANY_MAIL, BUSINESS_PHONE = 0.03, 0.04, 0.005, 0.005
# Owners of an address or a telephone.
OWN, FAMILY, OF_COMPANY, GIANT = range(4)


def with_owners(frame: pl.LazyFrame, stream: RandomStream) -> pl.LazyFrame:
    """Adds each person's ``company``, and the owners of address and telephone.

    ``mail_owner`` and ``phone_owner`` are ``OWN``, ``FAMILY`` or ``OF_COMPANY``.

    Args:
        frame: Persons with the columns of ``People.placed``.
        stream: The random stream of what families and companies share.
    """
    company = pl.col("household") // COMPANY * len(LOCALES) + pl.col("locale")
    return (
        frame.with_columns(company=company)
        .with_columns(
            family_bits=stream.substream("family").bits(pl.col("home")),
            company_bits=stream.substream("company").bits(pl.col("company")),
        )
        .with_columns(
            mail_owner=_owner(FAMILY_MAIL, COMPANY_MAIL, 0),
            phone_owner=_owner(HOUSEHOLD_PHONE, BUSINESS_PHONE, 1),
        )
    )


def _owner(family: float, company: float, part: int) -> pl.Expr:
    ours = gather(SHARED, pl.col("neighbour")) & _hit(pl.col("family_bits"), family, part)
    theirs = _hit(pl.col("company_bits"), company, part)
    return pl.when(theirs).then(OF_COMPANY).when(ours).then(FAMILY).otherwise(OWN)


def _hit(bits: pl.Expr, share: float, part: int) -> pl.Expr:
    return categorical_u16(bits, (1 - share, share), part) == 1
