"""The files of ``synth contract``: a folder for each domain.

``<domain>/<table>.odcs.yaml``, ``<domain>/<table>.schema.json``, ``<domain>/dictionary.md``. The
dictionary has all tables of the domain, whichever are selected.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from synth_assets.contracts import json_schema, odcs
from synth_assets.contracts.dictionary import data_dictionary
from synth_assets.contracts.place import Place
from synth_assets.core.atomic_files import write_text
from synth_assets.core.model import Domain, Table

DICTIONARY = "dictionary.md"


def write(
    selected: Sequence[tuple[Domain, Sequence[Table]]], to: Path, place_of: Callable[[Table], Place]
) -> Iterator[Path]:
    """Writes the files of tables.

    Args:
        selected: Domains with the tables to describe.
        to: The folder; created if needed.
        place_of: Where a table is stored.

    Yields:
        The path of each file, once it is written.
    """
    for domain, tables in selected:
        folder = to / domain.name
        folder.mkdir(parents=True, exist_ok=True)
        for table in tables:
            text = odcs.contract(domain, table, place_of(table)).to_yaml()
            yield _written(folder / odcs.file_name(table), text)
            schema = json.dumps(json_schema.json_schema(table), indent=2, ensure_ascii=False)
            yield _written(folder / json_schema.file_name(table), f"{schema}\n")
        yield _written(folder / DICTIONARY, data_dictionary(domain))


def _written(path: Path, text: str) -> Path:
    write_text(path, text)
    return path
