"""``synth import``: the declaration of a domain from tables that exist elsewhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from synth_assets.cli.console import note, out, path_markup, write
from synth_assets.cli.options import MANY
from synth_assets.cli.paths import LocalPath
from synth_assets.core.consistency import problem_of_name
from synth_assets.core.errors import UserError
from synth_assets.declarative.loader import read_spec
from synth_assets.domains import load_domains
from synth_assets.frames.readers import MemoryReader
from synth_assets.importing.ddl import DEFAULT_DIALECT
from synth_assets.importing.declaration import Imported, imported
from synth_assets.importing.disclosure import DEFAULT_K, LEAST_K
from synth_assets.importing.found import Query, UnreadableError
from synth_assets.importing.identifiers import valid_name
from synth_assets.importing.partitioning import asked_partitions
from synth_assets.importing.profiling import Profiler
from synth_assets.importing.report import counts, report
from synth_assets.importing.sources import POSTGRES, Options, read
from synth_assets.importing.trial import failures
from synth_assets.importing.yaml_text import yaml_text
from synth_assets.stores.postgres.address import Address
from synth_assets.stores.postgres.connections import Connections

DECLARATION, REPORT = "domain.yaml", "import.md"
FROM_ENVIRONMENT = "env:"
# Sources whose rows can be read; the others only describe tables.
WITH_ROWS = "a PostgreSQL or DuckDB database, and Parquet and CSV files"
HEAD = """Written by `synth import`; the report beside it says what was guessed.
Change it as you like: docs/declarative.md describes the language."""


def import_(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="DDL file, postgresql:// address or env:NAME of a variable with one, DuckDB file, "
            "dbt project or manifest.json, Parquet or CSV files, or data contracts.",
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the declaration; by default one of the domain's name.",
            parser=LocalPath("--to", folder=True, written=True),
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the domain.")] = None,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Also read rows, and take aggregates that hide people."),
    ] = False,
    rows: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MANY,
            help="Rows of each table; with --profile of the largest, the others in proportion.",
        ),
    ] = None,
    k: Annotated[
        int,
        typer.Option("--k", min=LEAST_K, max=MANY, help="Copy a value if so many rows share it."),
    ] = DEFAULT_K,
    dialect: Annotated[str, typer.Option(help="Dialect of a DDL file.")] = DEFAULT_DIALECT,
    schema: Annotated[
        str | None, typer.Option(help="Read one schema, or one source of a dbt project.")
    ] = None,
    partition: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TABLE=HOW",
            help="TABLE=daily, by its first date or timestamp that is never null, "
            "TABLE=daily:COLUMN, or TABLE=shards:N. Can be repeated; others are one partition.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a declaration that is there.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the declaration, and write nothing.")
    ] = False,
) -> None:
    """Declare a domain in YAML from tables that you have: DDL, a database, dbt, files, contracts.

    Types, keys, references and conditions are taken over; names of columns suggest generators. The
    report says of each column what it was decided from.
    """
    address = _address(source)
    domain = _domain_name(name, source, address)
    folder, asked = to or Path.cwd() / domain, asked_partitions(partition or [])
    _require_free(domain, folder)
    if not dry_run and not overwrite and (folder / DECLARATION).exists():
        raise UserError(f"{folder / DECLARATION} exists: --overwrite replaces it")
    with ExitStack() as stack, _errors_of_rows():
        found = read(address, Options(dialect, schema), lambda url: _open_postgres(url, stack))
        if profile and found.query is None:
            raise UserError(f"--profile reads rows, and {found.doc} has none: {WITH_ROWS} have")
        profiler = Profiler(found.query, k) if profile and found.query else None
        done = imported(
            found, domain, profiler, rows, lambda table: note(f"reading {table}"), asked,
            lambda spec: failures(spec, MemoryReader),
        )  # fmt: skip
    text = yaml_text(done.spec, HEAD)
    if dry_run:
        write(text)
        return
    _write(folder, {DECLARATION: text, REPORT: report(done, k)})
    _print(done, folder)


def _address(source: str) -> str:
    """The source; of ``env:NAME``, what the variable has, which is never printed."""
    if not source.startswith(FROM_ENVIRONMENT):
        return source
    variable = source.removeprefix(FROM_ENVIRONMENT)
    address = os.environ.get(variable, "")
    if not address.startswith(POSTGRES):
        raise UserError(f"{source}: the variable {variable} must have a postgresql:// address")
    return address


def _domain_name(name: str | None, source: str, address: str) -> str:
    if name is not None:
        if valid_name(name, lower=True) != name:
            raise UserError(
                f"--name {name}: lower-case letters, digits and underscores, a letter first"
            )
        return name
    if address.startswith(POSTGRES):
        return valid_name(Address.of(address).shown.rsplit("/", 1)[-1], lower=True)
    path = Path(source).expanduser().absolute()
    return valid_name(path.name.split(".")[0] or path.parent.name, lower=True)


def _require_free(name: str, folder: Path) -> None:
    """Refuses a name that databases do not take, and that of a domain that is not replaced."""
    if (wrong := problem_of_name(name)) is not None:
        raise UserError(f"{wrong}; --name gives another name")
    others = (domain for domain in load_domains() if domain.folder != folder.resolve())
    if name in [domain.name for domain in others]:
        raise UserError(f"there is a domain {name!r} already: --name gives another name")


def _open_postgres(url: str, stack: ExitStack) -> tuple[Query, str]:
    """A connection that cannot write."""
    address = Address.of(url)
    db = stack.enter_context(Connections(address).lease())
    db.execute("set default_transaction_read_only to on")

    def query(sql: str) -> list[tuple[Any, ...]]:
        try:
            return db.execute(sql.encode()).fetchall()
        except psycopg.Error as error:  # whose message may quote rows
            if db.closed:
                raise
            raise UnreadableError(type(error).__name__) from None

    return query, address.shown


@contextmanager
def _errors_of_rows() -> Iterator[None]:
    """Errors of the source's engine without its message, which may quote rows."""
    try:
        yield
    except (psycopg.Error, UnreadableError) as error:
        kind = str(error) if isinstance(error, UnreadableError) else type(error).__name__
        raise UserError(f"the source cannot be read: {kind}; may its tables be read?") from None


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Writes all files, or none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            for name, text in texts.items():
                (Path(temporary) / name).write_text(text, encoding="utf-8")
            read_spec(Path(temporary) / DECLARATION)  # what is written can be read
            for name in texts:
                (Path(temporary) / name).replace(folder / name)
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {(error.strerror or '').lower()}") from None


def _print(done: Imported, folder: Path) -> None:
    columns = ", ".join(f"{count:,} {because.value}" for because, count in counts(done).items())
    lines = [
        f"wrote {DECLARATION} and {REPORT} to {path_markup(folder)}: {len(done.tables):,} tables",
        f"columns decided from: {columns}",
        f"use it: SYNTH_DOMAINS={path_markup(folder)} synth list {done.spec.domain}",
    ]
    for line in lines:
        out.print(line, highlight=False, soft_wrap=True)
