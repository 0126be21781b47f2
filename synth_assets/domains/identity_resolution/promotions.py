"""Promotion codes: what each lowers prices by, and on which days it is valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from synth_assets.domains.identity_resolution.calendar import DAYS, SALES_BEGIN, YEARS
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.seasonality import SINGLES_DAY, black_friday

WELCOME, SHIPPING = "WELCOME10", "FREESHIP"
# Where summer is in January.
SOUTHERN = ("AU", "BR")


@dataclass(frozen=True)
class Season:
    """A code with its days: first month and day, last month and day; ``southern`` six months on."""

    code: str
    percent: int
    first: tuple[int, int]
    last: tuple[int, int]
    moves: bool = True

    def days(self, year: int, southern: bool) -> Iterator[date]:
        """The days on which the code is valid.

        Args:
            year: The year.
            southern: Whether seasons are those of the southern hemisphere.
        """
        shift = 6 if southern and self.moves else 0
        first, last = (
            date(year, (month + shift - 1) % 12 + 1, day) for month, day in (self.first, self.last)
        )
        if self.code == "BLACKFRIDAY":
            first, last = (black_friday(year) + timedelta(days=n) for n in (-1, 3))
        for n in range((last - first).days + 1):
            yield first + timedelta(days=n)


SEASONS = (
    Season("SPRING15", 15, (4, 1), (4, 20)),
    Season("SUMMER20", 20, (7, 1), (7, 28)),
    Season("FALL15", 15, (10, 1), (10, 20)),
    Season("SINGLES11", 11, (SINGLES_DAY[0], 8), SINGLES_DAY, moves=False),
    Season("BLACKFRIDAY", 25, (11, 23), (11, 28), moves=False),
    Season("HOLIDAY10", 10, (12, 5), (12, 19), moves=False),
)
# All codes, no code first, and what they lower prices by, in percent.
CODES = (None, *(season.code for season in SEASONS), WELCOME, SHIPPING)
PERCENT = (0, *(season.percent for season in SEASONS), 10, 0)
NONE, WELCOME_CODE, SHIPPING_CODE = 0, len(CODES) - 2, len(CODES) - 1


def season_code(day: pl.Expr) -> pl.Expr:
    """Index into ``CODES`` of the season's code on a day, 0 for none; reads ``locale``.

    Args:
        day: The local day, since the first day of sales.
    """
    southern = gather([locale.country in SOUTHERN for locale in LOCALES], pl.col("locale"))
    return gather(_TABLE, southern.cast(pl.Int64) * DAYS + day)


def lowered(cents: pl.Expr, code: pl.Expr, locale: pl.Expr | int) -> pl.Expr:
    """A price with a code, in hundredths; whole in currencies without minor units.

    Args:
        cents: The price, in hundredths.
        code: Index into ``CODES``.
        locale: Index into ``LOCALES``.
    """
    left = (cents * (100 - gather(PERCENT, code)) + 50) // 100
    if isinstance(locale, int):
        return left
    unit = gather([1 if lo.minor else 100 for lo in LOCALES], locale)
    return left // unit * unit


def valid_days() -> list[str]:
    """Every code with every day (UTC) on which it may be used: ``<code> <date>``."""
    return sorted(
        {
            f"{season.code} {day + timedelta(days=near)}"
            for season in SEASONS
            for year in YEARS
            for southern in (False, True)
            for day in season.days(year, southern)
            for near in (-1, 0, 1)
        }
    )


def _table() -> pl.Series:
    codes = [0] * (2 * DAYS)
    for place, season in enumerate(SEASONS, start=1):
        for southern in (False, True):
            for year in YEARS:
                for day in season.days(year, southern):
                    codes[southern * DAYS + (day - SALES_BEGIN.date()).days] = place
    return pl.Series(codes)


_TABLE = _table()
