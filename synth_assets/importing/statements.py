"""Statements of a text of DDL: where each begins and ends, without reading what it says.

A dump may have rows between its tables (``insert``, ``copy``). They are passed over here, so that
no parser sees them and no message can repeat them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import sqlglot

# A quote that is never closed would take all statements behind it for one text; so a text does not
# contain the end of a statement and the begin of another one.
BEGINS = (
    "create|alter|insert|comment|copy|drop|lock|unlock|set|select|grant|update|delete|use|begin"
    "|commit"
)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "'": "''"}
# T-SQL needs no semicolon between statements.
BEGINS_OF_TSQL = (
    r"(?m:^)[ \t]*(?=(?:create|alter|insert|exec|execute|print|use|if|declare|drop|grant"
    r"|truncate)\b)"
)


@dataclass(frozen=True)
class Statement:
    """One statement, without comments.

    Attributes:
        text: The statement.
        line: The line of the text on which it begins.
    """

    text: str
    line: int


@dataclass(frozen=True)
class Parts:
    """A text with a list in parentheses: what comes before it, its elements, what comes after.

    Attributes:
        head: The text up to the parenthesis.
        elements: The elements.
        tail: The text after the closing parenthesis.
    """

    head: str
    elements: Sequence[Statement]
    tail: str


def statements(text: str, dialect: str) -> list[Statement]:
    """The statements of a text.

    Args:
        text: The text.
        dialect: Its dialect of SQL, one that sqlglot has.
    """
    found: list[Statement] = []
    pieces: list[str] = []
    depth = begin = line = at = 0

    def end() -> None:
        whole = "".join(pieces)
        if body := whole.strip():
            blank = whole[: len(whole) - len(whole.lstrip())]
            found.append(Statement(body, begin + blank.count("\n") + 1))
        pieces.clear()

    for token in _lexer(dialect).finditer(text):
        kind, between = token.lastgroup, text[at : token.start()]
        pieces.append(between)
        line += between.count("\n")
        at = token.end()
        depth += {"open": 1, "close": -1}.get(str(kind), 0)
        if kind == "end" or (kind == "begin" and depth <= 0):
            end()
            depth, begin = 0, line
        elif kind == "rows":
            pieces.append(token["copy"] or "insert")
            end()
            begin = line + token[0].count("\n")
        elif kind in ("comment", "command"):
            pieces.append(" " + "\n" * token[0].count("\n"))
        else:
            pieces.append(_plain(token))
        line += token[0].count("\n")
        if kind == "end":
            begin = line
    pieces.append(text[at:])
    end()
    return found


def parts(statement: Statement, dialect: str) -> Parts | None:
    """The first list in parentheses of a statement; None if it has none.

    Args:
        statement: The statement.
        dialect: Its dialect of SQL.
    """
    text, depth, bounds = statement.text, 0, list[int]()
    for token in _lexer(dialect).finditer(text):
        if token.lastgroup == "open":
            depth += 1
            bounds += [token.start()] if depth == 1 else []
        elif token.lastgroup == "close":
            depth -= 1
            if depth == 0:
                return _parts(statement, [*bounds, token.start()])
        elif token.lastgroup == "comma" and depth == 1:
            bounds.append(token.start())
    return None


def _parts(statement: Statement, bounds: Sequence[int]) -> Parts:
    text = statement.text
    elements = []
    for start, stop in pairwise(bounds):
        element = text[start + 1 : stop]
        before = text[: start + 1] + element[: len(element) - len(element.lstrip())]
        elements.append(Statement(element.strip(), statement.line + before.count("\n")))
    return Parts(text[: bounds[0]].strip(), elements, text[bounds[-1] + 1 :].strip())


def _plain(token: re.Match[str]) -> str:
    """A token as it is; a text with backslashes (``E'…'``) as one without."""
    if token.lastgroup != "escaped":
        return token[0]
    inner = token[0][2:-1]
    return f"'{ESCAPED.sub(lambda found: ESCAPES.get(found[1], found[1]), inner)}'"


@cache
def _lexer(dialect: str) -> re.Pattern[str]:
    """What a statement consists of, as far as its end depends on it."""
    tokenizer = sqlglot.Dialect.get_or_raise(dialect).tokenizer_class
    identifiers = [i if isinstance(i, str) else i[0] for i in tokenizer.IDENTIFIERS]
    with_backslash = "\\" in tokenizer.STRING_ESCAPES
    texts = "|".join(
        _quoted(mark, with_backslash and mark not in identifiers) for mark in ("'", '"', "`")
    )
    comments = [r"--[^\n]*", r"/\*(?s:.*?)\*/"] + [r"\#[^\n]*"] * ("#" in tokenizer.COMMENTS)
    kinds = {
        "rows": r"(?m:^)[ \t]*(?P<copy>copy\s[^;]*?from\s+stdin)[^;]*;(?s:.*?)(?:\n\\\.|\Z)",
        # Commands of a client: of psql, of sqlplus, and bodies with another end in MySQL.
        "command": r"(?m:^)\\[^\n]*|(?m:^)delimiter\s+(?!;)(?s:.*?)(?:\n\s*delimiter\s+;|\Z)",
        "comment": "|".join(comments),
        "escaped": rf"\be{_quoted(chr(39), True)}",
        "dollars": r"(?<![\w$])\$(?P<tag>\w*)\$(?s:.*?)\$(?P=tag)\$",
        "text": texts + (r"|\[[^\]]*\]" if "[" in identifiers else ""),
        "open": r"\(", "close": r"\)", "comma": ",",
        "end": r";|(?m:^)[ \t]*(?:go(?:[ \t]+\d+)?|/)[ \t]*\r?(?m:$)",
    }  # fmt: skip
    if dialect in ("tsql", "fabric"):
        kinds["begin"] = BEGINS_OF_TSQL
    else:
        # As one token, up to its semicolon: a dump has millions of rows.
        kinds["rows"] += rf"|(?m:^)[ \t]*insert\s+into\b(?:[^'\"`;]++|{texts})*+"
    pattern = "|".join(f"(?P<{name}>{each})" for name, each in kinds.items())
    return re.compile(pattern, re.IGNORECASE)


def _quoted(mark: str, with_backslash: bool) -> str:
    """A text between quotes; a quote in it is written twice, or after a backslash."""
    backslash = r"|\\(?s:.)" if with_backslash else ""
    plain = rf"[^{mark};{chr(92) * 2 if with_backslash else ''}]++"
    return rf"{mark}(?:{plain}|{mark}{mark}{backslash}|;(?!\s*\n\s*(?:{BEGINS})\b))*+{mark}"
