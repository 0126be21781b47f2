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
STATUS_COLOURS = {
    "passed": "#009E73",
    "failed": "#D55E00",
    "warned": "#E69F00",
    "missing": "#999999",
}
# Heights of plots in pixels.
HEIGHT = 280


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


def funnel(frame: pl.DataFrame, stage: str, count: str) -> None:
    """Bars of stages in their order, each with its number and its share of the first.

    Args:
        frame: The stages.
        stage: Column of their names.
        count: Column of numbers.
    """
    most = float(frame.select(pl.col(count).max()).item() or 1)
    text = pl.format("{} ({}%)", count, (pl.col(count) * 100 / most).round(2))
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    base = alt.Chart(frame.with_columns(text=text)).encode(
        x=alt.X(f"{count}:Q", scale=alt.Scale(type="symlog", domainMax=most * 8), axis=axis,
                title=f"{formats.label(count)} (log scale)"),
        y=alt.Y(f"{stage}:N", sort=None, title=None),
        tooltip=[stage, count, alt.Tooltip("text:N", title="share")],
    )  # fmt: skip
    label = base.mark_text(align="left", dx=4, color="gray").encode(text="text:N")
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
        "x": alt.X(f"{x}:T", title=None),
        "y": alt.Y(f"{y}:Q", title=title or formats.label(y)),
        "tooltip": [alt.Tooltip(f"{x}:T"), alt.Tooltip(f"{y}:Q", format=",.2f")],
    }
    if colour:
        legend = alt.Legend(title=None, orient="bottom", columns=3)
        encoded["color"] = alt.Color(f"{colour}:N", legend=legend)
        encoded["strokeDash"] = alt.StrokeDash(f"{colour}:N", legend=legend)
        encoded["tooltip"].append(alt.Tooltip(f"{colour}:N"))
    plot(alt.Chart(frame).mark_line(strokeWidth=2).encode(**encoded))


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
        "x": alt.X(f"{x}:Q", title=title or formats.label(x)),
        "y": alt.Y(f"{y}:N", sort=sort, title=None, axis=alt.Axis(labelLimit=240)),
        "tooltip": [alt.Tooltip(f"{y}:N"), alt.Tooltip(f"{x}:Q", format=",.4~f")],
    }
    groups = 1
    if colour:
        groups = frame[colour].n_unique()
        encoded["color"] = alt.Color(f"{colour}:N", legend=alt.Legend(title=None, orient="bottom"))
        encoded["yOffset"] = alt.YOffset(f"{colour}:N")
        encoded["tooltip"].append(alt.Tooltip(f"{colour}:N"))
    height = max(120, frame[y].n_unique() * (12 * groups + 12) + 60)
    plot(alt.Chart(frame).mark_bar().encode(**encoded), height)


def table(frame: pl.DataFrame, name: str, height: int | None = None) -> None:
    """A table, and a button that exports it as CSV.

    Args:
        frame: The rows, of which a page shows at most a few hundred.
        name: What it is, which becomes the name of the file.
        height: Height in pixels.
    """
    options: dict[str, Any] = {"height": height} if height else {}
    config: dict[str, Any] = {
        column: st.column_config.NumberColumn(formats.label(column), format="localized")
        if dtype.is_numeric()
        else formats.label(column)
        for column, dtype in frame.schema.items()
    }
    st.dataframe(frame, hide_index=True, width="stretch", column_config=config, **options)
    export(frame, name)


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
        type="tertiary",
        help=f"{len(frame):,} rows of “{name}”. Texts that a spreadsheet would execute get an "
        "apostrophe.",
    )
