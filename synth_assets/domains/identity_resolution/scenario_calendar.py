"""Settings of time and prices: when people buy, and what they then pay."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field, field_validator

from synth_assets.core.scenario import share
from synth_assets.domains.identity_resolution.scenario_noise import NoiseScenario
from synth_assets.randomness.seasonality import ONLINE_MONTHS

# Orders of online shops by hour of the day in local time: a plateau from late morning, and the peak
# from 8 to 9 p.m. (SaleCycle, 2020 and 2021 Ecommerce Stats Reports); sizes are an assumption.
ECOM_HOURS = (
    15, 8, 5, 3, 3, 6, 14, 25, 38, 50, 58, 60, 60, 58, 56, 56, 58, 60, 64, 72, 78, 76, 58, 32,
)  # fmt: skip
# Visits of shops by hour: open from 9 to 21, most in the afternoon (assumption).
STORE_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 4, 30, 58, 76, 86, 84, 84, 88, 94, 98, 84, 54, 24, 0, 0, 0)
# Weight of each weekday, Monday first: online most on Mondays and least on Saturdays (Doofinder,
# Busiest Online Shopping Day: 16.1% and 12.0%), in stores most on Saturdays (assumption).
ECOM_WEEKDAYS = (1.08, 1.06, 1.03, 1.01, 0.96, 0.88, 0.98)
STORE_WEEKDAYS = (0.85, 0.86, 0.88, 0.94, 1.12, 1.35, 1.00)
# Sales of department stores and shops by month against the mean: U.S. Census Bureau, Monthly Retail
# Trade, not adjusted, rounded.
STORE_MONTHS = (0.86, 0.86, 0.98, 0.96, 1.01, 0.97, 0.97, 1.00, 0.94, 0.99, 1.09, 1.37)
# Weights of the endings of prices, see the field.
PRICE_ENDINGS = (0.31, 0.18, 0.27)


class CalendarScenario(NoiseScenario):
    """When people buy, codes that lower prices, and how prices change."""

    ecom_hours: tuple[float, ...] = Field(
        default=ECOM_HOURS, min_length=24, max_length=24,
        description="Weight of each hour of the day for online orders, local time.",
    )  # fmt: skip
    store_hours: tuple[float, ...] = Field(
        default=STORE_HOURS, min_length=24, max_length=24,
        description="Weight of each hour of the day for sales in stores, local time.",
    )  # fmt: skip
    ecom_weekdays: tuple[float, ...] = Field(
        default=ECOM_WEEKDAYS, min_length=7, max_length=7,
        description="Weight of each weekday for online orders, Monday first.",
    )  # fmt: skip
    store_weekdays: tuple[float, ...] = Field(
        default=STORE_WEEKDAYS, min_length=7, max_length=7,
        description="Weight of each weekday for sales in stores, Monday first. German stores are "
        "closed on Sundays.",
    )  # fmt: skip
    ecom_months: tuple[float, ...] = Field(
        default=ONLINE_MONTHS, min_length=12, max_length=12,
        description="Weight of each month for online orders, January first.",
    )  # fmt: skip
    store_months: tuple[float, ...] = Field(
        default=STORE_MONTHS, min_length=12, max_length=12,
        description="Weight of each month for sales in stores, January first.",
    )  # fmt: skip
    black_friday_factor: float = Field(
        default=2.8, ge=1, le=20,
        description="Sales on Black Friday and the Monday after it, against an ordinary day; 2.4 "
        "and 3.1 times the mean day of November (Adobe, Cyber Monday, 2023).",
    )  # fmt: skip
    singles_day_factor: float = Field(
        default=6.0, ge=1, le=50,
        description="Chinese sales on 11 November against an ordinary day (assumption).",
    )  # fmt: skip
    holiday_ecom_factor: float = Field(
        default=0.75, ge=0, le=5, description="Online orders on a public holiday of the country."
    )
    holiday_store_factor: float = Field(
        default=0.30, ge=0, le=5, description="Sales in stores on a public holiday of the country."
    )
    annual_growth: float = Field(
        default=0.08, ge=-0.5, le=2,
        description="Growth of sales a year. US online sales grew by 7.6% in 2023 (Census Bureau).",
    )  # fmt: skip
    season_code_rate: float = share(0.32, "Orders with the season's code while it is valid.")
    welcome_code_rate: float = share(0.15, "First orders with the code for new customers.")
    shipping_code_rate: float = share(0.04, "Other orders with the code for free shipping.")
    inflation: float = Field(
        default=0.035, ge=-0.2, le=1,
        description="How much prices rise in a year. US consumer prices rose by 4.1% in 2023 and "
        "2.9% in 2024 (BLS).",
    )  # fmt: skip
    price_endings: tuple[float, ...] = Field(
        default=PRICE_ENDINGS, min_length=3, max_length=3,
        description="Weights of prices in .99, .95 and .00: last digits 9, 5 and 0 of advertised "
        "prices are 31, 18 and 27% (Schindler and Kirby, J. of Consumer Research, 1997).",
    )  # fmt: skip
    reduced_rate: float = share(0.16, "Products whose price is reduced in a quarter (assumption).")

    @field_validator(
        "ecom_hours", "store_hours", "ecom_weekdays", "store_weekdays", "ecom_months",
        "store_months", "price_endings", mode="before",
    )  # fmt: skip
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise ValueError("it must be a list of numbers such as [1, 1.2, 0.8]") from None

    @field_validator(
        "ecom_hours", "store_hours", "ecom_weekdays", "store_weekdays", "ecom_months",
        "store_months", "price_endings",
    )  # fmt: skip
    @classmethod
    def _weights(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if min(value) < 0 or not sum(value):
            raise ValueError("weights must not be negative, and their sum must be positive")
        return value
