"""Writes a report for everyone who reads it: people, programs and CI systems."""

from __future__ import annotations

import os
from pathlib import Path

from synth_assets.generation.errors import UserError
from synth_assets.reports import document, junit, page
from synth_assets.reports.gate import GateReport


def write(report: GateReport, folder: Path) -> list[Path]:
    """Writes report.html, report.json and report.xml, each of them whole or not at all."""
    texts = {
        "html": page.render(report),
        "json": document.render(report),
        "xml": junit.render(report),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_put(folder / f"report.{ending}", text) for ending, text in texts.items()]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"cannot write the gate report to {folder}: {reason}") from None


def _put(path: Path, text: str) -> Path:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
