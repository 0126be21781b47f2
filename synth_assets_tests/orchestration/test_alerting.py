"""Alerts about failed runs, sent to a server on this machine."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from synth_assets.core.errors import UserError
from synth_assets.orchestration import alerting
from synth_assets.orchestration.ui_address import ui_address
from synth_assets.reports.alerts import LISTED, SHAPES, Alert, payload
from synth_assets_tests.secrets import SECRET

ALERT = Alert(
    "shop",
    "shop_all",
    "0123456789",
    ["shop/orders total <!channel> & more"],
    "http://dagster.test/runs/0123456789",
    "http://dagster.test/assets/shop/gate_report",
)


class Receiver(HTTPServer):
    """Keeps what it receives, and answers with a status."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/{SECRET}"


class Handler(BaseHTTPRequestHandler):
    """Takes one message."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(json.loads(body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Prints nothing."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A webhook, whose address is in the environment."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv(alerting.WEBHOOK, server.address)
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("shape", SHAPES)
def test_an_alert_arrives_in_the_shape_that_is_asked_for(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, shape: Any
) -> None:
    monkeypatch.setenv(alerting.FORMAT, shape)
    assert alerting.send(ALERT) == f"an alert was sent ({shape})"
    [found] = receiver.received
    assert found == payload(ALERT, shape)
    assert "shop/orders total" in json.dumps(found)
    assert ALERT.run_url in json.dumps(found)


def test_each_shape_is_that_of_its_service() -> None:
    slack, teams, plain = (payload(ALERT, shape) for shape in SHAPES)
    assert [block["type"] for block in slack["blocks"]] == ["header", "section", "context"]
    assert "&lt;!channel&gt; &amp; more" in slack["blocks"][1]["text"]["text"]
    [attachment] = teams["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["type"] == "AdaptiveCard"
    assert (plain["event"], plain["messages"]) == ("run_failed", list(ALERT.messages))


def test_long_alerts_are_cut() -> None:
    many = Alert("shop", "", "", ["x" * 1_000] * 40, "", "")
    assert len(many.lines) == LISTED + 1
    assert many.lines[-1] == "and 30 more"
    assert len(payload(many, "slack")["blocks"][1]["text"]["text"]) < 3_000


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("https://hooks.slack.com/services/T0/B0/x", "slack"),
        ("https://shop.webhook.office.com/webhookb2/x", "teams"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams"),
        ("https://notslack.com/x", "json"),
        ("http://localhost:9/x", "json"),
    ],
)
def test_the_host_decides_the_shape(
    monkeypatch: pytest.MonkeyPatch, address: str, shape: str
) -> None:
    monkeypatch.setenv(alerting.WEBHOOK, address)
    monkeypatch.delenv(alerting.FORMAT, raising=False)
    assert alerting.webhook() == (address, shape)


@pytest.mark.parametrize("status", [302, 304, 404, 500])
def test_an_answer_that_is_no_success_is_reported_without_the_address(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status
    assert alerting.send(ALERT) == f"no alert was sent: the webhook answered {status}"
    assert len(receiver.received) == 1


def test_no_log_has_the_address(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert alerting.send(ALERT).startswith("an alert was sent")
    assert SECRET not in caplog.text


def test_a_slow_answer_does_not_hold_the_sensor(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that arrive one by one are within the time between bytes."""
    go_on = threading.Event()
    monkeypatch.setattr(alerting, "TOTAL_SECONDS", 0.2)
    monkeypatch.setattr(Handler, "do_POST", lambda _: go_on.wait(10))
    assert alerting.send(ALERT) == "no answer to an alert within 0.2 s"
    go_on.set()


def test_no_text_has_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(alerting.WEBHOOK, f"http://127.0.0.1:9/{SECRET}")
    assert "cannot be reached (ConnectionError)" in alerting.send(ALERT)
    for wrong in (SECRET, f"ftp://{SECRET}", f"http://[{SECRET}", "http://"):
        monkeypatch.setenv(alerting.WEBHOOK, wrong)
        text = alerting.send(ALERT)
        assert "SYNTH_ALERT_WEBHOOK: must be a web address" in text
        assert SECRET not in text
    monkeypatch.delenv(alerting.WEBHOOK)
    assert alerting.send(ALERT).endswith("SYNTH_ALERT_WEBHOOK is not set")


def test_an_unknown_shape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(alerting.FORMAT, "pigeon")
    with pytest.raises(UserError, match="must be one of slack, teams, json"):
        alerting.webhook()


@pytest.mark.usefixtures("home")
def test_the_address_of_the_ui_is_a_web_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ui_address() == "http://localhost:3000"
    monkeypatch.setenv("SYNTH_UI_URL", "https://dagster.example.com/prod/")
    assert ui_address() == "https://dagster.example.com/prod"
    for wrong in ("javascript:alert(1)", "dagster.example.com", 'http://x" onclick="y'):
        monkeypatch.setenv("SYNTH_UI_URL", wrong)
        with pytest.raises(UserError, match=r"SYNTH_UI_URL = .* must begin with http"):
            ui_address()


def test_markup_does_not_make_a_message_longer_than_slack_takes() -> None:
    many = Alert("shop", "shop_all", "0" * 36, ["<&>" * 200] * 30, "http://a", "http://b")
    text = payload(many, "slack")["blocks"][1]["text"]["text"]
    assert len(text) < 3_000
    assert not re.search(r"&(?!(amp|lt|gt);)", text)


@pytest.mark.parametrize(
    "address", [f"http://{'a' * 70}.test/", "http://hooks..test/", "http://us€r:word@127.0.0.1:1/"]
)
def test_an_address_that_cannot_be_used_is_reported_without_it(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(alerting.WEBHOOK, address + SECRET)
    found = alerting.send(ALERT)
    assert found.startswith("no alert was sent: the webhook cannot be reached")
    assert SECRET not in found
    assert "hooks" not in found


def test_an_answer_without_an_end_does_not_hold_the_sensor(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        go_on.wait(10)

    monkeypatch.setattr(Handler, "do_POST", drip)
    started = time.monotonic()
    assert alerting.send(ALERT).startswith("an alert was sent")
    go_on.set()
    assert time.monotonic() - started < 5
