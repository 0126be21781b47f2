"""The folder of a home, as its variable names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.variables import home


def test_a_home_that_cannot_be_used_is_refused_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    refused = {
        "s3://bucket/x": "must be a folder on this machine",
        "~nobody-at-all/x": "no such user",
        str(tmp_path / "file"): "is a file, and must be a folder",
        str(tmp_path / "[x]"): r"may not have \[, since",
        "a" * 5_000: "File name too long",
    }
    for value, said in refused.items():
        monkeypatch.setenv("SYNTH_HOME", value)
        with pytest.raises(UserError, match=said) as error:
            home()
        assert len(str(error.value)) < 200
