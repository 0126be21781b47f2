"""The folder of a new domain: its tables, a test, dbt models and a README."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from synth_assets.core.errors import UserError
from synth_assets.declarative.language import schema_text
from synth_assets.domains.outside import domain_at
from synth_assets.scaffold.declared import domain_yaml
from synth_assets.scaffold.in_python import python_files
from synth_assets.scaffold.names import NewTable

README = """\
# {name}

A domain of synth-assets{kind}. `SYNTH_DOMAINS` says where it is; separate several by commas.

```bash
export SYNTH_DOMAINS={folder}
synth list {name}
synth materialize {name} --dbt
synth ui
```

| file | has |
| --- | --- |
{files}

`pytest tests` tests it. The tables and models are then in Dagster's UI, beside the others.
"""
TEST = '''\
"""The tables of {name}: the same every time, with keys that join."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.core.sources import frames
from synth_assets.domains.outside import domain_at

DOMAIN = domain_at(Path(__file__).resolve().parents[1])


def rows_of(table: Table) -> pl.DataFrame:
    """All rows of a table."""
    found = frames(table, DOMAIN.scenario, table.partitioning.keys())
    return pl.concat([rows for _, rows in found]).collect()


@pytest.mark.parametrize("table", DOMAIN.tables, ids=lambda table: table.name)
def test_rows_are_the_same_every_time(table: Table) -> None:
    """A table is a function of its row numbers."""
    assert rows_of(table).equals(rows_of(table))


@pytest.mark.parametrize("table", DOMAIN.tables, ids=lambda table: table.name)
def test_keys_are_unique_and_join(table: Table) -> None:
    """Every reference leads to a row of the parent."""
    rows = rows_of(table)
    keys = [column.name for column in columns_of(table.schema) if column.primary_key]
    assert not keys or rows.select(keys).is_unique().all()
    for column in columns_of(table.schema):
        if column.foreign_key:
            role, key = column.foreign_key
            parent = rows_of(DOMAIN.table(table.parents[role]))
            assert rows[column.name].drop_nulls().is_in(parent[key].implode()).all()
'''
MODEL = """\
{{{{ config(materialized='table', tags='whole') }}}}

{selects}
"""
SELECT = """\
select '{table}' as table_name, count(*) as row_count
from {{{{ landed(source('{name}', '{table}')) }}}}"""
PROPERTIES = """\
version: 2

models:
  - name: {name}_row_counts
    description: Rows of each table.
    columns:
      - name: table_name
        data_type: varchar
        description: The table.
        data_tests: [unique, not_null]
      - name: row_count
        data_type: bigint
        description: Its rows.
        data_tests: [not_null]
"""
PURPOSES = {
    "domain.yaml": "the tables, their columns, and how the values are made",
    "domain.schema.json": "what an editor needs to complete the YAML and to find mistakes",
    "domain.py": "the tables, the owner and the schedules",
    "scenario.py": "the settings",
    "dbt/models": "models downstream; the sources are made from the tables",
    "tables": "one module for each table",
    "tests": "tests",
}


def new_domain(name: str, tables: Sequence[NewTable], folder: Path, *, python: bool) -> list[Path]:
    """Writes the folder of a domain, whole or not at all, after it has been loaded once.

    Args:
        name: The domain's name.
        tables: Its tables.
        folder: The folder, which does not exist.
        python: Whether the tables are written in Python, else in YAML.

    Returns:
        The paths of the files.

    Raises:
        UserError: The folder exists or cannot be written, or the domain cannot be loaded.
    """
    if folder.exists():
        raise UserError(f"{folder} exists: give another name, or another folder by --to")
    texts = dict(_texts(name, tables, folder, python=python))
    _try(name, texts)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(dir=folder.parent, prefix=f".{name}-"))
        try:
            _write(made, texts)
            made.chmod(0o755)
            made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror}") from None
    return [folder / path for path in texts]


def _try(name: str, texts: Mapping[str, str]) -> None:
    """Loads the domain from a temporary folder, of which errors do not speak.

    Raises:
        UserError: It cannot be loaded.
    """
    with TemporaryDirectory() as around:
        # Modules of a domain are found by the name of its folder.
        folder = Path(around) / name
        _write(folder, texts)
        try:
            domain_at(folder)
        except UserError as error:
            raise UserError(str(error).replace(f"{folder}{os.sep}", "")) from error.__cause__


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _texts(
    name: str, tables: Sequence[NewTable], folder: Path, *, python: bool
) -> Iterator[tuple[str, str]]:
    if python:
        yield from python_files(name, tables)
    else:
        yield "domain.yaml", domain_yaml(name, tables)
        yield "domain.schema.json", schema_text()
    selects = "\nunion all\n".join(SELECT.format(name=name, table=t.name) for t in tables)
    yield f"dbt/models/{name}_row_counts.sql", MODEL.format(selects=selects)
    yield f"dbt/models/{name}.yml", PROPERTIES.format(name=name)
    yield f"tests/test_{name}.py", TEST.format(name=name)
    left_out = ("domain.yaml", "domain.schema.json") if python else (
        "domain.py", "scenario.py", "tables"
    )  # fmt: skip
    listed = [f"| `{file}` | {text} |" for file, text in PURPOSES.items() if file not in left_out]
    kind = " in Python" if python else " as YAML"
    yield (
        "README.md",
        README.format(
            name=name, kind=kind, folder=shlex.quote(str(folder)), files="\n".join(listed)
        ),
    )
