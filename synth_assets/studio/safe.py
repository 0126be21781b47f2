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
# Streamlit makes links of these, whatever is escaped in them; code stays text.
LINKED = re.compile(r"(?:https?://|www\.)[^\s`]+|[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE)
# A spreadsheet executes a cell that begins with one of these, some of them in full width, too. What
# nobody sees may be before it: white space of any kind, control and formatting characters.
FORMULA = r"^[\s\p{Z}\p{C}]*[=+\-@\t\r|%＝＋－＠｜％−]"
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
    parts, at = [], 0
    for found in LINKED.finditer(text):
        parts += [_escaped(text[at : found.start()]), f"`{found[0]}`"]
        at = found.end()
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return MARKDOWN.sub(r"\\\1", text)


def message(error: Exception) -> str:
    """An error in Markdown: commands and names between backticks as code, the rest as text.

    Args:
        error: The error.
    """
    text = str(error)
    parts = text.split("`")
    if len(parts) % 2 == 0 or len(text) > MOST_CHARACTERS:
        return markdown(text)
    # Code is shown as it is: nothing but a backtick has a meaning in it.
    return "".join(
        f"`{' '.join(part.split())}`" if index % 2 and part.strip() else _kept(part)
        for index, part in enumerate(parts)
    )


def _kept(part: str) -> str:
    """A part of a sentence in Markdown, with the spaces at its ends."""
    before, after = part[:1].isspace(), part[-1:].isspace()
    return f"{' ' * before}{markdown(part)}{' ' * (after and part.strip() != '')}"


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
    flat = frame.select(_flat(name, dtype) for name, dtype in frame.schema.items())
    texts = [name for name, dtype in flat.schema.items() if dtype == pl.String]
    harmless = flat.with_columns(
        pl.when(pl.col(name).str.contains(FORMULA))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )
    formulas = pl.Series(flat.columns, dtype=pl.String).str.contains(FORMULA)
    named = {name: f"'{name}" for name, bad in zip(flat.columns, formulas, strict=True) if bad}
    return harmless.rename(named).write_csv().encode()


def _flat(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as a spreadsheet can have it."""
    if dtype.is_nested():
        return pl.struct(name).struct.json_encode().alias(name)
    if dtype == pl.Binary:
        return pl.col(name).bin.encode("hex")
    if isinstance(dtype, pl.Enum | pl.Categorical):
        return pl.col(name).cast(pl.String)
    return pl.col(name)


# A page in a frame may draw, and do nothing else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"


LINK = re.compile(r'(<a\b[^>]*?)\shref="([^"]*)"', re.IGNORECASE)


def framed(page: str) -> str:
    """An HTML page for a frame of the studio, in which no script runs and nothing is loaded.

    Its links open another tab, or a place of the page; those to files beside it open nothing, since
    the studio does not serve them.

    Args:
        page: The page.
    """
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    linked = LINK.sub(_framed_link, page)
    # Before everything else: a policy holds for what comes after it.
    return re.sub(
        r"^(\s*<!doctype[^>]*>)?", rf"\g<0>{policy}", linked, count=1, flags=re.IGNORECASE
    )


def _framed_link(found: re.Match[str]) -> str:
    before, url = found.groups()
    if url.startswith("#"):
        return found[0]
    return f'{before} href="{url}" target="_blank" rel="noopener"' if link(url) else before
