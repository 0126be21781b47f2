"""The history of a domain's gate: the reports that were published, and what changed in each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.reports.files import HISTORY
from synth_assets.reports.history import COUNTS, Entry, entries
from synth_assets.studio import formats, look, safe

# Reports that the page shows.
MOST = 100
MOMENT = "%Y-%m-%d %H:%M"


def draw(folder: Path, domain: str) -> None:
    """Draws the history.

    Args:
        folder: Where gate reports are published.
        domain: Name of the domain.
    """
    try:
        reports = entries(folder / HISTORY, domain, MOST)
    except UserError as error:
        st.error(safe.message(error))
        return
    if not reports:
        st.caption("No report of all tables of the domain has been published.")
        return
    _plot(reports)
    rows = [_row(entry, before) for entry, before in zip(reports, [None, *reports], strict=False)]
    ids = [entry.created_at.isoformat() for entry in reports[::-1]]
    config = {"Rows": st.column_config.NumberColumn(format="localized")}
    chosen = look.select(rows[::-1], ids, f"gate history {domain}", config)
    look.export(pl.DataFrame(rows[::-1]), f"gate history {domain}")
    if chosen is None:
        st.caption("Select a report to see the checks that did not pass.")
        return
    _findings(reports[::-1][ids.index(chosen)])


def _row(entry: Entry, before: Entry | None) -> dict[str, Any]:
    """A report, and what passed in the report before it and no longer does."""
    new = [] if before is None else sorted(set(entry.findings) - set(before.findings))
    return {
        "Published": formats.moment(entry.created_at),
        "Gate": look.STATUSES[entry.verdict],
        **{formats.label(status): entry.counts[status] for status in COUNTS},
        "Rows": entry.totals["rows"],
        "New since the report before": ", ".join(f"{table} {check}" for table, check in new),
    }


def _plot(reports: Sequence[Entry]) -> None:
    """The checks that did not pass in each report, if there is any."""
    counted = [
        {"published": f"{entry.created_at:{MOMENT}:%S}", "status": status,
         "checks": entry.counts[status]}
        for entry in reports for status in COUNTS if status != "passed" and entry.counts[status]
    ]  # fmt: skip
    if not counted or len(reports) == 1:
        return
    order = [f"{entry.created_at:{MOMENT}:%S}" for entry in reports]
    chart = alt.Chart(pl.DataFrame(counted)).mark_bar()
    look.plot(
        chart.encode(
            x=alt.X("published:O", scale=alt.Scale(domain=order), title=None,
                    axis=alt.Axis(labelAngle=-40, labelOverlap=True)),
            y=alt.Y("checks:Q", title="Checks that did not pass", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("status:N", scale=look.scale_of(COUNTS),
                            legend=look.legend()),
            tooltip=["published", "status", "checks"],
        )
    )  # fmt: skip


def _findings(entry: Entry) -> None:
    if not entry.findings:
        st.caption(f"Every check passed on {formats.moment(entry.created_at)}.")
        return
    rows = [
        {"Table": table, "Check": check, "Status": look.STATUSES[status]}
        for (table, check), status in sorted(entry.findings.items())
    ]
    look.table(pl.DataFrame(rows), f"findings {entry.domain} {entry.created_at:{MOMENT}}")
