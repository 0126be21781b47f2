"""The settings of the customer journey.

Fields are grouped by part of the domain; a new part adds its own group below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from synth_assets.core.partitioning import Daily
from synth_assets.core.scenario import LAYOUT, OPEN, ORIGIN, EndDate, Scenario, share, switch

DOMAIN = "journey"
# The generated export, and the public sample that it resembles.
EMBEDDED, BIGQUERY = "embedded", "bigquery"
# First and last day of the public sample.
FIRST_DAY, LAST_DAY = date(2020, 11, 1), date(2021, 1, 31)
# First possible day.
EARLIEST = date(2005, 1, 1)
SAMPLE_CALENDAR, SEASONAL_CALENDAR = "sample", "seasonal"
# Schemas of the export, and the variable that names one.
SCHEMA_2020, SCHEMA_2025, SCHEMA_VARIABLE = "2020", "2025", "SYNTH_JOURNEY_SCHEMA"


def _weight(default: float, text: str) -> Any:
    return share(default, f"Weight of {text} among the causes of the gap rate.")


class JourneyScenario(Scenario):
    """The shop's export with size and defects, and how much the backend's orders differ from it."""

    other_variables: ClassVar[Mapping[str, str]] = {
        **Scenario.other_variables,
        "export_schema": SCHEMA_VARIABLE,
    }

    # Source A: its origin, days and size.
    source: str = Field(
        default=EMBEDDED,
        pattern=rf"^({EMBEDDED}|{BIGQUERY}|[a-z][a-z0-9-]+\.[A-Za-z_][A-Za-z0-9_]*)$",
        json_schema_extra=ORIGIN.extra,
        description=f"`{EMBEDDED}`; `{BIGQUERY}`, whose public sample is then copied; or the data "
        "set (`project.dataset`) of another GA4 export there.",
    )
    export_schema: str = Field(
        default=SCHEMA_2020,
        pattern=f"^({SCHEMA_2020}|{SCHEMA_2025})$",
        json_schema_extra=ORIGIN.extra,
        description=f"Schema of the export (`{SCHEMA_VARIABLE}`): `{SCHEMA_2020}` is the public "
        f"sample's; `{SCHEMA_2025}` has today's columns, consent, logins and custom events.",
    )
    tables_by_date: bool = Field(
        default=False,
        json_schema_extra=LAYOUT.extra,
        description="Whether the events are also stored as a table for each day, "
        "`events_YYYYMMDD`, as GA4 stores them.",
    )
    intraday_until_hour: int | None = Field(
        default=None,
        ge=0,
        le=24,
        json_schema_extra=LAYOUT.extra,
        description="Hour (UTC) up to which each day's events are also stored as GA4 streams them, "
        "`events_intraday_YYYYMMDD`; needs `tables_by_date`.",
    )
    no_consent_share: float = share(
        0.1, "Visitors without consent to cookies, in the schema of 2025."
    )
    start_date: date = Field(
        default=FIRST_DAY,
        json_schema_extra=LAYOUT.extra,
        description="First daily partition; days before it exist, but are not kept.",
    )
    end_date: EndDate = Field(
        default=date(2021, 1, 1),
        json_schema_extra=LAYOUT.extra,
        description=f"Day after the last partition; 2021-02-01 for the whole sample, `{OPEN}` for "
        "all days up to yesterday.",
    )
    calendar: str = Field(
        default=SAMPLE_CALENDAR,
        pattern=f"^({SAMPLE_CALENDAR}|{SEASONAL_CALENDAR})$",
        description=f"`{SAMPLE_CALENDAR}`: the days of the public sample have its sessions, other "
        f"days have seasons; `{SEASONAL_CALENDAR}`: all days have seasons.",
    )
    annual_growth: float = Field(
        default=0.05,
        ge=-0.5,
        le=2,
        description="Growth of sessions a year, from the sample's days on; not within them.",
    )
    scale: float = Field(
        default=0.05,
        ge=0.001,
        le=10,
        description="Size of the export; 1 is that of the sample, 4.3 million events in 92 days.",
    )

    # Behaviour on source A's pages.
    coupon_share: float = share(0.5866, "Orders with a coupon; the sample's share.")
    coupon_percent: int = Field(
        default=10, ge=0, le=90, description="What the usual coupon takes off prices, percent."
    )
    seasonal_coupon_share: float = share(
        0.6, "Coupons from mid-November to the end of December that are the season's."
    )
    seasonal_coupon_percent: int = Field(
        default=15, ge=0, le=90, description="What the season's coupon takes off prices, percent."
    )
    pause_scale_seconds: float = Field(
        default=25,
        ge=1,
        le=600,
        description="Scale of the Weibull distribution of a visitor's pauses, seconds.",
    )
    pause_shape: float = Field(
        default=0.55,
        ge=0.3,
        le=2,
        description="Its shape; below 1 most pauses are short and some very long.",
    )

    timeout_share: float = share(
        0.3,
        "Returns on the same day that are one visit, which GA4 splits after half an hour "
        "without an event.",
    )

    # Defects of source A.
    placeholder_transactions: bool = switch("The id of some purchases is `(not set)`.")
    null_transactions: bool = switch("Some purchases have no transaction id at all.")
    repeated_purchases: bool = switch("Some purchases are sent again within the session.")
    shared_transactions: bool = switch("Some transaction ids belong to two users.")
    missing_revenue: bool = switch("Some purchases have no revenue.")
    colliding_sessions: bool = switch("Sessions of several users share an id.")
    missing_carts: bool = switch(
        "`add_to_cart` is rare until 11-15, absent from 11-21 to 11-24 and often never sent."
    )
    missing_session_starts: bool = switch("Some sessions have no `session_start`.")
    missing_page_views: bool = switch("Some sessions have no `page_view`.")
    placeholder_sources: bool = switch(
        "Users' first sources are `<Other>`, `(data deleted)` or the shop itself."
    )
    inconsistent_items: bool = switch("The id of an item differs from event to event.")
    missing_quantities: bool = switch("Items outside purchases have no quantity.")

    # Customers of source B.
    member_share: float = share(
        0.2, "Visitors who had an account before the first visit with this browser."
    )
    member_days: int = Field(
        default=730, ge=1, le=3_650, description="Most days from such a sign-up to that visit."
    )
    checkout_signup_share: float = share(
        0.45,
        "Other visitors who sign up when they begin a checkout; some of them never buy. Guests "
        "become customers when they buy.",
    )
    view_signup_share: float = share(
        0.01, "Visitors with a viewed item and no checkout who sign up."
    )

    # Source B: how the backend's orders differ from the transactions of source A.
    gap_rate: float = share(
        0.17,
        "Transactions (of a user, with a usable id) without an equal order in the backend; "
        "the brief asks for 0.15 to 0.20.",
    )
    backend_only_rate: float = share(
        0.05, "Orders that no event tells of (ad blockers, telephone), for each transaction."
    )
    test_order_rate: float = share(0.01, "Orders placed by testers, for each transaction.")
    double_order_rate: float = share(
        0.01, "Orders that the backend has twice, among those that it has."
    )
    telephone_share: float = share(0.3, "Telephone orders among those that no event tells of.")
    unreported_order_share: float = share(
        0.95, "Events with a revenue and no usable id for which the backend has an order."
    )
    pending_share: float = share(0.2, "Orders not completed yet, among those that are good.")
    dropped_share: float = _weight(0.40, "lost orders")
    late_share: float = _weight(0.12, "orders created four to nine days later")
    refund_share: float = _weight(0.15, "refunds")
    cancellation_share: float = _weight(0.08, "cancellations")
    tax_share: float = _weight(0.10, "taxes that the event does not know")
    shipping_share: float = _weight(0.08, "shipping that the event does not know")
    rounding_share: float = _weight(0.07, "roundings of an exchange rate")
    tax_rate: float = share(
        0.08, "Tax of orders without an event; the sample's events have 7.8% on average.", 0.5
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.end_date is not None and self.end_date <= self.start_date:
            raise ValueError(
                f"end_date = {self.end_date} must be after start_date = {self.start_date}"
            )
        shares = ("dropped", "late", "refund", "cancellation", "tax", "shipping", "rounding")
        if not any(getattr(self, f"{name}_share") for name in shares):
            raise ValueError("one of the causes' shares (dropped_share, …) must be above 0")
        if self.intraday_until_hour is not None and not self.tables_by_date:
            raise ValueError(
                f"intraday_until_hour = {self.intraday_until_hour} needs tables_by_date = true"
            )
        stop = LAST_DAY + timedelta(days=1)
        within = self.end_date is not None and FIRST_DAY <= self.start_date < self.end_date <= stop
        if self.source == BIGQUERY and not within:
            raise ValueError(
                f"start_date = {self.start_date} and end_date = {self.end_date or OPEN} must be "
                f"between {FIRST_DAY} and {stop}, as the sample has them"
            )
        if self.start_date < EARLIEST:
            raise ValueError(f"start_date = {self.start_date} must be {EARLIEST} or later")
        return self

    @property
    def partitioning(self) -> Daily:
        """The partitioning of the tables."""
        return Daily(self.start_date, self.end_date)
