"""The pages of ``docs`` that are made from code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from synth_assets.contracts.dictionary import data_dictionary
from synth_assets.domains import load_domains
from synth_assets.orchestration.deployment import PREFIX
from synth_assets_docs import commands, settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
NOTE = "<!-- Made by `make docs` from the code; change the code instead. -->\n"


def render() -> dict[str, str]:
    """The text of each page, by its path in ``docs``."""
    with _without_settings():
        pages = {"reference/commands.md": commands.page(), "reference/settings.md": settings.page()}
        for domain in load_domains():
            pages[f"data/{domain.name}.md"] = data_dictionary(domain)
    return {path: f"{text}\n{NOTE}" for path, text in pages.items()}


def write(docs: Path = DOCS) -> list[Path]:
    """Writes the pages.

    Args:
        docs: The folder of the docs.

    Returns:
        The paths of the pages.
    """
    paths = []
    for name, text in render().items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


@contextmanager
def _without_settings() -> Iterator[None]:
    """Settings at their defaults, whatever the environment and the home have."""
    before = {name: text for name, text in os.environ.items() if name.startswith(PREFIX)}
    for name in before:
        del os.environ[name]
    with TemporaryDirectory() as empty:
        os.environ["SYNTH_HOME"] = empty
        try:
            yield
        finally:
            del os.environ["SYNTH_HOME"]
            os.environ.update(before)
