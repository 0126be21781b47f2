"""There is one daemon of an instance, also while it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.orchestration import daemon_lock
from synth_assets.orchestration.home import prepare_home
from synth_assets.orchestration.settings import Settings

# Takes the lock, and replaces itself as the commands do.
DAEMON = """
import os, sys
from synth_assets.orchestration import daemon_lock
from synth_assets.orchestration.settings import Settings
daemon_lock.take(Settings.from_environment())
program = "import sys; print('up', flush=True); sys.stdin.read()"
os.execv(sys.executable, [sys.executable, "-c", program])
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def instance(
    request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The settings of an instance that keeps its records in each of the two databases."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    settings = Settings.from_environment()
    prepare_home(settings)
    return settings


def daemon() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", DAEMON],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_a_second_daemon_is_refused_until_the_first_has_ended(instance: Settings) -> None:
    assert not daemon_lock.is_held(instance)
    first = daemon()
    assert daemon_lock.is_held(instance)
    with pytest.raises(UserError, match="another daemon works on this instance"):
        daemon_lock.take(instance)
    first.kill()
    first.wait()
    second = daemon()
    second.kill()
    second.wait()
