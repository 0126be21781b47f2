"""Writes a report for everyone who reads it: people, programs and CI systems."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from synth_assets.core.errors import UserError
from synth_assets.reports import document, junit, page
from synth_assets.reports.gate import GateReport


def write(report: GateReport, folder: Path) -> list[Path]:
    """Writes report.html, report.json and report.xml, each of them whole or not at all.

    None takes its place before all three lie complete beside theirs.
    """
    texts = {
        folder / "report.html": page.render(report),
        folder / "report.json": document.render(report),
        folder / "report.xml": junit.render(report),
    }
    mark = uuid4().hex[:8]
    unfinished = {path: path.with_name(f".{path.name}.{mark}.tmp") for path in texts}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            if path.is_dir():
                raise IsADirectoryError(None, f"{path.name} is a folder")
            # What UTF-8 cannot say (half a surrogate pair) is spelt out.
            unfinished[path].write_text(text, encoding="utf-8", errors="backslashreplace")
        for path, ready in unfinished.items():
            ready.replace(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"cannot write the gate report to {folder}: {reason}") from None
    finally:
        _remove(unfinished.values())
    return list(texts)


def _remove(leftovers: Iterable[Path]) -> None:
    for path in leftovers:
        with suppress(OSError):  # nothing lies there, or nothing can
            path.unlink()
