"""The range of dates of a dashboard, and the days that the data have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.studio.warehouse import NotBuiltError, Warehouse

# Days that can be chosen.
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True)
class Period:
    """A range of days, both of which belong to it.

    Attributes:
        first: The first day.
        last: The last day.
        whole: Whether it has all days of the data.
    """

    first: date
    last: date
    whole: bool = False

    @property
    def parameters(self) -> dict[str, date]:
        """The parameters ``$first`` and ``$last`` of a query."""
        return {"first": self.first, "last": self.last}

    def has(self, moment: str) -> pl.Expr:
        """Whether a moment is in the range.

        Args:
            moment: A column of moments.
        """
        return pl.col(moment).dt.date().is_between(self.first, self.last)


def period(warehouse: Warehouse, key: str, sql: str) -> Period:
    """The range of dates that a person has chosen among the days of the models.

    Args:
        warehouse: The warehouse.
        key: Key of the widget.
        sql: A query of the first and the last day.

    Raises:
        NotBuiltError: There are no days.
        UserError: None of the chosen days has data.
    """
    least, most = warehouse.query(sql).row(0)
    return choose_period(key, least, most)


def choose_period(key: str, least: date | None, most: date | None) -> Period:
    """The range of dates that a person has chosen, by default all days.

    Args:
        key: Key of the widget.
        least: The first day of the data.
        most: The last day of the data.

    Raises:
        NotBuiltError: There are no days.
        UserError: None of the chosen days has data.
    """
    if least is None or most is None:
        raise NotBuiltError("there are no rows")
    # Without bounds: a browser keeps days that are out of them to itself, and the page would go on
    # with the ones before.
    chosen = st.date_input(
        "Dates", (least, most), EARLIEST, LATEST, key=f"{key} {least} {most}", format="YYYY-MM-DD"
    )
    days = chosen if isinstance(chosen, tuple) else (chosen,)
    # While only the first day is chosen, the last one is that of the data.
    first, last = days[0] if days else least, days[1] if len(days) > 1 else max((most, *days))
    if last < least or first > most:
        raise UserError(f"no data in these dates: they are from {least} to {most}")
    if first < least or last > most:
        st.caption(f"The data are from {least} to {most}.")
    return Period(first, last, whole=first <= least and most <= last)
