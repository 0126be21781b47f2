"""Figures as PNG in memory and as Markdown, for the ``plots`` of tables."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 110


def figure(width: float, height: float) -> Figure:
    """A figure that does not depend on pyplot, which keeps figures and may need a display.

    Args:
        width: Inches.
        height: Inches.
    """
    # Half a second to import, which every command would wait for.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")


def png(plotted: Figure) -> bytes:
    """The content of a PNG file.

    Args:
        plotted: The figure.
    """
    file = io.BytesIO()
    plotted.savefig(file, format="png")
    return file.getvalue()


def as_markdown(image: bytes, title: str) -> str:
    """Markdown with the image as a data URL, so that no file has to be served.

    Args:
        image: The content of a PNG file.
        title: Alternative text.
    """
    return f"![{title}](data:image/png;base64,{base64.b64encode(image).decode()})"
