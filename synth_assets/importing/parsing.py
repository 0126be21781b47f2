"""Statements of DDL as sqlglot's trees, as far as it reads them.

A ``create table`` that it does not read as a whole is read without what follows the columns, and
then element by element: what cannot be read costs a note and not the table. No message of the
parser is repeated, since it may have parts of the text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from synth_assets.importing.statements import Parts, Statement, parts

# A name of several parts; one in quotes may have blanks.
PART = r"""(?:"[^"]*"|`[^`]*`|\[[^\]]*\]|[^\s(.,;"`\[]+)"""
NAME = rf"(?P<name>{PART}(?:\s*\.\s*{PART})*)"
TABLE = re.compile(
    rf"create\s+(?:[a-z]+\s+){{0,3}}?table\s+(?:if\s+not\s+exists\s+)?{NAME}", re.IGNORECASE
)
INHERITS = re.compile(r"inherits\s*\([^)]*\)", re.IGNORECASE)
# How SQL Server stores a key, which says nothing of its values.
CLUSTERED = re.compile(r"\b(primary\s+key|unique)\s+(?:non)?clustered\b", re.IGNORECASE)
# Elements of a table that are no columns.
CONSTRAINT = re.compile(
    r"(constraint|primary|foreign|unique|check|exclude|like|key|index|fulltext|spatial|period)\b",
    re.IGNORECASE,
)
COLUMN = re.compile(r"""(?P<name>"[^"]+"|`[^`]+`|\[[^\]]+\]|[\w$#]+)\s*(?P<rest>.*)""", re.DOTALL)
COMPUTED = re.compile(r"\bgenerated\s+always\s+as\b", re.IGNORECASE)
# In place of the type of a column that has one already.
SAME_TYPE = "same_type"
# A column behind an element: some elements are read only if they are the last.
ANOTHER = "another int"
KEPT = re.compile(r"\bnot\s+null\b|\bprimary\s+key\b|\bunique\b", re.IGNORECASE)
START = re.compile(r"\bstart(?:\s+with)?\s+(-?\d+)", re.IGNORECASE)
STEP = re.compile(r"\bincrement(?:\s+by)?\s+(-?\d+)", re.IGNORECASE)


def numbers_of(options: str) -> tuple[int, int]:
    """The first number and the step that the options of a sequence or an identity say.

    Args:
        options: The options.
    """
    start, step = (found.search(options) for found in (START, STEP))
    return int(start[1]) if start else 1, int(step[1]) if step else 1


def _identity(options: re.Match[str]) -> str:
    """The options of an identity that say which numbers rows get."""
    start, step = numbers_of(options[1])
    return f" (start with {start} increment by {step})"


# What sqlglot does not read in some dialect, and what says the same of values.
REWRITTEN: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), text)
    for pattern, text in (
        (r"\bbit\s+varying\b", "varbit"),
        (r"\bunsigned\s+big\s+int\b", "bigint"),
        (
            r"^(\S+)(\s+(?:float|double|real)(?:\s*\([\d, ]+\))?)\s+unsigned\b(.*)$",
            r"\1\2\3 check (\1 >= 0)",
        ),
        (r"\b(\w+)\s+array\b(?:\s*\[\d*\])?", r"\1[]"),
        (r"\s+(?:asc|desc)(?=\s*[,)])", ""),
        (r"\bzerofill\b", ""),
        (r"\bsrid\s+\d+\b", ""),
        (r"^constraint\s+(?=(?:foreign|primary|unique|check)\b)", ""),
        (rf"^foreign\s+key\s+({PART})\s*(?=\()", r"constraint \1 foreign key "),
        (rf"^(constraint\s+{PART}\s+foreign\s+key)\s+{PART}\s*(?=\()", r"\1 "),
        (r"\bon\s+conflict\s+\w+\b", ""),
        # A constraint that takes an index over names it in place of columns.
        (rf"\b(primary\s+key|unique)\s+using\s+index\s+({PART})", r"\1 (\2)"),
        (r"\busing\s+index\b.*$", ""),
        # Options of an identity besides its first number and its step.
        (
            r"(?<=\bidentity)\s*\(?((?:\s*(?:start|increment)\b(?:\s+(?:with|by))?\s+-?\d+"
            r"|\s*sequence\s+name\s+[^\s)]+|\s*(?:cache|minvalue|maxvalue)\s+-?\d+"
            r"|\s*(?:no\s*)?(?:cache|minvalue|maxvalue|cycle|order))+)\s*\)?",
            _identity,
        ),
        (r"\)\s*(?:virtual|stored)\b", ")"),
        (
            r"\s+(?:not\s+)?(?:enable|enforced)\b|\s+no\s+inherit\b|\s+not\s+valid\b|\s+(?:dis|en)able\b",
            "",
        ),
        (r"\binclude\s*\([^)]*\)", ""),
        (r"^(unique)\s+(?:index|key)\b", r"\1"),
        (r"(\(\s*\d+)\s+(?:char|byte)\s*\)", r"\1)"),
    )
)


def statement_tree(statement: Statement, dialect: str, notes: list[str]) -> exp.Expr | None:
    """The tree of a statement; None if it cannot be read.

    Args:
        statement: The statement.
        dialect: Its dialect of SQL.
        notes: Gets a note of each element of a table that is left out.
    """
    statement = replace(statement, text=CLUSTERED.sub(r"\1", statement.text))
    tree = tree_of(statement.text, dialect)
    if has_columns(tree):
        return tree
    found = parts(statement, dialect)
    if found is not None and TABLE.fullmatch(found.head):
        return _by_parts(found, dialect, notes)
    return tree or tree_of(_rewritten(statement.text, dialect), dialect)


def tree_of(text: str, dialect: str) -> exp.Expr | None:
    """The tree of a text; None if sqlglot does not read it.

    Args:
        text: The text of one statement.
        dialect: Its dialect of SQL.
    """
    try:
        with quiet():
            return sqlglot.parse_one(text, read=dialect)
    except (SqlglotError, RecursionError):
        return None


def named_table(text: str) -> str | None:
    """The table that a statement creates, as it is written; None for another one.

    Args:
        text: The statement.
    """
    found = TABLE.match(text)
    return found and re.sub(r'["`\[\]]', "", found["name"])


def has_columns(tree: exp.Expr | None) -> bool:
    """Whether a tree is a ``create table`` that lists columns or constraints.

    Args:
        tree: The tree.
    """
    return isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema)


def _by_parts(found: Parts, dialect: str, notes: list[str]) -> exp.Expr | None:
    """A ``create table`` without its options, and without elements that cannot be read."""
    inherits = INHERITS.search(found.tail)
    tail = inherits[0] if inherits else ""

    def together(elements: Sequence[str]) -> exp.Expr | None:
        return tree_of(f"{found.head} ({', '.join(elements)}) {tail}", dialect)

    whole = together([element.text for element in found.elements])
    if has_columns(whole):
        return whole
    kept = []
    for element in found.elements:
        texts = _readings(element.text, dialect)
        readings = [text for text in texts if has_columns(together([text, ANOTHER]))]
        kept += readings[:1]
        reworded = _rewritten(element.text, dialect)
        if not readings or readings[0] not in (element.text, reworded):
            notes.append(f"line {element.line}: {_described(element.text, found.head)}")
    return together(kept) if kept else None


def _readings(text: str, dialect: str) -> Iterator[str]:
    """An element, then what says the same in other words, then a column without its type."""
    yield text
    yield (text := _rewritten(text, dialect))
    if (column := _without_type(text)) is not None:
        yield column


def _rewritten(text: str, dialect: str) -> str:
    for pattern, other in REWRITTEN:
        text = pattern.sub(other, text)
    return _with_formula(text, dialect)


def _with_formula(text: str, dialect: str) -> str:
    """An element with its formula in two pairs of parentheses: in one, comparisons are not read."""
    begin = COMPUTED.search(text)
    formula = begin and parts(Statement(text[begin.end() :], 0), dialect)
    if not begin or not formula or formula.head:
        return text
    inner = ", ".join(each.text for each in formula.elements)
    return f"{text[: begin.end()]} (({inner})) {formula.tail}"


def _without_type(text: str) -> str | None:
    """A column as text; None for a constraint."""
    column = COLUMN.match(text)
    if column is None or CONSTRAINT.match(text):
        return None
    return " ".join([column["name"], "text", *(found[0] for found in KEPT.finditer(text))])


def _described(text: str, head: str) -> str:
    table = named_table(head)
    column = COLUMN.match(text)
    if CONSTRAINT.match(text) or not column:
        return f"a constraint of table `{table}` left out: it cannot be read"
    return f"column `{column['name']}` of table `{table}` is text here: its type cannot be read"


@contextmanager
def quiet() -> Iterator[None]:
    """Without sqlglot's log lines of statements that it does not read; they are counted here."""
    log = logging.getLogger("sqlglot")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
