"""A server that starts or recovers is waited for, and one that is not there is not."""

from __future__ import annotations

import logging
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.stores.postgres import connections
from synth_assets.stores.postgres.connections import Connections

RECOVERS = psycopg.OperationalError(
    'connection to server on socket "x" failed: FATAL:  the database system is not yet accepting '
    "connections\nDETAIL:  Consistent recovery state has not been yet reached."
)
ABSENT = psycopg.OperationalError('connection to server at "x", port 1 failed: Connection refused')


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """What the client library is asked to connect."""
    connect = Mock()
    monkeypatch.setattr(psycopg, "connect", connect)
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.01)
    return connect


def _connections() -> Connections:
    return Connections(Mock(shown="postgresql://host/db", **{"parameters.return_value": {}}))


def test_a_recovering_server_is_waited_for_and_said_so_once(
    opened: Mock, caplog: pytest.LogCaptureFixture
) -> None:
    database: Any = Mock()
    database.__enter__ = Mock(return_value=database)
    database.__exit__ = Mock(return_value=None)
    opened.side_effect = [RECOVERS, RECOVERS, database]
    with caplog.at_level(logging.WARNING), _connections().keep_open():
        assert opened.call_count == 3
    assert [record.getMessage() for record in caplog.records] == [
        "postgresql://host/db is starting: waiting up to 30 s"
    ]


def test_a_server_that_does_not_recover_is_an_error(
    opened: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "RECOVERY_SECONDS", 0.05)
    opened.side_effect = RECOVERS
    with pytest.raises(UserError, match="not yet accepting connections"), _connections().lease():
        pass
    assert opened.call_count > 2


def test_a_server_that_is_not_there_is_reported_at_once(opened: Mock) -> None:
    opened.side_effect = ABSENT
    with pytest.raises(UserError, match="Connection refused"), _connections().lease():
        pass
    assert opened.call_count == 1
