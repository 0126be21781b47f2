"""Alerts about failed runs, sent to a server on this machine."""

from __future__ import annotations

import json
import threading
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


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_no_success_is_reported_without_the_address(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status
    assert alerting.send(ALERT) == f"no alert was sent: the webhook answered {status}"
    assert len(receiver.received) == 1


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
