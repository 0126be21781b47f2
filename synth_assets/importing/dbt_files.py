"""The YAML files of a dbt project, without dbt: nothing has to be parsed or built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from synth_assets.importing.dbt import DbtTable, DbtTest, schema_of, tests_of
from synth_assets.importing.dbt_forms import Column, Entry, Project, Properties, checked
from synth_assets.importing.files import columns_of_csv
from synth_assets.importing.found import FoundSchema
from synth_assets.importing.yaml_document import read_yaml

PROJECT_FILE = "dbt_project.yml"


def read(folder: Path) -> FoundSchema:
    """The tables of a project.

    Args:
        folder: The folder with ``dbt_project.yml``.

    Raises:
        UserError: A file is not YAML or has another form, or the project has no table with columns.
    """
    project = checked(Project, read_yaml(folder / PROJECT_FILE), folder / PROJECT_FILE)
    seeds = project.seed_paths or ["seeds"]
    names = [*(project.model_paths or ["models"]), *seeds]
    paths = [path for name in names for path in sorted((folder / name).rglob("*.y*ml"))]
    tables = [
        table for path in paths for table in _tables(checked(Properties, read_yaml(path), path))
    ]
    files = [path for name in seeds for path in sorted((folder / name).rglob("*.csv"))]
    tables = _with_seeds(tables, files)
    name = project.name or folder.name
    return schema_of(tables, f"the dbt project {name}", str(folder))


def _with_seeds(tables: Sequence[DbtTable], files: Sequence[Path]) -> list[DbtTable]:
    """The tables with those of files of seeds: what no YAML says of them, the files show."""
    found = {(table.kind, table.name): table for table in tables}
    for path in files:
        table = found.setdefault(("seed", path.stem), DbtTable(path.stem, "seed"))
        described = {column.name: column for column in table.columns}
        in_file = [Column(name=c.name, data_type=c.type.spelled) for c in columns_of_csv(path)]
        table.columns = [_completed(described.pop(c.name, c), c) for c in in_file]
        table.columns += described.values()
    return [*tables, *(table for table in found.values() if table not in tables)]


def _completed(described: Column, in_file: Column) -> Column:
    if described.data_type:
        return described
    return described.model_copy(update={"data_type": in_file.data_type})


def _tables(document: Properties) -> Iterator[DbtTable]:
    for source in document.sources:
        for entry in source.tables:
            yield _table(entry, "source", source.name)
    for kind, entries in (("seed", document.seeds), ("model", document.models)):
        for entry in entries:
            yield _table(entry, kind)


def _table(entry: Entry, kind: str, schema: str = "") -> DbtTable:
    columns = [column for column in entry.columns if column.name]
    tests = [*_tests(entry, None), *(test for c in columns for test in _tests(c, c.name))]
    return DbtTable(entry.name, kind, entry.description, schema, columns, entry.constraints, tests)


def _tests(entry: Entry | Column, column: str | None) -> Iterator[DbtTest]:
    for given in entry.data_tests or entry.tests:
        yield from tests_of(given, column)
