"""Bars of a value over partitions, as an SVG in Markdown, which Dagster's metadata can show.

Dagster's own plots of a check have the run's time as their axis, so that all partitions of a run
are one point. Those of a daily table with a last day are empty: they ask for the days before today.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping
from html import escape
from statistics import quantiles

# The most partitions that a plot has.
MOST_BARS = 400
# Bars end at this multiple of the value that nine of ten do not exceed, or one would hide the rest.
CUT = 4
WIDTH, HEIGHT, MARGIN = 640, 120, 16
PASSED, FAILED, TEXT = "#4c78a8", "#d62728", "#6b7280"


def bars(values: Mapping[str, float], title: str, failed: Collection[str] = ()) -> str | None:
    """Values over partitions as bars, in Markdown.

    Args:
        values: The value of each partition, in their order.
        title: What the values are, for readers who do not see the picture.
        failed: Partitions with a red bar.

    Returns:
        None if there is nothing to see: all values are equal, or there are too many.
    """
    if not 1 < len(values) <= MOST_BARS or min(values.values()) == max(values.values()):
        return None
    low, highest = min(0.0, *values.values()), max(0.0, *values.values())
    most = round(CUT * quantiles(values.values(), n=10)[-1], 2)
    high = min(highest, most) if most > 0 else highest
    step, scale = WIDTH / len(values), HEIGHT / (high - low)
    drawn = "".join(
        f'<rect x="{i * step:.1f}" y="{MARGIN + (high - max(min(value, high), 0)) * scale:.1f}" '
        f'width="{max(step - 1, 1):.1f}" height="{max(abs(min(value, high)) * scale, 1):.1f}" '
        f'fill="{FAILED if key in failed else PASSED}"/>'
        for i, (key, value) in enumerate(values.items())
    )
    first, *_, last = map(escape, values)
    bottom = HEIGHT + 2 * MARGIN - 2
    cut = f", where bars are cut: the highest is {highest:,g}" if high < highest else ""
    texts = (
        f'<text x="0" y="11">{high:,g}{cut}</text><text x="0" y="{bottom}">{first}</text>'
        f'<text x="{WIDTH}" y="{bottom}" text-anchor="end">{last}</text>'
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT + 2 * MARGIN}" '
        f'font-family="sans-serif" font-size="11" fill="{TEXT}">{drawn}{texts}</svg>'
    )
    return f"![{title}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
