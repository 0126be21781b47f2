"""The discrepancy model: whether the backend has an equal order for a transaction, or why not.

A transaction is a pair of visitor and usable transaction id. Discrepancies are dealt among the
transactions in order of time (``dealing``), so their rate is exact and all causes occur in small
data, too; how the work is partitioned makes no difference.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from synth_assets.domains.journey.backend.dealing import dealt, dealt_choice
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
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
# Causes of the discrepancies of transactions.
OF_TRANSACTIONS = (DROPPED, LATE, REFUND, CANCELLATION, *AMOUNTS)
# Other causes, with rates of their own or as often as in the export.
BLOCKED, TELEPHONE, TEST_ORDER = "ad_blocker", "telephone", "test_order"
UNREPORTED = "unreported_id"
DOUBLE_ORDER, REPEATED = "double_order", "repeated_event"
NULL_ID, PLACEHOLDER_ID = "null_id", "placeholder_id"
# The class of each cause; causes that cannot be distinguished share one.
CLASS_OF = {
    MATCH: MATCHED,
    DROPPED: GA4_ONLY, LATE: GA4_ONLY,
    REFUND: STATUS_DIFFERS, CANCELLATION: STATUS_DIFFERS,
    TAX: AMOUNT_DIFFERS, SHIPPING: AMOUNT_DIFFERS, ROUNDING: AMOUNT_DIFFERS,
    BLOCKED: BACKEND_ONLY, TELEPHONE: BACKEND_ONLY, UNREPORTED: BACKEND_ONLY,
    TEST_ORDER: TEST, DOUBLE_ORDER: DUPLICATE, REPEATED: DUPLICATE,
    NULL_ID: UNUSABLE_ID, PLACEHOLDER_ID: UNUSABLE_ID,
}  # fmt: skip
CAUSES = tuple(cause for cause in CLASS_OF if cause != MATCH)

# Days after its event in which an order still matches, and days after which late orders arrive.
GRACE_DAYS, LATE_DAYS = 3, (4, 9)


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


def cause_shares(scenario: JourneyScenario) -> dict[str, float]:
    """Shares of the causes among the discrepancies of transactions.

    Args:
        scenario: The shares.
    """
    return {
        DROPPED: scenario.dropped_share,
        LATE: scenario.late_share,
        REFUND: scenario.refund_share,
        CANCELLATION: scenario.cancellation_share,
        TAX: scenario.tax_share,
        SHIPPING: scenario.shipping_share,
        ROUNDING: scenario.rounding_share,
    }


def deal_causes(transactions: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """Adds ``cause``: ``equal``, or the cause of a discrepancy.

    Args:
        transactions: Transactions in order, with ``revenue_cents``.
        scenario: Seed and rates.
    """
    shares = cause_shares(scenario)
    # A different amount cannot be detected where the event has no revenue.
    detectable = {cause: share for cause, share in shares.items() if cause not in AMOUNTS}
    if not any(detectable.values()):
        detectable = {DROPPED: 1.0}
    paid = pl.col("revenue_cents").is_not_null()
    differs = dealt(pl.int_range(pl.len()), scenario.gap_rate, stream(scenario, "gap"))
    nth = pl.int_range(pl.len()).over("differs", paid)
    return (
        transactions.with_columns(differs=differs)
        .with_columns(
            cause=pl.when(~pl.col("differs"))
            .then(pl.lit(MATCH))
            .when(paid)
            .then(dealt_choice(nth, shares, stream(scenario, "cause")))
            .otherwise(dealt_choice(nth, detectable, stream(scenario, "cause", "unpaid")))
        )
        .drop("differs")
    )


def class_of(cause: pl.Expr) -> pl.Expr:
    """The class that a reconciliation reports for a cause.

    Args:
        cause: Cause or ``equal``.
    """
    return cause.replace_strict(CLASS_OF, return_dtype=pl.String)
