"""The services that execute runs are looked for when a command or a service starts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from synth_assets.core.errors import UserError
from synth_assets.orchestration import run_services
from synth_assets.orchestration.run_services import require_run_services
from synth_assets.orchestration.settings import Settings

SECRET = "pa55word"
# What each execution needs, as a variable and its value for a port of this machine.
DASK = ("dask", "SYNTH_DASK_SCHEDULER", "tcp://127.0.0.1:{}")
CELERY = ("celery", "SYNTH_BROKER_URL", f"redis://:{SECRET}@127.0.0.1:{{}}/0")


@pytest.fixture
def port(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A port of this machine on which nobody listens yet."""
    monkeypatch.setattr(run_services, "PATIENCE_SECONDS", 0.0)
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept


def _settings(monkeypatch: pytest.MonkeyPatch, execution: str, variable: str, url: str) -> Settings:
    monkeypatch.setenv("SYNTH_EXECUTION", execution)
    monkeypatch.setenv(variable, url)
    return Settings.from_environment()


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        (
            DASK,
            "SYNTH_DASK_SCHEDULER: cannot reach Dask's scheduler at {}",
        ),
        (CELERY, "SYNTH_BROKER_URL: cannot reach Redis at {}"),
    ],
)
def test_a_service_that_does_not_answer_is_named(
    needs: tuple[str, str, str], expected: str, port: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution, variable, url = needs
    number = port.getsockname()[1]
    settings = _settings(monkeypatch, execution, variable, url.format(number))
    with pytest.raises(UserError) as found:
        require_run_services(settings)
    assert str(found.value) == expected.format(f"127.0.0.1:{number}: Connection refused")


@pytest.mark.parametrize("needs", [DASK, CELERY])
def test_a_service_that_starts_is_waited_for(
    needs: tuple[str, str, str], port: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution, variable, url = needs
    settings = _settings(monkeypatch, execution, variable, url.format(port.getsockname()[1]))
    monkeypatch.setattr(run_services, "PATIENCE_SECONDS", 60.0)
    timer = threading.Timer(0.2, port.listen)
    timer.start()
    require_run_services(settings)
    timer.join()


@pytest.mark.parametrize(
    ("execution", "variable", "url"),
    [
        ("local", "SYNTH_DASK_SCHEDULER", "tcp://127.0.0.1:1"),
        ("dask", "SYNTH_BROKER_URL", "redis://127.0.0.1:1"),
        ("celery", "SYNTH_BROKER_URL", "unix:///nowhere"),
    ],
)
def test_nothing_else_is_looked_for(
    execution: str, variable: str, url: str, port: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_run_services(_settings(monkeypatch, execution, variable, url))
