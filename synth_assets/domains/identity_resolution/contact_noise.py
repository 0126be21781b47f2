"""Noise in e-mail addresses and telephone numbers: kinds, rates, states and placeholder values."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.telephones import KINDS, PLACEHOLDERS

# Kinds of noise, and their shares of the values that are not null.
MAIL_NOISE = {"case": 0.02, "plus_tag": 0.01, "dots": 0.01, "typo": 0.005, "domain_typo": 0.005}
PHONE_NOISE = {"dashes": 0.09, "national": 0.08, "local": 0.08}
# States of a value: as it is, with a kind of noise, or a placeholder.
MAIL_KINDS = ("clean", *MAIL_NOISE)
CLEAN, CASE, PLUS_TAG, DOTS, TYPO, DOMAIN_TYPO, MAIL_PLACEHOLDER = range(len(MAIL_KINDS) + 1)
PHONE_KINDS = KINDS
PHONE_PLACEHOLDER = len(PHONE_KINDS)
# Placeholder values, which identify no person and which resolvers must exclude; their share of all
# records.
PLACEHOLDER, PLACEHOLDER_SHARE = "placeholder", 0.002
PLACEHOLDER_MAILS = pl.Series(["noreply@company.com", "test@test.com"])
PLACEHOLDER_PHONES = pl.Series(PLACEHOLDERS)


def states(noise: dict[str, float], absent: float) -> list[float]:
    """Shares of a value's states: clean, each kind of noise, placeholder, and null.

    Args:
        noise: Share of each kind of noise among values that are not null.
        absent: Share of nulls.
    """
    there = 1 - absent - PLACEHOLDER_SHARE
    kinds = [there * share for share in noise.values()]
    return [there - sum(kinds), *kinds, PLACEHOLDER_SHARE, absent]
