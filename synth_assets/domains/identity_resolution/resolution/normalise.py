"""Normalisation of identifiers, and values that identify no person.

The dbt macros ``normalised`` and ``excluded_values`` do the same in SQL.
"""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.identifiers import EMAIL, PHONE
from synth_assets.domains.identity_resolution.telephones import normalised as last_digits

GMAIL = "@gmail.com"
# Placeholder values by type, as they are written.
EXCLUDED = {
    EMAIL: ("noreply@company.com", "test@test.com"),
    PHONE: ("0000000000", "000-00-0000"),
}


def email(value: pl.Expr) -> pl.Expr:
    """The address in lower case, without a tag, and without dots at Gmail, which ignores them.

    Args:
        value: The address.
    """
    plain = value.str.to_lowercase().str.replace(r"\+[^@]*@", "@")
    name = plain.str.strip_suffix(GMAIL).str.replace_all(".", "", literal=True)
    return pl.when(plain.str.ends_with(GMAIL)).then(name + GMAIL).otherwise(plain)


# Other identifiers are exact.
NORMALISED = {EMAIL: email, PHONE: last_digits}


def normalised(kind: str, value: pl.Expr) -> pl.Expr:
    """The form of an identifier that all its spellings share.

    Args:
        kind: One of ``identifiers.TYPES``.
        value: The identifier as written.
    """
    return NORMALISED[kind](value) if kind in NORMALISED else value


def excluded(kind: str) -> list[str]:
    """Normalised values that identify no person.

    Args:
        kind: One of ``identifiers.TYPES``.
    """
    values = pl.Series(EXCLUDED.get(kind, ()), dtype=pl.String).to_frame("value")
    return values.select(normalised(kind, pl.col("value")).unique().sort()).to_series().to_list()


def identifying(kind: str, value: pl.Expr) -> pl.Expr:
    """The normalised value; null if it identifies no person.

    Args:
        kind: One of ``identifiers.TYPES``.
        value: The identifier as written.
    """
    same = normalised(kind, value)
    return pl.when(~same.is_in(excluded(kind))).then(same)
