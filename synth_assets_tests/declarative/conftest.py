"""Domains of YAML texts, and their rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.core.sources import frames
from synth_assets.declarative.loader import load_domain

Declare = Callable[[str], Domain]


@pytest.fixture
def declare(home: Path, tmp_path: Path) -> Declare:
    """The domain of a text, which is a whole file or the tables of one."""

    def made(text: str) -> Domain:
        number = len(list(tmp_path.glob("*.yaml")))
        file = tmp_path / f"domain{number}.yaml"
        whole = re.search(r"^domain:", text, re.MULTILINE)
        head = "" if whole else "domain: made\nend_date: 2026-01-08\ntables:\n"
        file.write_text(head + text)
        return load_domain(file)

    return made


def rows_of(domain: Domain, name: str) -> pl.DataFrame:
    """All rows of a table, with their partition."""
    table = domain.table(name)
    found = frames(table, domain.scenario, table.partitioning.keys())
    keyed = [rows.with_columns(partition=pl.lit(part.key)) for part, rows in found]
    return pl.concat(keyed).collect()
