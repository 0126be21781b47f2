"""The documentation site: ``docs`` and the pages of the repository, built by Zensical.

The site needs no network and no server. Mermaid comes from an installed package, the fonts are the
reader's, and a script of ``web`` makes the search work on pages that are opened from disk.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets_docs.pages import DOCS, write

ROOT = DOCS.parent
# What Zensical builds from; its settings name this folder. It leaves hidden folders out.
STAGE = ROOT / "site_pages"
# Scripts and styles, which the site has in a folder of the same name.
WEB = Path(__file__).with_name("web")
# Pages of the repository that the site has as well.
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md")
DIAGRAM = "```mermaid"
# Links between ``docs`` and the folder above it.
INTO_DOCS = re.compile(r"\]\(docs/")
OUT_OF_DOCS = re.compile(rf"\]\((?:\.\./)+({'|'.join(map(re.escape, BESIDE))})")
# The logo's link, to the folder of the site.
LOGO_LINK = re.compile(r'href="((?:\.{1,2}/)*)(\.{0,2})" title=')
LICENCE = re.compile(r"\[([^]]+)\]\((?:\.\./)*LICENSE\)")


def build() -> Path:
    """Writes the pages made from code, and builds the site; a broken link is an error.

    Returns:
        The page to open.

    Raises:
        CalledProcessError: The build has warnings or errors, which it has printed.
    """
    write()
    stage()
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    subprocess.run(command, cwd=ROOT, check=True)
    name_first_page(ROOT / "site")
    return ROOT / "site" / "index.html"


def name_first_page(site: Path) -> None:
    """Makes the logo a link to the first page, since a folder on a disk has no default page.

    Args:
        site: The built site.
    """
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(LOGO_LINK.sub(_to_first_page, text), encoding="utf-8")


def _to_first_page(link: re.Match[str]) -> str:
    folder = f"{link[1]}{link[2]}/" if link[2] else link[1]
    return f'href="{folder}index.html" title='


def stage(to: Path = STAGE) -> None:
    """Collects what the site is built from.

    Args:
        to: The folder, which is made anew.
    """
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(DOCS, to)
    shutil.copytree(WEB, to / WEB.name)
    shutil.copyfile(_mermaid(), to / WEB.name / "mermaid.js")
    for name in BESIDE:
        text = INTO_DOCS.sub("](", (ROOT / name).read_text(encoding="utf-8"))
        (to / name).write_text(text, encoding="utf-8")
    (to / "decisions" / "index.md").write_text(_decisions(to / "decisions"), encoding="utf-8")
    for page in to.rglob("*.md"):
        depth = len(page.relative_to(to).parts) - 1
        page.write_text(_for_site(page.read_text(encoding="utf-8"), depth), encoding="utf-8")


def _mermaid() -> Path:
    """Mermaid's script in the package that ships it, which need not be imported."""
    spec = find_spec("mermaidx")
    if spec is None or spec.origin is None:
        raise UserError("the documentation needs the package mermaidx: run `make setup`")
    return Path(spec.origin).with_name("assets") / "mermaid.js"


def _decisions(folder: Path) -> str:
    """The page that lists the decisions, by their first lines."""
    lines = ["# Decisions", "", "Each page says what was decided, and why.", ""]
    for page in sorted(folder.glob("[0-9]*.md")):
        title = page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        lines.append(f"- [{title}]({page.name})")
    return "\n".join(lines) + "\n"


def _for_site(text: str, depth: int) -> str:
    """A page with links that hold in the site; one with diagrams loads the script for them."""
    up = "../" * depth
    text = OUT_OF_DOCS.sub(rf"]({up}\1", text)
    text = LICENCE.sub(r"\1", text)
    if DIAGRAM in text:
        text += f'\n<script src="{up}{WEB.name}/mermaid.js"></script>\n'
    return text
