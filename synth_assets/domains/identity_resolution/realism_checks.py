"""Checks that names, times and texts are distributed as the scenario says. Failures warn."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.domains.identity_resolution.calendar import (
    DAYS,
    SALES_BEGIN,
    YEARS,
    weights_of_days,
)
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.name_shares import names_of_markets
from synth_assets.domains.identity_resolution.phrases import BY_LANGUAGE
from synth_assets.domains.identity_resolution.scenario_calendar import CalendarScenario
from synth_assets.quality.building import when_complete
from synth_assets.quality.proportions import Proportion, shares_result
from synth_assets.quality.structural import holds
from synth_assets.randomness.seasonality import black_friday

# Last names whose shares are checked, of each market.
MOST_FREQUENT = 3
# Design effect of last names: households have several members, and persons several records.
DESIGN = 3.0
# Currencies of one market with one clock, by which orders are known to be of it.
ONE_CLOCK = {"GBP": "en_GB", "JPY": "ja_JP", "KRW": "ko_KR", "CNY": "zh_CN"}
# Texts that differ, of so many at most.
DISTINCT, AMONG = 0.8, 20_000


def frequent_names() -> Check:
    """A check that frequent last names have their shares in CRM."""

    def measure(stored: TableView) -> list[CheckResult]:
        scenario = stored.scenario
        assert isinstance(scenario, CalendarScenario)
        kept = (1 - scenario.swapped_rate) * scenario.last_name_rates[0]
        counted = stored.all().group_by("country_code", "last_name").agg(pl.len())
        found = {(c, n): rows for c, n, rows in counted.collect(engine="streaming").iter_rows()}
        totals: dict[str, int] = {}
        for (country, _), rows in found.items():
            totals[country] = totals.get(country, 0) + rows
        shares = {}
        for locale, names in zip(LOCALES, names_of_markets()[1], strict=True):
            if locale.country == "CA":
                continue
            for name in sorted(names, key=lambda name: -name.share)[:MOST_FREQUENT]:
                rows = found.get((locale.country, name.native), 0)
                of = totals.get(locale.country, 0)
                shares[f"{locale.country} {name.latin}"] = Proportion(rows, of, name.share * kept)
        return [shares_result(shares, design=DESIGN)]

    doc = "The most frequent last names of each country have their shares of its records."
    check = Check("frequent_last_name_shares", doc, measure, blocking=False, per_partition=False)
    return when_complete(check)


def hours_of_orders() -> Check:
    """A check that online orders have the hours of the day, in local time."""

    def measure(stored: TableView) -> list[CheckResult]:
        scenario = stored.scenario
        assert isinstance(scenario, CalendarScenario)
        clocks = {lo.currency: lo.clock for lo in LOCALES if ONE_CLOCK.get(lo.currency) == lo.code}
        hours = pl.col("currency").replace_strict(clocks, return_dtype=pl.Float64)
        local = pl.col("order_date") + pl.duration(minutes=(hours * 60).cast(pl.Int64))
        counted = (
            _orders(stored)
            .filter(pl.col("currency").is_in(list(clocks)))
            .group_by(local.dt.hour().alias("hour"))
            .agg(pl.len())
        )
        counts = dict(counted.collect(engine="streaming").iter_rows())
        total, weights = sum(counts.values()), scenario.ecom_hours
        shares = {
            f"{hour:02d}": Proportion(counts.get(hour, 0), total, weight / sum(weights))
            for hour, weight in enumerate(weights)
        }
        return [shares_result(shares)]

    doc = "Online orders in markets with one time zone have the scenario's hours, local time."
    return Check("order_hour_distribution", doc, measure, blocking=False, per_partition=False)


def seasons_of_orders() -> Check:
    """A check that online orders have their months, weekdays, years and Black Fridays."""

    def measure(stored: TableView) -> list[CheckResult]:
        scenario = stored.scenario
        assert isinstance(scenario, CalendarScenario)
        # British time is UTC here, so that the date is the local day.
        british = next(locale for locale in LOCALES if locale.code == "en_GB")
        weights = weights_of_days(scenario, british, stores=False)
        day = (pl.col("order_date").dt.date() - pl.lit(SALES_BEGIN.date())).dt.total_days()
        counted = (
            _orders(stored)
            .filter(pl.col("currency") == british.currency)
            .group_by(day.alias("day"))
            .agg(pl.len())
        )
        counts = np.zeros(DAYS, np.int64)
        for place, rows in counted.collect(engine="streaming").iter_rows():
            counts[place] = rows
        first = SALES_BEGIN.date()
        days = [first + timedelta(days=n) for n in range(DAYS)]
        fridays = {black_friday(year) for year in YEARS}
        groups = {f"month {m}": [d.month == m for d in days] for m in range(1, 13)}
        groups |= {f"weekday {w}": [d.weekday() == w for d in days] for w in range(7)}
        groups |= {str(year): [d.year == year for d in days] for year in YEARS}
        groups["black friday"] = [d in fridays for d in days]
        total, weight = int(counts.sum()), float(weights.sum())
        shares = {
            name: Proportion(int(counts[there].sum()), total, float(weights[there].sum()) / weight)
            for name, where in groups.items()
            for there in [np.array(where)]
        }
        return [shares_result(shares)]

    doc = "British online orders have the scenario's months, weekdays, growth and Black Fridays."
    return Check("order_date_seasonality", doc, measure, blocking=False, per_partition=False)


def distinct_texts(column: str) -> Check:
    """A check that few texts are the same.

    Args:
        column: The column of texts.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        texts = stored.all().select(pl.col(column)).drop_nulls()
        row = texts.select(pl.len(), pl.col(column).n_unique().alias("distinct")).collect().row(0)
        rows, distinct = int(row[0]), int(row[1])
        least = DISTINCT * min(rows, AMONG)
        return [CheckResult(None, distinct >= least, float(distinct), f">= {least:,.0f}")]

    doc = f"Of up to {AMONG:,} texts in `{column}`, {DISTINCT:.0%} are distinct."
    return Check(f"{column}_distinct_share", doc, measure, blocking=False, per_partition=False)


def stars_of_texts(text: str, rating: str) -> Check:
    """A check that a text that names a number of stars names its rating.

    Args:
        text: The column of texts.
        rating: The column of ratings.
    """
    named: dict[int, list[str]] = {}
    for phrases in BY_LANGUAGE.values():
        for sentence, stars in phrases.stars.items():
            named.setdefault(stars, []).append(sentence)
    fits = [
        (pl.col(rating) == stars) | ~pl.col(text).fill_null("").str.contains_any(sentences)
        for stars, sentences in named.items()
    ]
    doc = f"A `{text}` that names a number of stars names that of `{rating}`."
    return holds(f"{text}_matches_{rating}", doc, pl.all_horizontal(fits))


def _orders(stored: TableView) -> pl.LazyFrame:
    """The first line of each order."""
    first = pl.col("transaction_id").str.ends_with("-1")
    return stored.all().filter(first).select("currency", "order_date")
