"""The texts that parameters of events have as values, each by its position."""

from __future__ import annotations

from functools import cache

import polars as pl

from synth_assets.domains.journey.ga4.pages import SEARCHES, pages
from synth_assets.domains.journey.ga4.transactions import COUPONS

TEXTS = (
    "0", "1", "gtm.js", "gtm.historyChange-v2", "(not provided)", "USD", "Visa", "MasterCard",
    "American Express", "FREE", "Ground", "Overnight", *COUPONS[1:], "true",
    "www.youtube.com", "https://www.youtube.com/user/Google/", *SEARCHES,
)  # fmt: skip
REFERRERS = ("https://www.google.com/", "https://www.googleadservices.com/")


@cache
def texts() -> pl.Series:
    """Addresses and titles of pages, then all other texts, then referrers."""
    known = pages()
    return pl.concat(
        [known["location"], known["title"], pl.Series(TEXTS), pl.Series(REFERRERS)], rechunk=True
    )


def text_code(text: str) -> int:
    """The position of a text among ``texts``.

    Args:
        text: One of ``TEXTS``.
    """
    return 2 * len(pages()) + TEXTS.index(text)
