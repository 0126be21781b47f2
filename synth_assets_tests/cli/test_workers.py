"""Work that several processes share."""

from __future__ import annotations

import os
import signal
import struct
import time
from multiprocessing import Pipe, active_children, get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import pytest

from synth_assets.cli.workers import Send, WorkerDiedError, _give, _received, work_on
from synth_assets.core.errors import UnknownNameError, UserError


def _square(number: int, send: Send) -> int:
    send(f"began {number}")
    return number**2


def _refuse(number: int, send: Send) -> int:
    raise UserError(f"{number} is not allowed")


def _refuse_a_name(name: str, send: Send) -> None:
    raise UnknownNameError("table", name, ["b"])


def _print(message: Any) -> None:
    """A message that nothing receives."""


def _die(number: int, send: Send) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def _wait_for_a_signal(file: Path, send: Send) -> None:
    try:
        send("ready")
        time.sleep(60)
    except KeyboardInterrupt:
        file.write_text("stopped")
        raise


def _replace_the_interruption(task: Any, send: Send) -> None:
    try:
        send("ready")
        time.sleep(60)
    except KeyboardInterrupt:
        raise TypeError("an error of a library") from None


def _ignore(task: Any, message: Any) -> None:
    """Messages that a test does not look at."""


def test_every_task_is_done_once_and_its_messages_arrive() -> None:
    messages: list[tuple[int, str]] = []
    done = work_on([3, 1, 2], _square, 2, lambda task, text: messages.append((task, text)))
    assert sorted(done) == [(1, 1), (2, 4), (3, 9)]
    assert sorted(messages) == [(1, "began 1"), (2, "began 2"), (3, "began 3")]


def test_an_error_of_a_task_is_raised() -> None:
    with pytest.raises(UserError, match="7 is not allowed"):
        list(work_on([7], _refuse, 2, _ignore))


def test_a_worker_that_dies_is_an_error() -> None:
    with pytest.raises(WorkerDiedError, match="1: its process was ended by SIGKILL, without a"):
        list(work_on([1], _die, 1, _ignore))


def test_an_error_with_arguments_of_its_own_is_raised_with_its_text() -> None:
    with pytest.raises(UserError, match=r"unknown table 'a': known are b"):
        list(work_on(["a"], _refuse_a_name, 1, _ignore))


def test_a_worker_that_dies_in_a_message_is_an_error() -> None:
    ours, theirs = Pipe()
    os.write(theirs.fileno(), struct.pack("!i", 100) + b"half")
    theirs.close()
    process = get_context("spawn").Process(target=_square, args=(1, _print))
    process.start()
    with pytest.raises(WorkerDiedError, match="shop: its process ended without a result"):
        _received(ours, process, "shop")


def test_a_task_for_a_worker_that_died_is_not_an_error_yet() -> None:
    ours, theirs = Pipe()
    theirs.close()
    _give(ours, "shop")


def test_an_interruption_stops_the_workers(tmp_path: Path) -> None:
    def interrupt(task: Path, message: str) -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(work_on([tmp_path / "a"], _wait_for_a_signal, 1, interrupt))
    assert time.monotonic() - started < 20
    assert (tmp_path / "a").read_text() == "stopped"


def test_an_interruption_that_became_an_error_prints_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def interrupt(task: int, message: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(work_on([1], _replace_the_interruption, 1, interrupt))
    assert capfd.readouterr().err == ""


def test_ctrl_c_while_a_worker_starts_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = SpawnProcess.start

    def interrupted(process: SpawnProcess) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        start(process)

    monkeypatch.setattr(SpawnProcess, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(work_on([tmp_path / "a"], _wait_for_a_signal, 1, _ignore))
    assert not active_children()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
