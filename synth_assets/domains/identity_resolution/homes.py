"""Homes: city, street, number and flat of every household, now and before it moved.

Cities have their shares of a market's people, and streets theirs of a city. No two homes of a
street have the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

import numpy as np
import polars as pl

from synth_assets.domains.identity_resolution.address_noise import MOVED, Misspelt
from synth_assets.domains.identity_resolution.apportionment import Apportionment
from synth_assets.domains.identity_resolution.cities import cities
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.streets import abbreviated, streets
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_u16
from synth_assets.randomness.values import since_epoch

# Numbers of a street; a number beyond starts again.
NUMBERS = 8_192
# Largest offset of numbers of a market's streets: where streets are long, and elsewhere.
LONG, SHORT, LONG_STREETS = 2_000, 120, ("US", "CA", "AU", "MX", "BR")
# Share of homes that are flats, where addresses say so, and the number of flats.
FLATS, FLAT_NUMBERS = 0.28, 60
YEAR = 365.25 * 86_400
# A household that has moved before this day has no other address in the data.
LONG_AGO = datetime(2000, 1, 1)
PLACE, STREET = ("city", "city_rank", "city_size"), ("street", "street_number")


class Homes:
    """Homes of all households.

    Args:
        stream: The random stream.
        households: Number of households of each market.
        moves: Moves of a household a year.
        end: The last day of the data.
    """

    def __init__(
        self, stream: RandomStream, households: list[int], moves: float, end: datetime
    ) -> None:
        self._stream = stream
        self._households = pl.Series(households)
        known = [cities(i) for i in range(len(LOCALES))]
        roads = [streets(i) for i in range(len(LOCALES))]
        self._pairs = Apportionment(
            [2 * n for n in households],
            [c.shares for c in known],
            [shares for _, shares in roads],
            stream.substream("places"),
        )
        self._city_names = pl.Series(list(chain.from_iterable(c.names for c in known)))
        seconds = [round(hours * 3_600) for c in known for hours in c.clocks]
        self._clocks = pl.Series(seconds, dtype=pl.Int64)
        self._countries = pl.Series([locale.country for locale in LOCALES])
        named = [
            (s, locale) for locale, (names, _) in zip(LOCALES, roads, strict=True) for s in names
        ]
        clean = [street for street, _ in named]
        self._misspelt = Misspelt(clean, [abbreviated(s, lo.language) for s, lo in named])
        halves = [locale.address.partition("{street}") for locale in LOCALES]
        self._before, self._after = (
            pl.Series([h[i].format(number=n + 1) for h in halves for n in range(NUMBERS)])
            for i in (0, 2)
        )
        flats = [["", *(_flat(lo.unit, n) for n in range(1, FLAT_NUMBERS + 1))] for lo in LOCALES]
        self._flats = pl.Series(list(chain.from_iterable(flats)))
        self._has_flats = pl.Series([bool(locale.unit) for locale in LOCALES])
        self._offsets = pl.Series(
            [LONG if locale.country in LONG_STREETS else SHORT for locale in LOCALES]
        )
        # Time since the last move is exponential.
        unit = (np.arange(LANE_VALUES) + 0.5) / LANE_VALUES
        moved = since_epoch(end) + np.log(unit) / max(moves, 1e-9) * YEAR
        least = since_epoch(LONG_AGO)
        self._moves = pl.Series(np.maximum(np.rint(moved), least).astype(np.int64))

    def moved(self) -> pl.Expr:
        """When the household of a row last moved, in seconds since 1970; reads ``home``."""
        bits = self._stream.substream("moves").bits(pl.col("home"))
        return gather(self._moves, bits % u64(LANE_VALUES))

    def placed(self, frame: pl.LazyFrame, former: pl.Expr | None = None) -> pl.LazyFrame:
        """Adds the parts of an address: ``city``, ``street``, ``number`` and ``flat``.

        Args:
            frame: Rows with ``locale``, ``household`` and ``home``.
            former: Whether the address is the former one; the present one by default.
        """
        locale, household, home = pl.col("locale"), pl.col("household"), pl.col("home")
        if former is not None:
            count = gather(self._households, locale)
            household = pl.when(former).then(household + count).otherwise(household)
        frame = self._pairs.placed(frame, locale, household, PLACE)
        frame = self._pairs.paired(frame, locale, PLACE, STREET)
        # Numbers of a street in a city begin anywhere, low ones more often.
        street = self._stream.substream("number").bits(pl.col("city") * 65_536 + pl.col("street"))
        lane = (street % u64(LANE_VALUES)).cast(pl.Int64)
        start = lane * lane // LANE_VALUES * gather(self._offsets, locale) // LANE_VALUES
        bits = self._stream.substream("flat").bits(home)
        flat = 1 + (bits // u64(LANE_VALUES) % u64(FLAT_NUMBERS)).cast(pl.Int64)
        in_flat = (categorical_u16(bits, (1 - FLATS, FLATS)) == 1) & gather(self._has_flats, locale)
        return frame.with_columns(
            number=(start + pl.col("street_number")) % NUMBERS,
            flat=pl.when(in_flat).then(flat).otherwise(0),
        )

    def address(self, state: pl.Expr | None = None, bits: pl.Expr | None = None) -> pl.Expr:
        """Street, number and flat in the country's order; reads the columns of ``placed``.

        Args:
            state: How the address is shown, an index into ``address_noise.KINDS``; as it is by
                default.
            bits: Random bits that choose the misspelling.
        """
        locale, flat = pl.col("locale"), pl.col("flat")
        place = locale * NUMBERS + pl.col("number")
        street = self._misspelt.street(pl.col("street"), state, bits)
        shown = self._misspelt.flat(flat, state)
        return pl.concat_str(
            gather(self._before, place),
            street,
            gather(self._after, place),
            gather(self._flats, locale * (FLAT_NUMBERS + 1) + shown),
        )

    def shown(
        self, frame: pl.LazyFrame, record: pl.Expr, stream: RandomStream, rates: Sequence[float]
    ) -> pl.LazyFrame:
        """Adds how records show the address: ``address_state`` and ``address_bits``.

        The state is an index into ``address_noise.KINDS``.

        Args:
            frame: Records with ``moved``, and the columns of ``placed`` of the address it says.
            record: Number of the record.
            stream: The random stream of the records' source.
            rates: Share of each kind.
        """
        drawn = categorical_u16(pl.col("address_bits"), rates).cast(pl.Int64)
        state = self._misspelt.effective(drawn)
        return frame.with_columns(
            address_bits=stream.substream("address").bits(record)
        ).with_columns(address_state=pl.when("moved").then(MOVED).otherwise(state))

    def shown_address(self) -> pl.Expr:
        """Street, number and flat that a record shows; reads the columns of ``shown``."""
        return self.address(pl.col("address_state"), pl.col("address_bits"))

    def city_name(self) -> pl.Expr:
        """The city; reads the columns of ``placed``."""
        return gather(self._city_names, pl.col("city"))

    def country(self) -> pl.Expr:
        """ISO 3166 code of the country; reads ``locale``."""
        return gather(self._countries, pl.col("locale"))

    def clock(self) -> pl.Expr:
        """Local time minus UTC in seconds; reads the columns of ``placed``."""
        return gather(self._clocks, pl.col("city"))


def _flat(unit: str, number: int) -> str:
    return unit.format(n=number)
