"""Pages are up to date, their links lead somewhere, and the commands in them exist."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from synth_assets.cli.app import COMMANDS, load
from synth_assets_docs import settings
from synth_assets_docs.examples import ROOT, alike, examples_of, pages, synth_commands
from synth_assets_docs.pages import DOCS, render
from synth_assets_docs.site import BESIDE
from synth_assets_tests.environment import only

LINK = re.compile(r"(?<!`)\]\(([^)\s]+)\)")
CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
AGAIN = "run `make docs`, which writes the pages made from code"
WRITTEN = [*pages(), *(ROOT / name for name in BESIDE)]


def test_pages_made_from_code_are_up_to_date() -> None:
    for name, text in render().items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"docs/{name}: {AGAIN}"


def test_every_variable_of_a_deployment_is_explained() -> None:
    with only():
        assert settings.undocumented() == set()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_a_file_and_heading(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8").replace("](`", "]("))
    for target in LINK.findall(text):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in _anchors(path), f"{page.name}: {target}"


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    words = [re.sub(r"[^\w\s-]", "", title.lower()) for title in titles]
    return {re.sub(r"\s+", "-", text.strip()) for text in words}


def test_the_site_has_every_page() -> None:
    config = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    listed = set(_paths(config["project"]["nav"]))
    found = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} | set(BESIDE)
    # A page that the build makes lists the decisions.
    found = {name for name in found if not name.startswith("decisions/")}
    assert found | {"decisions/index.md"} == listed, "zensical.toml names the pages of the site"


def _paths(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    inner = entry.values() if isinstance(entry, dict) else entry
    return [path for part in inner for path in _paths(part)]


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_fences_have_a_language_and_commands_have_options_that_exist(page: Path) -> None:
    fences = re.findall(r"^ *```(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert all(fences[::2]), f"{page.name}: a fence without a language"
    for example in examples_of(page):
        if example.language == "python":
            ast.parse(example.body)
        for words in synth_commands(example):
            _assert_parses(words, str(example))


def _assert_parses(words: list[str], where: str) -> None:
    assert words, where
    if words[0].startswith("-"):
        return
    assert words[0] in COMMANDS, f"{where}: there is no `synth {words[0]}`"
    command = load(words[0])
    known = {"--help"}
    for part in (command, *getattr(command, "commands", {}).values()):
        known |= {name for p in part.params for name in (*p.opts, *p.secondary_opts)}
    used = {word.partition("=")[0] for word in words[1:] if word.startswith("-")}
    assert used <= known, f"{where}: synth {words[0]} has no {', '.join(sorted(used - known))}"


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_outputs_are_compared_without_times() -> None:
    found = "a\nb\n│ t │ 1 │ 0.25 │\nGate passed: 9 verdicts in 1.5 s\n"
    assert alike("…\n│ t │ 1 │ 0.5 │\nGate passed: … in 0.9 s\n", found)
    assert not alike("…\n│ t │ 2 │ 0.5 │\nGate passed: 9 verdicts in 0.9 s\n", found)
    assert not alike("a\nGate passed: 9 verdicts in 0.9 s\n", found)
