"""Every command of the README and the docs runs, with the output that is shown."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from synth_assets_docs.examples import ROOT, alike, examples_of, pages, prepare, run

pytestmark = pytest.mark.slow

RUN = [page for page in pages() if any(not e.reason for e in examples_of(page))]


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    # Only pytest's user may enter its folder, and the embedded PostgreSQL has a user of its own.
    with TemporaryDirectory(prefix="synth-docs-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "prepared"
        home.mkdir()
        prepare(home)
        yield home


@pytest.mark.parametrize("page", RUN, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_of_a_page_print_what_it_shows(page: Path, prepared: Path) -> None:
    folder = prepared.with_name(page.stem)
    shutil.copytree(prepared, folder, symlinks=True)
    for example, command, shown, found in run(examples_of(page), folder):
        if example.language == "console":
            assert alike(shown, found), f"{example}: {command}\n{found}"
