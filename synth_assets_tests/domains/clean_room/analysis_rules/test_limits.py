"""A query ends: in time, within its memory, at an interrupt, and without a traceback."""

from __future__ import annotations

import os
import signal
import threading
import time

import duckdb
import polars as pl
import pytest

from synth_assets.cli.console import buffered_stderr
from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.analysis_rules import CleanRoom
from synth_assets.domains.clean_room.analysis_rules.engine import COULD_NOT, FAULT
from synth_assets.domains.clean_room.analysis_rules.errors import RefusedError
from synth_assets.domains.clean_room.analysis_rules.limits import (
    MEMORY,
    SECONDS,
    LimitError,
    Limits,
)
from synth_assets.domains.clean_room.analysis_rules.sandbox import Sandbox
from synth_assets_tests.domains.clean_room.analysis_rules.made import M, P

MANY = f"`{M}.users` AS a CROSS JOIN `{M}.users` AS b CROSS JOIN `{M}.users` AS c"
ENDLESS = (
    f"SELECT COUNT(*) AS n FROM {MANY} CROSS JOIN `{M}.users` AS d WHERE a.id * b.id < c.id + d.id"
)
JOINED = (
    f"SELECT WITH AGGREGATION_THRESHOLD COUNT(*) AS n FROM `{P}.open_users` AS p "
    f"JOIN (SELECT 'city 0' AS city FROM {MANY}) AS q ON q.city = p.city"
)
SMALL = 64 * 2**20


def _limit(clean_room: CleanRoom, patch: pytest.MonkeyPatch, seconds: float, memory: int) -> None:
    patch.setattr(clean_room, "_limits", Limits(seconds, memory))


def _ended() -> None:
    """Assert that the query's thread ends."""
    for one in threading.enumerate():
        if one.name == "clean-room query":
            one.join(5)
            assert not one.is_alive(), "the query goes on"


@pytest.mark.parametrize("sql", [ENDLESS, JOINED], ids=["own", "protected"])
def test_a_query_is_stopped_in_time(
    clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    _limit(clean_room, monkeypatch, 1, 2**40)
    start = time.monotonic()
    with pytest.raises(LimitError, match=f"stopped after 1 seconds: .* {SECONDS}"):
        clean_room.run(sql, "merchant")
    assert time.monotonic() - start < 30
    _ended()


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT a.email, b.email AS e, c.email AS f FROM {MANY}",
        f"SELECT a.email, b.email AS e, c.email AS f, COUNT(*) AS n FROM {MANY} GROUP BY 1, 2, 3",
    ],
    ids=["answer", "grouping"],
)
def test_a_query_keeps_within_its_memory(
    clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    _limit(clean_room, monkeypatch, 60, SMALL)
    with pytest.raises(LimitError, match=f"more memory than 64 MiB: .* {MEMORY}"):
        clean_room.run(sql, "merchant")


def test_an_interrupt_stops_a_query(clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    _limit(clean_room, monkeypatch, 60, 2**31)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(1, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        clean_room.run(ENDLESS, "merchant")
    assert time.monotonic() - start < 30
    _ended()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (SECONDS, "0"),
        (SECONDS, "-1"),
        (SECONDS, "1.5"),
        (SECONDS, "inf"),
        (SECONDS, "٣"),
        (MEMORY, "2"),
        (MEMORY, "0GiB"),
        (MEMORY, "1MiB"),
        (MEMORY, "2GB"),
        (MEMORY, "2GiB; x"),
    ],
)
def test_a_bad_limit_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UserError, match=f"{variable} = "):
        CleanRoom([])


def test_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECONDS, raising=False)
    monkeypatch.delenv(MEMORY, raising=False)
    assert Limits.from_environment() == Limits(60, 2 * 2**30)
    monkeypatch.setenv(SECONDS, "5")
    monkeypatch.setenv(MEMORY, "512 mib")
    assert Limits.from_environment() == Limits(5, 512 * 2**20)


@pytest.mark.parametrize(
    "panic",
    [
        pl.exceptions.PanicException("canary@example.com"),
        duckdb.InternalException("INTERNAL Error: canary@example.com"),
        AssertionError("canary@example.com"),
        RecursionError("canary@example.com"),
        SystemError("canary@example.com"),
    ],
    ids=lambda panic: type(panic).__name__,
)
@pytest.mark.parametrize("at", [0, 1], ids=["rehearsal", "data"])
def test_no_panic_reaches_a_user(
    clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch, panic: BaseException, at: int
) -> None:
    asked: list[object] = []
    ask = Sandbox.execute

    def failing(self: Sandbox, query: object) -> pl.DataFrame:
        asked.append(query)
        if len(asked) > at:
            raise panic
        return ask(self, query)  # type: ignore[arg-type]

    monkeypatch.setattr(Sandbox, "execute", failing)
    with pytest.raises(RefusedError) as refused:
        clean_room.run(f"SELECT id FROM `{M}.users`", "merchant")
    assert str(refused.value) == (COULD_NOT if at else FAULT)


def test_what_a_panic_prints_is_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with buffered_stderr():
        os.write(2, b"a warning\n")

    def panic() -> None:
        with buffered_stderr():
            os.write(2, b"thread 'main' panicked at canary@example.com\n")
            raise pl.exceptions.PanicException("x")

    with pytest.raises(pl.exceptions.PanicException):
        panic()
    assert capfd.readouterr().err == "a warning\n"
