"""Cron expressions: the possible ones are those that Dagster takes."""

from __future__ import annotations

import pytest
from dagster._utils.schedules import is_valid_cron_string

from synth_assets.declarative.cron import require_cron

TEXTS = (
    "30 4 * * *", "*/5 0-6,8 1 jan-mar mon", "00 04 * * 7", "0 22-2 * * fri-mon", "5/15 * L * *",
    "@daily", "@annually", "99 99 * * *", "0 0 0 * *", "0 0 32 * *", "* * * 13 *", "* * * * 8",
    "1-70 * * * *", "*/0 * * * *", "@never", "0 24 * * *", "0 0 * mon *",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_dagster_takes_is_taken(text: str) -> None:
    if is_valid_cron_string(text):
        require_cron(text)
    else:
        with pytest.raises(ValueError, match=r"is no |take one of"):
            require_cron(text)
