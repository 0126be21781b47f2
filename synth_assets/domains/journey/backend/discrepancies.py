"""The discrepancy model: whether the backend has an equal order for a transaction, or why not.

A transaction is a pair of visitor and usable transaction id. Random numbers depend only on this
pair, so its cause is the same however the work is partitioned, and the transactions that differ at
one rate also differ at every higher rate.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables.events import DOMAIN
from synth_assets.randomness.streams import RandomStream

# Classes that a reconciliation can distinguish.
MATCHED, GA4_ONLY, BACKEND_ONLY = "matched", "ga4_only", "backend_only"
AMOUNT_DIFFERS, STATUS_DIFFERS = "amount_differs", "status_differs"
TEST, DUPLICATE, UNUSABLE_ID = "test", "duplicate", "unusable_id"
CLASSES = (
    MATCHED, GA4_ONLY, BACKEND_ONLY, AMOUNT_DIFFERS, STATUS_DIFFERS, TEST, DUPLICATE, UNUSABLE_ID,
)  # fmt: skip

MATCH = "equal"
DROPPED, LATE, REFUND, CANCELLATION = "dropped", "late_arrival", "refund", "cancellation"
TAX, SHIPPING, ROUNDING = "tax", "shipping", "currency_rounding"
AMOUNTS = (TAX, SHIPPING, ROUNDING)
# Causes of a discrepancy, with their shares among all discrepancies of transactions.
CAUSE_SHARES = {
    DROPPED: 0.40, LATE: 0.12, REFUND: 0.15, CANCELLATION: 0.08,
    TAX: 0.10, SHIPPING: 0.08, ROUNDING: 0.07,
}  # fmt: skip
# Other causes, with rates of their own or as often as in the export.
BLOCKED, TELEPHONE, TEST_ORDER = "ad_blocker", "telephone", "test_order"
DOUBLE_ORDER, REPEATED = "double_order", "repeated_event"
NULL_ID, PLACEHOLDER_ID = "null_id", "placeholder_id"
# The class of each cause; causes that cannot be distinguished share one.
CLASS_OF = {
    MATCH: MATCHED,
    DROPPED: GA4_ONLY, LATE: GA4_ONLY,
    REFUND: STATUS_DIFFERS, CANCELLATION: STATUS_DIFFERS,
    TAX: AMOUNT_DIFFERS, SHIPPING: AMOUNT_DIFFERS, ROUNDING: AMOUNT_DIFFERS,
    BLOCKED: BACKEND_ONLY, TELEPHONE: BACKEND_ONLY,
    TEST_ORDER: TEST, DOUBLE_ORDER: DUPLICATE, REPEATED: DUPLICATE,
    NULL_ID: UNUSABLE_ID, PLACEHOLDER_ID: UNUSABLE_ID,
}  # fmt: skip
CAUSES = tuple(cause for cause in CLASS_OF if cause != MATCH)

# Days after its event in which an order still matches, and days after which late orders arrive.
GRACE_DAYS, LATE_DAYS = 3, (4, 9)
TELEPHONE_SHARE = 0.3


def stream(scenario: JourneyScenario, *names: str) -> RandomStream:
    """The backend's random stream with these names.

    Args:
        scenario: Seed and rates.
        names: Parts of the stream's name; they seed it, so they must not change.
    """
    return RandomStream(scenario.seed, DOMAIN, "backend", *names)


def key_hash(*key: pl.Expr) -> pl.Expr:
    """A hash of a record's key for random streams, independent of the Polars release.

    Args:
        key: Columns of the key.

    Returns:
        UInt64, from BLAKE2b of the columns' texts.
    """

    def numbers(keys: pl.Series) -> pl.Series:
        digests = (blake2b(text.encode(), digest_size=8).digest() for text in keys)
        return pl.Series([int.from_bytes(d, "little") for d in digests], dtype=pl.UInt64)

    return pl.concat_str(*key, separator="\x1f").map_batches(numbers, return_dtype=pl.UInt64)


def draw_cause(scenario: JourneyScenario) -> pl.Expr:
    """``equal`` or the cause of a discrepancy, for each transaction by its ``number``.

    Args:
        scenario: Seed and rates.
    """
    row = pl.col("number")
    differs = stream(scenario, "gap").bernoulli(row, scenario.gap_rate)
    cause = stream(scenario, "cause").choice(row, CAUSE_SHARES).cast(pl.String)
    # A different amount cannot be detected where the event has no revenue.
    undetectable = pl.col("revenue_cents").is_null() & cause.is_in(AMOUNTS)
    return (
        pl.when(~differs)
        .then(pl.lit(MATCH))
        .when(undetectable)
        .then(pl.lit(DROPPED))
        .otherwise(cause)
    )


def class_of(cause: pl.Expr) -> pl.Expr:
    """The class that a reconciliation reports for a cause.

    Args:
        cause: Cause or ``equal``.
    """
    return cause.replace_strict(CLASS_OF, return_dtype=pl.String)
