"""Values from data as text that nothing executes: Markdown, HTML, spreadsheets, links.

Every value that comes from a table, a file, a run or a person passes through here before a page
shows it, except in tables and plots, which show text as text.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import polars as pl

# Whatever has a meaning in Markdown as Streamlit extends it: HTML, links, formulas, directives.
MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@^=\"'])")
# A spreadsheet executes a cell that begins with one of these.
FORMULA = r"^[\s\x00]*[=+\-@\t\r|%]"
SCHEMES = ("http", "https")
# The longest text of a value that a page shows in a sentence.
MOST_CHARACTERS = 300


def markdown(value: Any) -> str:
    """A value in Markdown, as the text that it is.

    Args:
        value: A value of a cell, or a text.
    """
    text = " ".join(str(value).split())
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 1] + "…"
    return MARKDOWN.sub(r"\\\1", text)


def link(url: str) -> str | None:
    """An address, if a browser only opens it; None for one that would be executed.

    Args:
        url: The address.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme.lower() in SCHEMES and parts.netloc else None


def csv(frame: pl.DataFrame) -> bytes:
    """A table as CSV that a spreadsheet does not execute.

    Text that begins like a formula gets an apostrophe before it, which a spreadsheet hides. Numbers
    stay as they are. Lists and structs become JSON text.

    Args:
        frame: The table.
    """
    flat = frame.with_columns(
        *(_as_text(name) for name, dtype in frame.schema.items() if dtype.is_nested()),
        *(pl.col(name).bin.encode("hex") for name, t in frame.schema.items() if t == pl.Binary),
        pl.col(pl.Enum, pl.Categorical).cast(pl.String),
    )
    harmless = flat.with_columns(
        pl.when(pl.col(pl.String).str.contains(FORMULA))
        .then(pl.concat_str(pl.lit("'"), pl.col(pl.String)))
        .otherwise(pl.col(pl.String))
        .name.keep()
    )
    named = {name: f"'{name}" for name in flat.columns if re.match(FORMULA, name)}
    return harmless.rename(named).write_csv().encode()


def _as_text(name: str) -> pl.Expr:
    return pl.struct(name).struct.json_encode().alias(name)
