"""Every command of the README and the docs runs, with the output that is shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from synth_assets_docs.examples import ROOT, alike, examples_of, pages, prepare, run

pytestmark = pytest.mark.slow

RUN = [page for page in pages() if any(not e.reason for e in examples_of(page))]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder)
    return folder


@pytest.mark.parametrize("page", RUN, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_of_a_page_print_what_it_shows(page: Path, prepared: Path) -> None:
    # Beside the other folders: the socket of the embedded PostgreSQL needs a short path.
    folder = prepared.with_name(f"r{RUN.index(page)}")
    shutil.copytree(prepared, folder, symlinks=True)
    for example, command, shown, found in run(examples_of(page), folder):
        if example.language == "console":
            assert alike(shown, found), f"{example}: {command}\n{found}"
