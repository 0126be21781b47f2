"""Values of data as text that nothing executes."""

from __future__ import annotations

import re

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.studio import safe

PLANTED = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[press](javascript:alert(1))",
    "![x](http://x/y.png)",
    "**bold** `code` $x^2$ :red[red] :material/home: ~~no~~",
    "# title\n- point\n> quote",
    "https://example.com",
)


@pytest.mark.parametrize("text", PLANTED)
def test_nothing_of_a_value_has_a_meaning_in_markdown(text: str) -> None:
    shown = safe.markdown(text)
    # Addresses are code, which is shown as it is and is no link.
    outside = re.sub(r"(?<!\\)`([^`]*)`", lambda found: "\0" * len(found[1]), shown)
    plain = re.sub(r"(?<!\\)`([^`]*)`", r"\1", shown)
    plain = "".join(c for i, c in enumerate(plain) if c != "\\" or plain[i - 1 : i] == "\\")
    assert plain == " ".join(text.split())
    for index, character in enumerate(outside):
        if character in "<>[]()*_`$:#!&|~\"'{}=+-.^@":
            assert outside[index - 1] == "\\", (character, outside)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://a.example/x(1)", "see `https://a.example/x(1)`"),
        ("see WWW.a.example now", "see `WWW.a.example` now"),
        ("ask a.b@c.example now", "ask `a.b@c.example` now"),
        ("x`http://a.example`y", "x\\``http://a.example`\\`y"),
    ],
)
def test_an_address_in_a_text_is_no_link(text: str, shown: str) -> None:
    assert safe.markdown(text) == shown


def test_an_error_shows_commands_as_code_and_nothing_else() -> None:
    shown = safe.message(UserError("start it with `synth ui`, or read **x** of `<b>`"))
    assert shown == r"start it with `synth ui`\, or read \*\*x\*\* of `<b>`".replace(r"\,", ",")
    assert safe.message(UserError("a ` b <i>")) == safe.markdown("a ` b <i>")
    assert safe.message(UserError("")) == ""


def test_long_values_are_cut() -> None:
    assert len(safe.markdown("a" * 10_000)) <= safe.MOST_CHARACTERS


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://127.0.0.1:3000/runs/1", True),
        ("https://example.com", True),
        ("javascript:alert(1)", False),
        (" JAVASCRIPT:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//example.com", False),
        ("http://", False),
        ("http://[", False),
    ],
)
def test_a_link_opens_and_executes_nothing(url: str, kept: bool) -> None:
    assert (safe.link(url) is not None) == kept


@pytest.mark.parametrize(
    "before",
    ["", "\u00a0", "\ufeff", "\u200b", "\u2060", "\u3000", "\x00", "\x1b", "\u202e \u00ad"],
)
@pytest.mark.parametrize(
    "formula", ["=1", "＝1", "+1", "＋1", "-1", "－1", "@A1", "＠A1", "|x", "%x"]
)
def test_a_formula_gets_its_apostrophe_whatever_is_before_it(before: str, formula: str) -> None:
    text = before + formula
    assert safe.csv(pl.DataFrame({text: [text]})).decode().count("'") == 2


def test_a_spreadsheet_executes_nothing_of_an_export() -> None:
    formulas = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "\t=1", "\r=1", "%0A"]
    frame = pl.DataFrame(
        {
            "=name": formulas,
            "plain": ["a", "-", "b=c", "1", None, "", "x", "y"],
            "number": [-1.5] * 8,
            "nested": [["=1", "a"]] * 8,
            "enum": pl.Series(["=x"] * 8, dtype=pl.Enum(["=x"])),
        }
    )
    read = pl.read_csv(safe.csv(frame), infer_schema=False)
    assert read.columns[0] == "'=name"
    assert all(value.startswith("'") for value in read.to_series(0))
    assert read["plain"].to_list()[2:4] == ["b=c", "1"]
    assert read["number"].unique().to_list() == ["-1.5"]
    assert read["nested"][0] == '{"nested":["=1","a"]}'
    assert read["enum"][0] == "'=x"


@pytest.mark.parametrize("page", ["<!DOCTYPE html><html><script>1</script>", "<p>x"])
def test_a_framed_page_has_a_policy_before_everything_else(page: str) -> None:
    framed = safe.framed(page)
    assert framed.index("Content-Security-Policy") < 60 + len("<!DOCTYPE html>")
    assert (
        framed.replace(framed[framed.index("<meta") : framed.index('font-src data:">') + 16], "")
        == page
    )


@pytest.mark.parametrize(
    ("link", "framed"),
    [
        ('<a href="../index.html">', "<a>"),
        ('<a href="/">', "<a>"),
        ('<a class="x" href="../index.html" id="y">', '<a class="x" id="y">'),
        ('<a href="javascript:alert(1)">', "<a>"),
        ('<a href="#jaffle">', '<a href="#jaffle">'),
        (
            '<a href="http://localhost:3000/runs/1?a&amp;b">',
            '<a href="http://localhost:3000/runs/1?a&amp;b" target="_blank" rel="noopener">',
        ),
    ],
)
def test_links_of_a_framed_page_stay_out_of_the_frame(link: str, framed: str) -> None:
    assert safe.framed(link).endswith(framed)
