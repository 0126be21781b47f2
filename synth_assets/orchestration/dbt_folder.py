"""The folder of the dbt project: the one that is shipped, or a copy with models of other domains.

A domain outside the package may have models in ``dbt/models`` of its folder. They are read in a
copy of the project in the home, as ``models/<domain>``, beside the domain's sources.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from synth_assets.core.model import Domain
from synth_assets.orchestration.dbt_sources import render
from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DBT_PROJECT

PARTS = ("macros", "models", "tests")
SOURCES = "sources.yml"


def models_folder(domain: Domain) -> Path:
    """The folder of the models of a domain; it need not exist.

    Args:
        domain: The domain.
    """
    if domain.folder is None:
        return DBT_PROJECT / "models" / domain.name
    return domain.folder / "dbt" / "models"


def project_folder(domains: Sequence[Domain], settings: Settings) -> Path:
    """The folder of the project with the models of all domains.

    Args:
        domains: The domains.
        settings: The settings, for the home that has the copy.
    """
    outside = [d for d in domains if d.folder is not None and models_folder(d).is_dir()]
    if not outside:
        return DBT_PROJECT
    settings.make_home()
    folder = settings.home / "dbt_project"
    with (
        locked(settings.home / ".dbt_project.lock"),
        TemporaryDirectory(dir=settings.home) as temporary,
    ):
        made = Path(temporary) / "dbt_project"
        _copy(made, outside)
        # dbt reads the project while it runs: a copy that is the same stays.
        if _content(made) != _content(folder):
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)
    return folder


def _copy(made: Path, outside: Sequence[Domain]) -> None:
    made.mkdir()
    for file in DBT_PROJECT.glob("*.yml"):
        shutil.copy(file, made)
    for part in PARTS:
        shutil.copytree(DBT_PROJECT / part, made / part)
    sources = render(outside)
    for domain in outside:
        models = made / "models" / domain.name
        shutil.copytree(models_folder(domain), models)
        (models / SOURCES).write_text(sources[domain.name], encoding="utf-8")


def _content(folder: Path) -> dict[str, bytes]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}
