"""What the backend makes of a transaction: an equal order, or one of the ways to differ.

A transaction is a usable pair of visitor and transaction id. Its chance goes by the pair, so it
has the same draw_cause however the work is cut, and at whatever rate it differs, the transactions that
differ at a lower one do, too.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables.events import DOMAIN
from synth_assets.randomness.streams import RandomStream

# Classes that a reconciliation can tell apart.
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
# Causes of a gap, with their share of all gaps.
CAUSE_SHARES = {
    DROPPED: 0.40, LATE: 0.12, REFUND: 0.15, CANCELLATION: 0.08,
    TAX: 0.10, SHIPPING: 0.08, ROUNDING: 0.07,
}  # fmt: skip
# Causes besides, at rates of their own or as the export has them.
BLOCKED, TELEPHONE, TEST_ORDER = "ad_blocker", "telephone", "test_order"
DOUBLE_ORDER, REPEATED = "double_order", "repeated_event"
NULL_ID, PLACEHOLDER_ID = "null_id", "placeholder_id"
# Causes that look alike share a class.
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

# An order that comes later than this after its event is no match any more, and late ones do.
GRACE_DAYS, LATE_DAYS = 3, (4, 9)
TELEPHONE_SHARE = 0.3


def stream(scenario: JourneyScenario, *names: str) -> RandomStream:
    """A source of chance of the backend."""
    return RandomStream(scenario.seed, DOMAIN, "backend", *names)


def key_hash(*key: pl.Expr) -> pl.Expr:
    """A number that stands for a record's key in draws; the same in every release of Polars."""

    def numbers(keys: pl.Series) -> pl.Series:
        digests = (blake2b(text.encode(), digest_size=8).digest() for text in keys)
        return pl.Series([int.from_bytes(d, "little") for d in digests], dtype=pl.UInt64)

    return pl.concat_str(*key, separator="\x1f").map_batches(numbers, return_dtype=pl.UInt64)


def draw_cause(scenario: JourneyScenario) -> pl.Expr:
    """``equal`` or the cause of a gap, for each transaction by its ``number``."""
    row = pl.col("number")
    differs = stream(scenario, "gap").bernoulli(row, scenario.gap_rate)
    cause = stream(scenario, "cause").choice(row, CAUSE_SHARES).cast(pl.String)
    # Of a revenue that was not told nobody sees that it differs.
    unseen = pl.col("revenue_cents").is_null() & cause.is_in(AMOUNTS)
    return pl.when(~differs).then(pl.lit(MATCH)).when(unseen).then(pl.lit(DROPPED)).otherwise(cause)


def class_of(cause: pl.Expr) -> pl.Expr:
    """The class in which a reconciliation finds a cause."""
    return cause.replace_strict(CLASS_OF, return_dtype=pl.String)
