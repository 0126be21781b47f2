"""The range of dates of a dashboard, and the days that the data have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from synth_assets.studio.warehouse import NotBuiltError, Warehouse


@dataclass(frozen=True)
class Period:
    """A range of days, both of which belong to it."""

    first: date
    last: date

    @property
    def parameters(self) -> dict[str, date]:
        """The parameters ``$first`` and ``$last`` of a query."""
        return {"first": self.first, "last": self.last}


def period(warehouse: Warehouse, key: str, sql: str) -> Period:
    """The chosen range of dates, by default all days.

    Args:
        warehouse: The warehouse.
        key: Key of the widget.
        sql: A query of the first and the last day.

    Raises:
        NotBuiltError: There are no days.
    """
    least, most = warehouse.query(sql).row(0)
    if least is None:
        raise NotBuiltError("the models have no rows")
    chosen = st.date_input(
        "Dates", (least, most), least, most, key=f"{key} {least} {most}", format="YYYY-MM-DD"
    )
    days = chosen if isinstance(chosen, tuple) else (chosen,)
    # While only the first day is chosen, the last one is that of the data.
    return Period(days[0] if days else least, days[1] if len(days) > 1 else most)
