"""Tables of a file of DDL, in any dialect that sqlglot reads.

Statements of other kinds (functions, grants, inserts) are left out and counted in the notes. The
modules of databases use this one as well: they ask a database for its DDL.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import sqlglot
from sqlglot import exp

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.importing.alterations import (
    actions_of,
    altered_table,
    attached_partition,
    renames_of,
)
from synth_assets.importing.condition_trees import identifier
from synth_assets.importing.ddl_table import TableStatement
from synth_assets.importing.found import FoundSchema, FoundTable
from synth_assets.importing.indexes import plain_unique_index
from synth_assets.importing.parsing import has_columns, named_table, statement_tree, tree_of
from synth_assets.importing.sequences import Sequences
from synth_assets.importing.statements import Statement, statements
from synth_assets.importing.types import enumerated
from synth_assets.importing.user_types import UserTypes

DEFAULT_DIALECT = "postgres"
# sqlglot does not parse this statement: the domain's name, and a column with its type.
DOMAIN = re.compile(
    r"create\s+domain\s+(?:(?:\w+|\"[^\"]+\")\.)?(?P<name>\w+|\"[^\"]+\")\s+(?:as\s+)?(?P<column>.+)",
    re.IGNORECASE | re.DOTALL,
)
# Statements that say something of tables; the others are counted and not read.
READ = re.compile(r"(create|alter|comment|drop\s+(?:table|index))\b", re.IGNORECASE)
# How statements begin that are counted by name; the words of others may be anything.
COUNTED = re.compile(
    r"(?:(?P<verb>create|alter|drop)\s+(?:or\s+replace\s+)?(?P<what>(?:materialized\s+)?view|table"
    r"|index|unique\s+index|sequence|schema|database|type|domain|extension|function|procedure|trigger"
    r"|role|user|policy|rule|aggregate|operator|cast|server|publication|subscription|collation)"
    r"|(?P<other>grant|revoke|insert|copy|set|select|update|delete|begin|commit|use|lock|unlock"
    r"|truncate|analyze|vacuum|do|call|exec|execute|print|declare|if|drop|alter|create|comment"
    r"|pragma|start|rollback|refresh|merge|replace|reset))\b",
    re.IGNORECASE,
)
TEXTS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def read(path: Path, dialect: str = DEFAULT_DIALECT) -> FoundSchema:
    """The tables of a file.

    Args:
        path: The file.
        dialect: Its dialect of SQL, as sqlglot names it.

    Raises:
        UserError: The file is not text, is not SQL, or has no table.
    """
    content = path.read_bytes()
    try:
        # SQL Server's tools write UTF-16.
        text = content.decode(TEXTS.get(content[:2], "utf-8-sig"))
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a text in UTF-8 or UTF-16") from None
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
    known = sorted(kind.value for kind in sqlglot.Dialects if kind.value)
    if dialect not in known:
        raise UnknownNameError("dialect", dialect, known)
    reader = _Reader(dialect)
    for statement in statements(text, dialect):
        reader.take(statement)
    if reader.unread and not reader.tables:
        line = reader.unread[0].line
        others = "tsql, mysql, oracle, sqlite, …"
        raise UserError(
            f"{where} line {line}: not SQL of the dialect {dialect}: no table can be read; "
            f"--dialect names another one ({others})"
        )
    found = [table.found() for table in reader.tables.values() if not table.partition_of]
    empty = [
        f"table `{t.name}` left out: it has no columns with types" for t in found if not t.columns
    ]
    return tuple(table for table in found if table.columns), [*reader.notes(), *empty]


class _Reader:
    """Collects the tables of statements, one after another."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._types, self._sequences = UserTypes(dialect), Sequences()
        self._left_out: Counter[str] = Counter()
        self._notes: list[str] = []
        self.unread: list[Statement] = []
        self.tables: dict[tuple[str, str], TableStatement] = {}

    def take(self, statement: Statement) -> None:
        """Takes over what a statement says of tables.

        Args:
            statement: The statement.
        """
        if domain := DOMAIN.match(statement.text):
            name = domain["name"]
            name = name.strip('"') if name.startswith('"') else name.lower()
            self._types.add_domain(name, domain["column"])
            return
        if self._sequences.add(statement.text):
            return
        if renames := renames_of(statement, self._dialect):
            for each in renames:
                self._alter(each)
            return
        if altered_table(statement.text):
            self._alter(statement)
            return
        if not READ.match(statement.text):
            self._left_out[_kind(statement.text)] += 1
            return
        if (index := plain_unique_index(statement, self._dialect)) is not None:
            statement = replace(statement, text=index)
        tree = statement_tree(statement, self._dialect, self._notes)
        if tree is None:
            self._unread(statement)
        else:
            self._take(tree, statement)

    def _unread(self, statement: Statement) -> None:
        self.unread.append(statement)
        table = named_table(statement.text)
        what = f"table `{table}`" if table else f"`{_kind(statement.text)}`"
        self._notes.append(f"line {statement.line}: {what} left out: it cannot be read")

    def _take(self, tree: exp.Expr, statement: Statement) -> None:
        match tree:
            case exp.Create(kind="TABLE") if isinstance(tree.this, exp.Schema):
                self._add(TableStatement(tree, self._types, self._sequences, self._table))
            case exp.Create(kind="TABLE") if table := named_table(statement.text):
                what = f"line {statement.line}: table `{table}` left out"
                self._notes.append(f"{what}: its statement lists no columns")
            case exp.Create(kind="TYPE") if isinstance(tree.expression, exp.DataType):
                if enumerated(tree.expression):
                    self._types.add(identifier(tree.this.this), tree.expression)
            case exp.Create(kind="INDEX") if tree.args.get("unique"):
                index = tree.this
                self._of(index.args.get("table"), lambda table: table.unique_index(index))
            case exp.Drop(kind="TABLE") if self._drop(tree.this):
                pass
            case exp.Drop(kind="INDEX") if self._drop_index(tree):
                pass
            case exp.Drop():
                self._left_out[_kind(statement.text)] += 1
            case exp.Comment():
                self._comment(tree)
            case _:
                if named_table(statement.text):
                    self._unread(statement)
                else:
                    self._left_out[_kind(statement.text)] += 1

    def _alter(self, statement: Statement) -> None:
        """Applies the actions of an ``alter table``, each by itself."""
        for action in actions_of(statement, self._dialect):
            tree = statement_tree(action.statement, self._dialect, self._notes)
            if action.adds:
                if isinstance(tree, exp.Create) and has_columns(tree):
                    elements = tree.this.expressions
                    self._of(tree.this.this, lambda table, added=elements: table.add(added))
            elif isinstance(tree, exp.Alter):
                self._change(tree)
            elif self._attach(action.statement.text):
                pass
            elif action.matters:
                what = f"an action on table `{altered_table(statement.text)}` left out"
                line = action.statement.line
                self._notes.append(f"line {line}: {what}: it cannot be read")
            else:
                self._left_out[_kind(statement.text)] += 1

    def _attach(self, text: str) -> bool:
        """Makes a table a partition of another one, if both are known: its rows are of that one."""
        found = attached_partition(text)
        if found is None:
            return False
        table, parent = self._written(found.table), self._written(found.parent)
        if table is None or parent is None:
            return False
        table.partition_of = parent.name if found.is_attached else ""
        return True

    def _written(self, name: str) -> TableStatement | None:
        """A table by its name as a statement writes it."""
        tree = tree_of(f"drop table {name}", self._dialect)
        return self._table(tree.this) if isinstance(tree, exp.Drop) else None

    def _change(self, tree: exp.Alter) -> None:
        table = self._table(tree.this)
        if table is None:
            return
        before = table.name
        table.alter(tree.args["actions"])
        if table.name != before:
            if (table.schema, table.name) in self.tables:
                raise UserError(f"table {table.name} is created twice")
            self.tables = {(each.schema, each.name): each for each in self.tables.values()}
            for other in self.tables.values():
                other.constraints.rename_parent(before, table.name)

    def _drop(self, named: exp.Expr | None) -> bool:
        """Drops a table, if it is known; one of another schema is not it."""
        table = self._table(named)
        if table is None or not isinstance(named, exp.Table):
            return False
        schema = named.args.get("db")
        if schema and table.schema and identifier(schema) != table.schema:
            return False
        del self.tables[table.schema, table.name]
        return True

    def _drop_index(self, tree: exp.Drop) -> bool:
        """Drops a unique index of the table that is named, or of any one of its schema."""
        on, schema = tree.args.get("cluster"), tree.this.args.get("db")
        table = self._table(exp.Table(this=on.this)) if on else None
        candidates = [table] if table else [] if on else list(self.tables.values())
        for each in candidates:
            is_other = schema and each.schema and identifier(schema) != each.schema
            if not is_other and each.constraints.drop(identifier(tree.this.this)):
                return True
        return False

    def _add(self, table: TableStatement) -> None:
        if (table.schema, table.name) in self.tables:
            raise UserError(f"table {table.name} is created twice")
        self.tables[table.schema, table.name] = table

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
        """What was left out: unread statements, then a line for each kind of the others."""
        counted = [
            f"{count:,} × `{kind}` left out" for kind, count in sorted(self._left_out.items())
        ]
        partitions = [table for table in self.tables.values() if table.partition_of]
        of_tables = [
            f"table `{table.name}` left out: it is a partition of `{table.partition_of}`"
            for table in partitions
        ]
        of_tables += [
            note for table in self.tables.values() if not table.partition_of for note in table.notes
        ]
        return [*self._notes, *of_tables, *counted]


def _kind(text: str) -> str:
    """How a statement begins, in words of SQL: others may be of a row, and are not shown."""
    found = COUNTED.match(text)
    if found is None:
        return "another statement"
    words = found["other"] or f"{found['verb']} {found['what']}"
    return " ".join(words.lower().split())
