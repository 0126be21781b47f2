"""Names as records show them: with noise, swapped, or the last name that a person had before."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.identity_resolution.calendar import SALES_END
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.misspelling import TYPOS
from synth_assets.domains.identity_resolution.name_noise import (
    CLEAN,
    FIRST_KINDS,
    FORMER,
    LAST_KINDS,
    SWAPPED,
    Variants,
)
from synth_assets.domains.identity_resolution.name_shares import every_name
from synth_assets.domains.identity_resolution.people import People
from synth_assets.domains.identity_resolution.scenario_noise import NoiseScenario
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_u16
from synth_assets.randomness.values import since_epoch

# Markets where people take another last name when they marry.
RENAMING = ("US", "GB", "DE", "FR", "JP", "IN", "AU", "BR")
YEAR = 365.25 * 86_400
FIRST_SWAPPED, LAST_SWAPPED = FIRST_KINDS.index(SWAPPED), LAST_KINDS.index(SWAPPED)
LAST_FORMER = LAST_KINDS.index(FORMER)


class RecordNames:
    """First and last names of records.

    Args:
        stream: The random stream of changes of names.
        people: The people.
        scenario: Rates of noise.
    """

    def __init__(self, stream: RandomStream, people: People, scenario: NoiseScenario) -> None:
        self._stream, self._people, self._scenario = stream, people, scenario
        self._firsts, self._lasts = _variants()
        self._renames = pl.Series(
            [locale.country in RENAMING and locale.code != "fr_CA" for locale in LOCALES]
        )
        # Time since the last change is exponential.
        unit = (np.arange(LANE_VALUES) + 0.5) / LANE_VALUES
        since = np.log(unit) / max(scenario.renames_per_year, 1e-9) * YEAR
        self._renamed = pl.Series(
            np.maximum(np.rint(since + since_epoch(SALES_END)), 0).astype(np.int64)
        )

    def first_may_change(self, record: pl.Expr, stream: RandomStream) -> pl.Expr:
        """Whether a record may show another first name than the person's, by the record alone.

        Args:
            record: Number of the record.
            stream: The random stream of the records' source.
        """
        bits = stream.substream("names").bits(record)
        drawn = categorical_u16(bits, self._scenario.first_name_rates, 0)
        return self._swapped(bits) | (drawn > FIRST_KINDS.index(CLEAN))

    def _swapped(self, bits: pl.Expr) -> pl.Expr:
        rate = self._scenario.swapped_rate
        return categorical_u16(bits, (1 - rate, rate), 2) == 1

    def shown(
        self, frame: pl.LazyFrame, record: pl.Expr, stream: RandomStream, when: pl.Expr
    ) -> pl.LazyFrame:
        """Adds how records show names: ``name_bits``, ``first_state`` and ``last_state``.

        The states are indices into ``FIRST_KINDS`` and ``LAST_KINDS``; ``last_shown`` is the last
        name without noise that a record has.

        Args:
            frame: Records with the columns of ``People.named``.
            record: Number of the record.
            stream: The random stream of the records' source.
            when: Seconds since 1970 when the record was last changed.
        """
        bits, person, locale = pl.col("name_bits"), pl.col("person"), pl.col("locale")
        first = categorical_u16(bits, self._scenario.first_name_rates, 0)
        last = categorical_u16(bits, self._scenario.last_name_rates, 1)
        change = self._stream.substream("rename").bits(person)
        before = gather(self._renamed, change % u64(LANE_VALUES)) > when
        former = self._people.other_last(locale, change // u64(LANE_VALUES))
        renamed = before & gather(self._renames, locale) & (former != pl.col("last"))
        return (
            frame.with_columns(name_bits=stream.substream("names").bits(record))
            .with_columns(
                swapped=self._swapped(bits),
                last_shown=pl.when(renamed).then(former).otherwise(pl.col("last")),
            )
            .with_columns(
                first_state=pl.when("swapped").then(FIRST_SWAPPED).otherwise(
                    self._firsts.kind(pl.col("first"), first)
                ),
                first_drawn=first.cast(pl.Int64),
                last_state=pl.when("swapped").then(LAST_SWAPPED)
                .when(pl.col("last_shown") != pl.col("last")).then(LAST_FORMER)
                .otherwise(self._lasts.kind(pl.col("last"), last)),
                last_drawn=pl.when(pl.col("last_shown") != pl.col("last")).then(0)
                .otherwise(last.cast(pl.Int64)),
            )
        )  # fmt: skip

    def first_name(self) -> pl.Expr:
        """The first name that a record shows; reads the columns of ``shown``."""
        proper = self._firsts.text(pl.col("first"), pl.col("first_drawn"), _which(48))
        other = gather(self._people.last_natives, pl.col("last_shown"))
        return pl.when("swapped").then(other).otherwise(proper)

    def last_name(self) -> pl.Expr:
        """The last name that a record shows; reads the columns of ``shown``."""
        proper = self._lasts.text(pl.col("last_shown"), pl.col("last_drawn"), _which(50))
        return pl.when("swapped").then(self._people.first_name()).otherwise(proper)


@cache
def _variants() -> tuple[Variants, Variants]:
    """First and last names with noise, which are the same in every scenario."""
    names = every_name()
    return Variants(names.firsts, FIRST_KINDS), Variants(names.lasts, LAST_KINDS)


def _which(bit: int) -> pl.Expr:
    return (pl.col("name_bits") // u64(1 << bit) % u64(TYPOS)).cast(pl.Int64)
