"""Figures as PNG in memory, and as Markdown, for what a table's ``plots`` shows."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 110


def figure(width: float, height: float) -> Figure:
    """A figure without pyplot, which keeps figures for ever and wants a display."""
    # Half a second to import, which every command would wait for.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")


def png(drawn: Figure) -> bytes:
    """The figure as a file."""
    file = io.BytesIO()
    drawn.savefig(file, format="png")
    return file.getvalue()


def as_markdown(image: bytes, title: str) -> str:
    """An image inside the text itself, so that no file has to be served."""
    return f"![{title}](data:image/png;base64,{base64.b64encode(image).decode()})"
