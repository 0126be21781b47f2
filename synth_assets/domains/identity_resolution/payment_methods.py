"""How people pay in stores, by country."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.quality.proportions import Proportion, shares_result
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, categorical_table

CASH = "cash"
METHODS = ("credit", "debit", CASH, "mobile_wallet")
# Percent of receipts by method, in the order of METHODS: Worldpay, Global Payments Report, 2024,
# payments at the point of sale by country (rounded; other methods left out).
BY_COUNTRY = {
    "US": (41, 31, 12, 16), "CA": (48, 27, 10, 15), "GB": (24, 47, 10, 19),
    "DE": (12, 42, 36, 10), "FR": (12, 53, 24, 11), "ES": (19, 31, 38, 12),
    "IT": (22, 30, 30, 18), "JP": (36, 4, 41, 19), "CN": (14, 12, 7, 67),
    "IN": (12, 12, 18, 58), "KR": (58, 20, 8, 14), "AU": (30, 42, 8, 20),
    "BR": (36, 26, 22, 16), "MX": (18, 28, 40, 14),
}  # fmt: skip


def method(bits: pl.Expr) -> pl.Expr:
    """The method of a receipt; reads ``locale``.

    Args:
        bits: Random bits of the receipt.
    """
    lane = (bits % u64(LANE_VALUES)).cast(pl.Int64)
    return gather(METHODS, gather(_table(), pl.col("locale") * LANE_VALUES + lane))


@cache
def _table() -> pl.Series:
    """The method of each market that each of the values of a lane selects."""
    weights = [tuple(map(float, BY_COUNTRY[locale.country])) for locale in LOCALES]
    return pl.Series(np.concatenate([categorical_table(w) for w in weights]).astype(np.uint8))


def methods_of_countries() -> Check:
    """A check that receipts are paid as is usual in the country of the store."""

    def measure(stored: TableView) -> list[CheckResult]:
        country = pl.col("store_id").str.slice(len("STORE-"), 2).alias("country")
        receipts = stored.all().filter(pl.col("pos_transaction_id").str.ends_with("-1"))
        counted = receipts.group_by(country, "payment_method").agg(pl.len())
        found = {(c, m): n for c, m, n in counted.collect(engine="streaming").iter_rows()}
        totals = {c: sum(n for (of, _), n in found.items() if of == c) for c in BY_COUNTRY}
        return [
            shares_result(
                {
                    f"{c} {m}": Proportion(found.get((c, m), 0), totals[c], weight / sum(weights))
                    for c, weights in BY_COUNTRY.items()
                    for m, weight in zip(METHODS, weights, strict=True)
                }
            )
        ]

    doc = "Receipts are paid as is usual in the country of the store."
    return Check(
        "payment_method_shares_by_country", doc, measure, blocking=False, per_partition=False
    )
