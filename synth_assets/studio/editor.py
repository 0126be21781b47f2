"""An editor of SQL that completes names, as a component of the studio's own (``editor.js``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent
# Keywords that are offered besides the names.
KEYWORDS = (
    "SELECT", "WITH", "FROM", "INNER JOIN", "LEFT JOIN", "ON", "WHERE", "GROUP BY", "HAVING",
    "ORDER BY", "LIMIT", "COUNT(DISTINCT", "COUNT(*)", "SUM(", "AVG(", "DISTINCT", "AS",
    "AGGREGATION_THRESHOLD", "DIFFERENTIAL_PRIVACY", "OPTIONS(",
)  # fmt: skip


@cache
def _component() -> Any:
    html, css, js = ((HERE / f"editor.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("sql_editor", html=html, css=css, js=js)


def sql_editor(label: str, sql: str, words: Mapping[str, str], key: str) -> str | None:
    """Draws the editor.

    Args:
        label: Its name.
        sql: The text to begin with; another one replaces what was typed.
        words: Names that it completes, each with what it is.
        key: Its key.

    Returns:
        The query when a person runs it, once; else None.
    """
    offered = {**words, **dict.fromkeys(KEYWORDS, "SQL")}
    data = {"label": label, "sql": sql, "words": [[name, what] for name, what in offered.items()]}
    result = _component()(data=data, key=key, on_run_change=lambda: None)
    return None if result.run is None else str(result.run)
