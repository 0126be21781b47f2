"""An HTML page in a frame, as a component of the studio's own (``frame.js``).

Streamlit's frames let scripts run with the rights of the studio's pages; this one lets none run.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from synth_assets.studio import safe

HERE = Path(__file__).parent


@cache
def _component() -> Any:
    html, css, js = ((HERE / f"frame.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("page_frame", html=html, css=css, js=js)


def frame(page: str, title: str, key: str) -> None:
    """Draws a page in a frame.

    Args:
        page: The page.
        title: What it is.
        key: Key of the component.
    """
    _component()(data={"page": safe.framed(page), "title": title}, key=key)
