"""The architecture: imports run one way, data never depend on the clock, nothing is secret."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
import yaml

from synth_assets.orchestration.shipped import PROJECT


def test_imports_keep_their_contracts() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(program)], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports for types alone count as well."""
    graph = grimp.build_graph("synth_assets", include_external_packages=False)
    imported = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_imports_inside_functions_name_what_exists() -> None:
    """Benchmarks and slow tests import when they run: a renamed function is noticed here."""
    sources = [path for package in PACKAGES for path in (PROJECT / package).rglob("*.py")]
    inside = [path for path in sources if INSIDE_A_FUNCTION.search(path.read_text())]
    unknown = [
        f"{path}:{node.lineno} imports {alias.name} from {node.module}"
        for path in inside
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in PACKAGES
        for alias in node.names
        if alias.name not in names_of(str(node.module))
    ]
    assert unknown == []


PACKAGES = ("synth_assets", "synth_assets_tests", "synth_assets_docs")
INSIDE_A_FUNCTION = re.compile(r"^\s+from synth_assets", re.MULTILINE)


@cache
def names_of(module: str) -> set[str]:
    """The names that a module defines, imports or, as a package, contains; none without it."""
    path = PROJECT.joinpath(*module.split("."))
    contained = {one.stem for one in path.glob("*")}
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not path.exists():
        return set()
    body = ast.parse(path.read_text())
    aliases = [
        a for n in ast.walk(body) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
    ]
    defined = {n.name for n in body.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    stored = {n.id for n in ast.walk(body) if isinstance(n, ast.Name)}
    return contained | defined | stored | {(a.asname or a.name).split(".")[0] for a in aliases}


def test_no_data_depends_on_the_present() -> None:
    """The clock may decide which partitions exist, never what is in them."""
    allowed = {"core/partitioning.py"}
    for package in ("core", "randomness", "quality", "declarative", "domains"):
        for path in (PROJECT / "synth_assets" / package).rglob("*.py"):
            clocks = [
                name for name in (".now(", ".today(", "time.time(") if name in path.read_text()
            ]
            name = str(path.relative_to(PROJECT / "synth_assets"))
            assert not clocks or name in allowed, (name, clocks)


def test_top_level_is_what_users_expect() -> None:
    expected = {
        "pyproject.toml",
        "synth_assets",
        "synth_assets_tests",
        "dbt_project",
        "workspace.yaml",
        "dagster.yaml",
        "README.md",
        "Makefile",
        "docs",
    }
    assert expected <= {path.name for path in PROJECT.iterdir()}


WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_workflows_end_and_paste_nothing_into_a_shell(path: Path) -> None:
    """GitHub pastes ``${{ }}`` into a script as text, so that an input could be commands."""
    for name, job in yaml.safe_load(path.read_text())["jobs"].items():
        assert 0 < job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), step
