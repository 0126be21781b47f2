"""The settings of the jaffle shop."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from synth_assets.core.scenario import LAYOUT, ORIGIN, Scenario

Dataset = Literal["training", "validation"]
DATASETS: tuple[Dataset, ...] = ("training", "validation")

# Days from the start date that volumes refer to, as in the original project.
CALIBRATION_DAYS = 60


def _count(default: int, low: int, high: int, text: str) -> int:
    return Field(default=default, ge=low, le=high, description=text)


def _share(default: float, text: str) -> float:
    return Field(default=default, ge=0, le=1, description=text)


class JaffleScenario(Scenario):
    """Volumes after the first 60 days, marketing, and the anomalies of validation data.

    Anomaly fields are the share of rows that a kind affects on its days; zero switches the kind
    off. Each kind has its own days, a share ``anomaly_days`` of all.
    """

    start_date: date = Field(
        default=date(2026, 1, 1),
        json_schema_extra=ORIGIN.extra,
        description="First day of the shop; daily partitions begin here.",
    )
    end_date: date | None = Field(
        default=None,
        json_schema_extra=LAYOUT.extra,
        description="Day after the last partition; without it partitions grow to yesterday.",
    )

    training_customers: int = _count(
        2_000, 60, 2_000_000, "Training customers signed up after 60 days."
    )
    training_orders: int = _count(15_000, 60, 50_000_000, "Training orders after 60 days.")
    validation_customers: int = _count(
        200, 60, 2_000_000, "Validation customers signed up after 60 days."
    )
    validation_orders: int = _count(1_500, 60, 50_000_000, "Validation orders after 60 days.")
    monthly_growth: float = Field(
        default=0.10, ge=0, le=1, description="Growth of daily sign-ups per 30 days (linear)."
    )

    touches_per_customer: int = _count(1, 1, 20, "Marketing sessions before a first order.")
    next_day_share: float = _share(0.3, "First orders placed the day after the last session.")
    anonymous_share: float = Field(
        default=1 / 3, ge=0, le=0.9, description="Sessions that never convert (no customer)."
    )
    website_share: float = _share(0.625, "Sessions on the website; the others are in the app.")
    ads_per_platform: int = _count(100, 1, 10_000, "Ads on each of the three platforms.")

    anomaly_days: float = _share(0.15, "Share of the days that each anomaly kind strikes.")
    lost_status: float = _share(0.5, "Orders with the unknown status `lost`.")
    late_order: float = _share(0.3, "Orders that arrive one to three days late.")
    blank_name: float = _share(0.5, "Customers whose first name is two spaces.")
    zero_payment: float = _share(0.2, "Orders whose first payment is zero.")
    new_category: float = _share(0.2, "Orders paid by a method that did not exist before.")
    duplicate_email: float = _share(0.5, "Sign-ups that share one e-mail address.")
    orphan_signup: float = _share(0.3, "Extra sign-ups of customers that do not exist.")
    missing_signup: float = _share(0.3, "Customers that lack their sign-up.")
    volume_drop: float = Field(
        default=0.8, ge=0, le=1, description="Share of a struck day's orders that is lost."
    )
    volume_spike: float = Field(
        default=2.0, ge=0, le=10, description="Extra orders of a struck day, times the usual."
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
        for name, least in (("volume_drop", 0.6), ("volume_spike", 1.0)):
            value = getattr(self, name)
            if 0 < value < least:
                raise ValueError(f"{name} = {value} must be 0 (off) or at least {least}")
        return self

    def customers(self, dataset: Dataset) -> int:
        """Customers of a data set after 60 days.

        Args:
            dataset: ``training`` or ``validation``.
        """
        return self.training_customers if dataset == "training" else self.validation_customers

    def orders(self, dataset: Dataset) -> int:
        """Orders of a data set after 60 days.

        Args:
            dataset: ``training`` or ``validation``.
        """
        return self.training_orders if dataset == "training" else self.validation_orders
