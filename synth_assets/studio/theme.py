"""Colours and the icon, for Streamlit's settings.

Colours are those of Okabe and Ito, which people with any colour vision tell apart. Streamlit draws
them on light and on dark.
"""

from __future__ import annotations

from typing import Any

COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999", "#B8A800",
)  # fmt: skip
# An icon by its name would be a request to another host.
ICON = (
    '<svg viewBox="0 0 24 24" fill="#0067A3"><circle cx="12" cy="12" r="5"/>'
    '<circle cx="4" cy="5" r="3"/><circle cx="20" cy="5" r="3"/>'
    '<circle cx="12" cy="21" r="2"/></svg>'
)
THEME: dict[str, Any] = {
    "theme.light.primaryColor": "#0067A3",
    "theme.dark.primaryColor": "#56B4E9",
    "theme.chartCategoricalColors": list(COLOURS),
    "theme.baseRadius": "small",
}
