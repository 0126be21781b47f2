"""The dbt project as dbt has parsed it: the manifest, parsed again if the project has changed.

The assets of its models are in ``dbt``. Like that module, this one takes seconds to import.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from synth_assets.core.atomic_files import write_text
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.orchestration.dbt_command import command_of
from synth_assets.orchestration.dbt_environment import parsing_variables, temporary_variables
from synth_assets.orchestration.dbt_errors import reason_of
from synth_assets.orchestration.dbt_folder import project_folder
from synth_assets.orchestration.dbt_integration import DagsterDbtCliRuntimeError, DbtProject
from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.settings import Settings

# The digest of the files that the manifest was parsed from, in dbt's target folder.
MADE_OF = "made_of"
# How long another process may take to parse, on a busy machine.
PARSING_SECONDS = 900
# How long it takes when nothing is wrong.
USUAL_SECONDS = 20
SOURCE_IN_TEST = re.compile(r"source\('(\w+)', *'(\w+)'\)")


def dbt_project(settings: Settings, target: str) -> DbtProject:
    """The dbt project for a target; its manifest is parsed again if files have changed.

    Args:
        settings: The settings, for profiles and the home that has dbt's target folder.
        target: A target of the profile.
    """
    folder = project_folder(load_domains(), settings)
    # dagster-dbt looks for dbt on the PATH, which lacks an environment that is not activated.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    project = DbtProject(
        project_dir=folder,
        profiles_dir=settings.dbt_profiles,
        target=target,
        target_path=settings.home / "dbt_target" / target,
    )
    digest = _digest(folder)
    if not _is_parsed(project, digest):
        settings.make_home()
        project.target_path.mkdir(parents=True, exist_ok=True)
        lock = project.target_path / ".parsing.lock"
        with locked(lock, timeout=PARSING_SECONDS, unnoticed=USUAL_SECONDS):
            _parse(project, settings, digest)
    return project


def _is_parsed(project: DbtProject, digest: str) -> bool:
    made_of = project.target_path / MADE_OF
    return project.manifest_path.exists() and _written(made_of) == digest.encode()


def _written(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def _parse(project: DbtProject, settings: Settings, digest: str) -> None:
    """Parses the project, unless another process has done so meanwhile."""
    if not _is_parsed(project, digest):
        # A manifest of a parse that is interrupted belongs to no digest.
        (project.target_path / MADE_OF).unlink(missing_ok=True)
        with temporary_variables(parsing_variables(settings)), redirect_stdout(StringIO()):
            parse = command_of(project).cli(["parse", "--quiet"], target_path=project.target_path)
            try:
                parse.wait()
            except DagsterDbtCliRuntimeError as error:
                raise UserError(f"dbt cannot read the models: {reason_of(error)}") from error
        write_text(project.target_path / MADE_OF, digest)


def _digest(project: Path) -> str:
    """A digest of the project's path and files; installers do not keep modification times."""
    found = hashlib.sha256(str(project).encode())
    folders = [project / name for name in ("macros", "models", "tests")]
    for path in sorted([*project.glob("*.yml"), *(p for f in folders for p in f.rglob("*.*"))]):
        found.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def manifest_of(project: DbtProject) -> dict[str, Any]:
    """The manifest, in which each test of a source is attached to a model that reads the source.

    dbt attaches only tests of models. Dagster would make tests of sources checks of the source
    asset; dbt's step would then be one of its gates and run even if other gates fail.

    Args:
        project: The project.

    Raises:
        UserError: The file of the manifest is damaged.
    """
    try:
        manifest: dict[str, Any] = json.loads(project.manifest_path.read_bytes())
    except ValueError:
        raise UserError(
            f"{project.manifest_path} is damaged: remove it, and the next command makes it anew"
        ) from None
    nodes, children = manifest["nodes"], manifest["child_map"]
    sources = {(s["source_name"], s["name"]): s for s in manifest["sources"].values()}
    for key, node in nodes.items():
        tested = node.get("test_metadata", {}).get("kwargs", {}).get("model", "")
        found = SOURCE_IN_TEST.search(tested)
        if found and not node.get("attached_node"):
            for reader in _built_with(sources[found[1], found[2]], manifest):
                node["config"]["meta"] = {"dagster": {"ref": {"name": nodes[reader]["name"]}}}
                children[reader].append(key)
    return manifest


def _built_with(source: Mapping[str, Any], manifest: Mapping[str, Any]) -> list[str]:
    """The first model that reads a source and is built in the step of its tests, if any."""
    models = [key for key in manifest["child_map"][source["unique_id"]] if key.startswith("model.")]
    return [m for m in models if set(manifest["nodes"][m]["tags"]) & set(source["tags"])][:1]
