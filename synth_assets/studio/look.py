"""How pages look: plots, rows of numbers and the export of a table.

A colour is never the only sign of anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.studio import formats, safe

GOOD, BAD, UNSURE = ":material/check_circle:", ":material/error:", ":material/warning:"
# A sign beside the word, so that nobody needs the colour.
STATUSES = {
    "passed": "✓ passed", "failed": "✗ failed", "warned": "! warned", "missing": "– missing",
}  # fmt: skip
ICONS = {"passed": GOOD, "failed": BAD, "warned": UNSURE, "missing": UNSURE}
STATUS_COLOURS = {
    "passed": "#009E73",
    "failed": "#D55E00",
    "warned": "#E69F00",
    "missing": "#999999",
}
# Pixels of a plot, and of a row of its legend, which has as many columns as a phone is wide.
HEIGHT, ROW, COLUMNS = 280, 20, 2
# Names of data as words, and labels of an axis about.
WORDS, TICKS = "replace(datum.label, regexp('_', 'g'), ' ')", 6
# Days above which an axis has months with their year, then weeks, then days; hours below.
YEARS, WEEKS, HOURS = 400, 14, 4


def scale_of(statuses: Sequence[str]) -> alt.Scale:
    """The colours of statuses of checks.

    Args:
        statuses: The statuses, in order.
    """
    return alt.Scale(domain=list(statuses), range=[STATUS_COLOURS[one] for one in statuses])


def numbers(values: Mapping[str, str], help_: Mapping[str, str] = {}) -> None:
    """A row of numbers, each with its name; on a phone they are below each other.

    Args:
        values: Texts by name.
        help_: Explanations by name.
    """
    with st.container(horizontal=True):
        for name, value in values.items():
            st.metric(name, value, help=help_.get(name), border=True, width="stretch")


def tabs(key: str, sections: Mapping[str, Callable[[], None]]) -> None:
    """Tabs, of which only the open one is drawn.

    Args:
        key: Key of the widget.
        sections: What draws each tab, by its name.
    """
    for tab, draw in zip(
        st.tabs(list(sections), key=key, on_change="rerun"), sections.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw()


def plot(chart: alt.Chart | alt.LayerChart, height: int = HEIGHT) -> None:
    """Draws a plot over the whole width.

    Args:
        chart: The plot.
        height: Its height in pixels.
    """
    st.altair_chart(chart.properties(height=height), width="stretch")


def legend() -> alt.Legend:
    """A legend below a plot."""
    return alt.Legend(title=None, orient="bottom", columns=COLUMNS, labelExpr=WORDS)


def names(**options: Any) -> alt.Axis:
    """An axis of names, of which none is left out.

    Args:
        **options: Options of it.
    """
    return alt.Axis(labelExpr=WORDS, labelLimit=240, labelOverlap=False, **options)


def days(frame: pl.DataFrame, column: str) -> alt.X:
    """An axis of time, whose labels have what differs between them.

    Args:
        frame: What is plotted.
        column: Its column of days or moments.
    """
    found = frame[column].drop_nulls()
    span = (found.max() - found.min()).days if len(found) else 0  # type: ignore[operator, union-attr]
    options: dict[str, Any] = {}
    if span > YEARS:
        options = {"format": "%b %Y"}
    elif span > HOURS:
        weeks = span // 7 // TICKS + 1
        ticks = ("week", weeks) if span > WEEKS else ("day", 1)
        options = {"format": "%b %-d", "tickCount": {"interval": ticks[0], "step": ticks[1]}}
    return alt.X(f"{column}:T", title=None, axis=alt.Axis(labelOverlap=True, **options))


def funnel(frame: pl.DataFrame, stage: str, count: str) -> None:
    """Bars of stages in their order, each with its share of the first.

    Args:
        frame: The stages.
        stage: Column of their names.
        count: Column of numbers.
    """
    first = float(frame.select(pl.col(count).max()).item() or 1)
    texts = [f"{100 * float(number) / first:.3g}%" for number in frame[count]]
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    base = alt.Chart(frame.with_columns(share=pl.Series(texts))).encode(
        x=alt.X(f"{count}:Q", scale=alt.Scale(type="symlog", domainMax=first * 8), axis=axis,
                title=f"{formats.label(count)} (log scale)"),
        y=alt.Y(f"{stage}:N", sort=None, title=None, axis=names()),
        tooltip=[stage, alt.Tooltip(f"{count}:Q", format=",.0f"), "share"],
    )  # fmt: skip
    label = base.mark_text(align="left", dx=4, color="gray").encode(text="share:N")
    plot(base.mark_bar() + label)


def lines(
    frame: pl.DataFrame, x: str, y: str, colour: str | None = None, title: str | None = None
) -> None:
    """Lines over time.

    Args:
        frame: The points.
        x: Column of days.
        y: Column of numbers.
        colour: Column by which lines differ, in colour and in dashes.
        title: Title of the numbers.
    """
    encoded: dict[str, Any] = {
        "x": days(frame, x),
        "y": alt.Y(f"{y}:Q", title=title or formats.label(y)),
        "tooltip": [alt.Tooltip(f"{x}:T"), alt.Tooltip(f"{y}:Q", format=",.2f")],
    }
    if colour:
        encoded["color"] = alt.Color(f"{colour}:N", legend=legend())
        encoded["strokeDash"] = alt.StrokeDash(f"{colour}:N", legend=legend())
        encoded["tooltip"].append(alt.Tooltip(f"{colour}:N"))
    height = HEIGHT + (ROW * (frame[colour].n_unique() // COLUMNS) if colour else 0)
    plot(alt.Chart(frame).mark_line(strokeWidth=2).encode(**encoded), height)


def bars(
    frame: pl.DataFrame,
    x: str,
    y: str,
    colour: str | None = None,
    order: Sequence[str] | None = None,
    title: str | None = None,
) -> None:
    """Horizontal bars with their names; grouped by colour if there is one.

    Args:
        frame: The bars.
        x: Column of numbers.
        y: Column of names.
        colour: Column of groups.
        order: Names in order; by size without.
        title: Title of the numbers.
    """
    sort: Any = list(order) if order is not None else "-x"
    encoded: dict[str, Any] = {
        "x": alt.X(f"{x}:Q", title=title or formats.label(x), axis=alt.Axis(tickCount=TICKS)),
        "y": alt.Y(f"{y}:N", sort=sort, title=None, axis=names()),
        "tooltip": [alt.Tooltip(f"{y}:N"), alt.Tooltip(f"{x}:Q", format=",.4~f")],
    }
    groups = 1
    if colour:
        groups = frame[colour].n_unique()
        encoded["color"] = alt.Color(f"{colour}:N", legend=legend())
        encoded["yOffset"] = alt.YOffset(f"{colour}:N")
        encoded["tooltip"].append(alt.Tooltip(f"{colour}:N"))
    height = max(120, frame[y].n_unique() * (12 * groups + 12) + 60 + ROW * (groups // COLUMNS))
    plot(alt.Chart(frame).mark_bar().encode(**encoded), height)


def table(frame: pl.DataFrame, name: str, height: int | None = None) -> None:
    """A table, and a button that exports it as CSV.

    Args:
        frame: The rows, of which a page shows at most a few hundred.
        name: What it is, which becomes the name of the file.
        height: Height in pixels.
    """
    options: dict[str, Any] = {"height": height} if height else {}
    config = {name: _column(name, dtype) for name, dtype in frame.schema.items()}
    st.dataframe(frame, hide_index=True, width="stretch", column_config=config, **options)
    export(frame, name)


def select(
    rows: Any, ids: Sequence[str], key: str, columns: Mapping[str, Any] = {}, **options: Any
) -> str | None:
    """A table of which a person selects a row, which stays selected when rows come and go.

    Args:
        rows: The rows.
        ids: An id of each row, unique in the table.
        key: Key of the widget.
        columns: How columns are shown, by name.
        **options: Options of the table.

    Returns:
        The id of the selected row; None if there is none.
    """
    remembered = f"{key} selected"
    before = st.session_state.get(remembered)
    # A widget knows rows by their position alone: other rows have a widget of their own.
    chosen = st.dataframe(
        rows, hide_index=True, width="stretch", on_select="rerun", selection_mode="single-row",
        key=f"{key} {hash(tuple(ids))}", column_config=columns, **options,
        selection_default={"selection": {"rows": [ids.index(before)]}} if before in ids else None,
    )  # fmt: skip
    selected = chosen["selection"]["rows"]
    st.session_state[remembered] = ids[selected[0]] if selected else None
    return ids[selected[0]] if selected else None


def _column(name: str, dtype: pl.DataType) -> Any:
    """How a column of a table is shown."""
    title = formats.label(name)
    if dtype.is_numeric():
        return st.column_config.NumberColumn(title, format="localized")
    return st.column_config.DateColumn(title) if dtype == pl.Date else title


def export(frame: pl.DataFrame, name: str) -> None:
    """A button that exports a table as CSV.

    Args:
        frame: The rows.
        name: What it is, which becomes the name of the file.
    """
    file = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    st.download_button(
        "Export as CSV",
        lambda: safe.csv(frame),
        file_name=f"{file}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"export {name}",
        on_click="ignore",  # the page stays as it is
        type="tertiary",
        help=f"{len(frame):,} rows of “{name}”. Texts that a spreadsheet would execute get an "
        "apostrophe.",
    )
