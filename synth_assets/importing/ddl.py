"""Tables of a file of DDL, in any dialect that sqlglot reads.

Statements of other kinds (functions, grants, inserts) are left out and counted in the notes. The
modules of databases use this one as well: they ask a database for its DDL.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.importing.conditions import identifier
from synth_assets.importing.ddl_table import TableStatement
from synth_assets.importing.found import FoundSchema, FoundTable
from synth_assets.importing.types import enumerated

DEFAULT_DIALECT = "postgres"
# sqlglot does not parse this statement: the domain's name and its type.
DOMAIN = re.compile(
    r"domain\s+(?:\w+\.)?(?P<name>\w+)\s+(?:as\s+)?"
    r"(?P<type>\w+(?: varying| precision)?(?:\([\d, ]+\))?)",
    re.IGNORECASE,
)

# How sqlglot's errors show a part of the text.
TOKEN = re.compile(r"<Token .*?text: (.*?), line: .*>")


def read(path: Path, dialect: str = DEFAULT_DIALECT) -> FoundSchema:
    """The tables of a file.

    Args:
        path: The file.
        dialect: Its dialect of SQL, as sqlglot names it.

    Raises:
        UserError: The file is not text, is not SQL, or has no table.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a text in UTF-8") from None
    tables, notes = tables_of(text, dialect, str(path))
    if not tables:
        raise UserError(f"{path} has no `create table`")
    return FoundSchema(tables, f"the DDL file {path.name}", notes)


def tables_of(text: str, dialect: str, where: str) -> tuple[tuple[FoundTable, ...], list[str]]:
    """The tables of a text of DDL.

    Args:
        text: The DDL.
        dialect: Its dialect of SQL.
        where: What the text is, for errors.

    Returns:
        The tables, and notes of what was left out.

    Raises:
        UserError: The text is not SQL, or two tables have the same name.
    """
    reader = _Reader(dialect)
    for statement in _parsed(text, dialect, where):
        reader.take(statement)
    found = [table.found() for table in reader.tables.values()]
    empty = [
        f"table `{t.name}` left out: it has no columns with types" for t in found if not t.columns
    ]
    return tuple(table for table in found if table.columns), [*reader.notes(), *empty]


def _parsed(text: str, dialect: str, where: str) -> list[exp.Expr]:
    known = sorted(kind.value for kind in sqlglot.Dialects if kind.value)
    if dialect not in known:
        raise UnknownNameError("dialect", dialect, known)
    try:
        with _quiet():
            return [statement for statement in sqlglot.parse(text, read=dialect) if statement]
    except SqlglotError as error:
        found = getattr(error, "errors", None) or [{}]
        line, problem = found[0].get("line"), found[0].get("description")
        at = f" line {line}:" if line else ":"
        problem = TOKEN.sub(r"'\1'", problem or str(error).splitlines()[0])
        raise UserError(f"{where}{at} not SQL of the dialect {dialect}: {problem}") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Without sqlglot's log lines of statements that it does not read; they are counted here."""
    log = logging.getLogger("sqlglot")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


class _Reader:
    """Collects the tables of statements, one after another."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._types: dict[str, exp.DataType] = {}
        self._left_out: Counter[str] = Counter()
        self.tables: dict[tuple[str, str], TableStatement] = {}

    def take(self, statement: exp.Expr) -> None:
        match statement:
            case exp.Create(kind="TABLE") if isinstance(statement.this, exp.Schema):
                table = TableStatement(statement, self._dialect, self._types)
                if (table.schema, table.name) in self.tables:
                    raise UserError(f"table {table.name} is created twice")
                self.tables[table.schema, table.name] = table
            case exp.Create(kind="TYPE") if isinstance(statement.expression, exp.DataType):
                if enumerated(statement.expression):
                    self._types[identifier(statement.this.this)] = statement.expression
            case exp.Create(kind="INDEX") if statement.args.get("unique"):
                index = statement.this
                self._of(index.args.get("table"), lambda table: table.unique_index(index))
            case exp.Alter() if statement.args.get("kind") == "TABLE":
                actions = statement.args["actions"]
                self._of(statement.this, lambda table: table.alter(actions))
            case exp.Comment():
                self._comment(statement)
            case exp.Command() if found := DOMAIN.match(_text(statement)):
                # Its condition is not read: a column of the domain has its type.
                self._types[found["name"].lower()] = exp.DataType.build(
                    found["type"], dialect=self._dialect, udt=True
                )
            case exp.Semicolon():
                pass  # a comment after the last statement
            case _:
                self._left_out[_kind(statement)] += 1

    def _of(self, named: exp.Expr | None, action: object) -> None:
        table = self._table(named)
        if table is not None and callable(action):
            action(table)

    def _table(self, named: exp.Expr | None) -> TableStatement | None:
        if not isinstance(named, exp.Table):
            return None
        name, schema = identifier(named.this), named.args.get("db")
        exact = self.tables.get((identifier(schema) if schema else "", name))
        return exact or next((t for (_, other), t in self.tables.items() if other == name), None)

    def _comment(self, statement: exp.Comment) -> None:
        text, target = statement.expression.name, statement.this
        if isinstance(target, exp.Table):
            self._of(target, lambda table: table.comment(text))
        elif isinstance(target, exp.Column):
            parts = {"this": target.args.get("table"), "db": target.args.get("db")}
            column = identifier(target.this)
            self._of(exp.Table(**parts), lambda table: table.comment(text, column))

    def notes(self) -> list[str]:
        """A line for each kind of statement that was left out."""
        return [f"{count:,} × `{kind}` left out" for kind, count in sorted(self._left_out.items())]


def _text(command: exp.Command) -> str:
    """The rest of a statement that sqlglot does not parse, after its first word."""
    rest = command.args.get("expression")
    return str(rest.name if isinstance(rest, exp.Expr) else rest or "").strip()


def _kind(statement: exp.Expr) -> str:
    if isinstance(statement, exp.Command):
        words = f"{statement.name} {_text(statement)}".lower().split()
        # A table that is not read is named.
        return " ".join(words[: 3 if words[1:2] == ["table"] else 2]).lower()
    words = statement.sql().split()[:2] if isinstance(statement, exp.Create) else []
    return " ".join(words or [str(statement.name or statement.key)]).lower()
