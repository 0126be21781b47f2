"""Writes the files of a report: HTML, JSON and JUnit XML."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from synth_assets.core.errors import UserError
from synth_assets.reports import html_report, json_report, junit
from synth_assets.reports.gate import GateReport


def write(report: GateReport, folder: Path) -> list[Path]:
    """Writes report.html, report.json and report.xml, each completely or not at all.

    No file is replaced before all three are written to temporary files.

    Args:
        report: The report.
        folder: The folder, which is created if it does not exist.

    Returns:
        The three files.

    Raises:
        UserError: A file cannot be written.
    """
    texts = {
        folder / "report.html": html_report.render(report),
        folder / "report.json": json_report.render(report),
        folder / "report.xml": junit.render(report),
    }
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
    return list(texts)


def _remove(leftovers: Iterable[Path]) -> None:
    for path in leftovers:
        with suppress(OSError):  # the file does not exist, or cannot
            path.unlink()
