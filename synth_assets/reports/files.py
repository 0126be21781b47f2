"""Writes the files of a report, and keeps the index of all domains beside published reports.

A report of one domain is ``report.html``, ``report.json`` and ``report.xml``. Of several domains,
``report.html`` is the index, and each domain has a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from synth_assets.core.errors import UserError
from synth_assets.reports import history, html_report, json_report, junit
from synth_assets.reports.gate import GateReport

# In the folder of all published reports.
HISTORY, INDEX = "history.sqlite", "index.html"


def publish(report: GateReport, folder: Path, published: Path) -> list[Path]:
    """Writes a report; in the folder of published reports, also records it and renews the index.

    Only reports of complete domains are recorded: the counts of others cannot be compared.

    Args:
        report: The report.
        folder: Its folder, which is created if it does not exist.
        published: The folder of all published reports, with the history and the index.

    Returns:
        The files of the report.

    Raises:
        UserError: A file cannot be written.
    """
    if not folder.is_relative_to(published):
        return write(report, folder)
    recorded, place = published / HISTORY, folder.relative_to(published)
    trends: dict[str, list[history.Entry]] = {}
    new = []
    for domain in report.domains:
        trends[domain.name] = history.entries(recorded, domain.name, html_report.TREND)
        if domain.complete:
            page = (place / page_of(report, domain.name)).as_posix()
            new.append(history.entry_of(domain, report.created_at, page))
            trends[domain.name].append(new[-1])
    paths = write(report, folder, trends, "../" * len(place.parts) + INDEX)
    for entry in new:
        history.record(recorded, entry)
    _write_index(published, report)
    return paths


def page_of(report: GateReport, domain: str) -> str:
    """The file of a domain's page.

    Args:
        report: The report.
        domain: Name of one of its domains.
    """
    return "report.html" if len(report.domains) == 1 else f"{domain}.html"


def write(
    report: GateReport,
    folder: Path,
    trends: Mapping[str, Sequence[history.Entry]] = {},
    index: str = "",
) -> list[Path]:
    """Writes HTML, JSON and JUnit XML, each completely or not at all.

    No file is replaced before all are written to temporary files.

    Args:
        report: The report.
        folder: The folder, which is created if it does not exist.
        trends: The recorded reports of each domain, oldest first.
        index: Address of the index of all domains, relative to the folder; empty if there is none.

    Returns:
        The files.

    Raises:
        UserError: A file cannot be written.
    """
    several = len(report.domains) != 1
    texts = {
        page_of(report, domain.name): html_report.domain_page(
            report, domain, trends.get(domain.name, ()), "report.html" if several else index
        )
        for domain in report.domains
    }
    if several:
        texts["report.html"] = html_report.index_page(
            report.title, report.created_at, _shown(report, trends), report.ui
        )
    texts |= {"report.json": json_report.render(report), "report.xml": junit.render(report)}
    first = dict.fromkeys(("report.html", "report.json", "report.xml", *texts))
    paths = {folder / name: texts[name] for name in first}
    _write_all(paths, folder)
    return list(paths)


def _shown(
    report: GateReport, trends: Mapping[str, Sequence[history.Entry]]
) -> list[tuple[history.Entry, list[history.Entry]]]:
    """The report of each domain, and its trend with the report itself last."""
    shown = []
    for domain in report.domains:
        entry = history.entry_of(domain, report.created_at, page_of(report, domain.name))
        earlier = [e for e in trends.get(domain.name, ()) if e.created_at != entry.created_at]
        shown.append((entry, [*earlier, entry]))
    return shown


def _write_index(published: Path, report: GateReport) -> None:
    recorded = published / HISTORY
    trends = [history.entries(recorded, name) for name in history.domains(recorded)]
    if trends:
        # The newest report that has a page is shown: its numbers are those of the page.
        shown = [(next((e for e in reversed(t) if e.page), t[-1]), t) for t in trends]
        newest = max(entry.created_at for entry, _ in shown)
        page = html_report.index_page("Quality gates", newest, shown, report.ui)
        _write_all({published / INDEX: page}, published)


def _write_all(texts: Mapping[Path, str], folder: Path) -> None:
    suffix = uuid4().hex[:8]
    unfinished = {path: path.with_name(f".{path.name}.{suffix}.tmp") for path in texts}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            if path.is_dir():
                raise IsADirectoryError(None, f"{path.name} is a folder")
            # Characters that UTF-8 cannot encode (half a surrogate pair) are escaped.
            unfinished[path].write_text(text, encoding="utf-8", errors="backslashreplace")
        for path, ready in unfinished.items():
            ready.replace(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"cannot write the gate report to {folder}: {reason}") from None
    finally:
        _remove(unfinished.values())


def _remove(leftovers: Iterable[Path]) -> None:
    for path in leftovers:
        with suppress(OSError):  # the file does not exist, or cannot
            path.unlink()
