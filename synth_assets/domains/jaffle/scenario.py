"""The settings of the jaffle shop."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from synth_assets.core.partitioning import Daily
from synth_assets.core.scenario import LAYOUT, OPEN, ORIGIN, EndDate, Scenario, share

DOMAIN = "jaffle"
Dataset = Literal["training", "validation"]
DATASETS: tuple[Dataset, ...] = ("training", "validation")

# Days that volumes refer to: the ads of the original project span 60 days, of which its daily run
# lives through 8; the others are the shop's past.
CALIBRATION_DAYS, LIVE_DAYS = 60, 8
# Days of the past that detectors of the volume need: twice the usual training period.
LEAST_HISTORY = 28


def _between(default: float, low: float, high: float, text: str) -> Any:
    return Field(default=default, ge=low, le=high, description=text)


class JaffleScenario(Scenario):
    """Volumes of 60 days, the shop's past, prices, marketing, and the anomalies of validation data.

    Volumes are those of the 60 days that end with the eighth partition (the first 60 days of a shop
    with a shorter past). Anomaly fields are the share of rows that a kind affects on its days; zero
    switches the kind off. Each kind has its own days, a share ``anomaly_days`` of all.
    """

    start_date: date = Field(
        default=date(2026, 1, 1),
        json_schema_extra=ORIGIN.extra,
        description="First partition, which also has the rows of the days before it.",
    )
    end_date: EndDate = Field(
        default=None,
        json_schema_extra=LAYOUT.extra,
        description=f"Day after the last partition; `{OPEN}` for all days up to yesterday.",
    )
    history_days: int = _between(
        CALIBRATION_DAYS - LIVE_DAYS, 0, 3650, "Days that the shop was open before the start date."
    )

    training_customers: int = _between(2_000, 60, 2_000_000, "Training customers of 60 days.")
    training_orders: int = _between(15_000, 60, 50_000_000, "Training orders of 60 days.")
    validation_customers: int = _between(200, 60, 2_000_000, "Validation customers of 60 days.")
    validation_orders: int = _between(1_500, 60, 50_000_000, "Validation orders of 60 days.")
    monthly_growth: float = share(
        0.10, "Growth per 30 days: of the start date's volume after it, compounded before it."
    )
    founding_share: float = share(
        0.2, "Customers who sign up on the first day online: the regulars of the shop.", 0.9
    )
    order_half_life: float = _between(
        20, 7, 3650, "Days after which a customer orders half as often."
    )
    regular_share: float = share(0.25, "Repeat orders of regulars, however long they have come.")
    weekday_effect: float = _between(
        1, 0, 3, "Strength of the week: 1 for Saturdays a third above Tuesdays, 0 for none."
    )
    season_effect: float = _between(1, 0, 5, "Strength of the year: 1 for a food shop's, 0: none.")
    daily_noise: float = share(0.10, "Largest random deviation of a day's volumes.", 0.5)

    price_level: float = _between(1, 0.1, 100, "Prices of the menu, as a multiple.")
    sales_tax: float = share(0.06, "Tax on the menu's prices.")
    split_payments: float = share(0.5, "Orders that are paid in two parts.")
    # A coupon or gift card covers a part and the rest is paid otherwise; two cards are rare.
    two_cards: float = share(0.05, "Two-part orders that are paid by two credit cards.", 0.4)
    hours_to_ship: float = _between(5.7, 0.1, 12, "Mean hours from an order to its dispatch.")
    hours_to_deliver: float = _between(2.45, 0.1, 12, "Mean hours from dispatch to delivery.")
    return_share: float = share(0.09, "Delivered orders that are returned.")

    touches_per_customer: int = _between(1, 1, 20, "Marketing sessions before a first order.")
    next_day_share: float = share(0.3, "First orders placed the day after the last session.")
    anonymous_share: float = share(1 / 3, "Sessions that never convert (no customer).", 0.9)
    # Sessions in online shops last minutes, those that convert longer (assumption, after web
    # analytics benchmarks); lengths are log-normal (Yin and others, 2013, of dwell times).
    session_minutes: float = _between(5, 1, 45, "Median length of a customer's session.")
    anonymous_minutes: float = _between(2.5, 1, 45, "Median length of an anonymous session.")
    session_spread: float = _between(
        0.9, 0.1, 3, "Deviation of the logarithm of the length of sessions."
    )
    website_share: float = share(0.625, "Sessions on the website; the others are in the app.")
    ads_per_platform: int = _between(100, 1, 10_000, "Ads on each of the three platforms.")
    cost_per_customer: float = _between(
        30, 0.01, 10_000, "Dollars of advertising for each customer who signs up."
    )
    ad_budget_spread: float = _between(
        100, 1, 1e6, "Largest budget of an ad over the smallest (log-uniform)."
    )
    ad_quality_spread: float = _between(
        0.5, 0, 3, "Deviation of the clicks that an ad gets for its cost (log-normal)."
    )
    medium_effect: float = _between(
        1, 0, 3, "Strength of the medium: 1 for search that converts twice as often as display."
    )
    seasonal_ads: float = share(0.4, "Ads that have the campaign of the season.")

    anomaly_days: float = share(0.15, "Share of the days that each anomaly kind strikes.")
    volume_every: int = _between(
        24, 8, 3650, "Days from one drop of the volume to the next, each followed by a spike."
    )
    lost_status: float = share(0.5, "Orders with the unknown status `lost`.")
    late_order: float = share(0.3, "Orders that arrive one to three days late.", 0.5)
    blank_name: float = share(0.5, "Customers whose first name is two spaces.")
    zero_payment: float = share(0.2, "Orders whose first payment is zero.")
    new_category: float = share(0.2, "Orders paid by a method that did not exist before.")
    duplicate_email: float = share(0.5, "Sign-ups that share one e-mail address.")
    orphan_signup: float = share(0.3, "Extra sign-ups of customers that do not exist.")
    missing_signup: float = share(0.3, "Customers that lack their sign-up.")
    unknown_ad: float = share(0.3, "Sessions that name an ad which does not exist.")
    endless_session: float = share(0.3, "Sessions that are closed hours after they end.")
    volume_drop: float = share(0.9, "Share of a struck day's orders that is lost.")
    volume_spike: float = Field(
        default=2.5, ge=0, le=10, description="Extra orders of a struck day, times the usual."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for dataset in DATASETS:
            customers, orders = self.customers(dataset), self.orders(dataset)
            if orders < customers:
                raise ValueError(
                    f"{dataset}_orders = {orders} must be at least {dataset}_customers = "
                    f"{customers}, since every customer orders"
                )
        if self.end_date is not None and self.end_date <= self.start_date:
            raise ValueError(
                f"end_date = {self.end_date} must be after start_date = {self.start_date}"
            )
        if self.start_date.toordinal() <= self.history_days:
            raise ValueError(
                f"history_days = {self.history_days}: there are not so many days before "
                f"start_date = {self.start_date}"
            )
        for name, least in (("volume_drop", 0.6), ("volume_spike", 1.0)):
            value = getattr(self, name)
            if 0 < value < least:
                raise ValueError(f"{name} = {value} must be 0 (off) or at least {least}")
        return self

    @property
    def partitioning(self) -> Daily:
        """The partitioning of the tables."""
        return Daily(self.start_date, self.end_date)

    def customers(self, dataset: Dataset) -> int:
        """Customers of a data set in 60 days.

        Args:
            dataset: ``training`` or ``validation``.
        """
        return self.training_customers if dataset == "training" else self.validation_customers

    def orders(self, dataset: Dataset) -> int:
        """Orders of a data set in 60 days.

        Args:
            dataset: ``training`` or ``validation``.
        """
        return self.training_orders if dataset == "training" else self.validation_orders

    def days_before(self, day: int) -> int:
        """Days of the shop whose rows are in the partitions before one.

        Args:
            day: Days since the start date; the first partition (0) has the shop's past.
        """
        return self.history_days + day if day > 0 else 0
