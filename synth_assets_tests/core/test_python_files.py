"""Modules of folders: two folders of one name do not mix, whatever threads load them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from synth_assets.core.python_files import returned_by


def test_threads_may_load_folders_of_one_name(tmp_path: Path) -> None:
    for number in range(2):
        folder = tmp_path / str(number) / "same"
        folder.mkdir(parents=True)
        # More time between the beginning and the end of an import, as real modules have.
        (folder / "inner.py").write_text(f"import time\ntime.sleep(0.001)\nNUMBER = {number}\n")
        text = "from .inner import NUMBER\n\n\ndef number():\n    return NUMBER\n"
        (folder / "outer.py").write_text(text)

    def loaded(number: int) -> int:
        return returned_by(tmp_path / str(number) / "same", "same", "outer", "number", int)

    numbers = [number % 2 for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(loaded, numbers)) == numbers
