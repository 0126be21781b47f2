"""What a webhook receives about a failed run: Slack's shape, Microsoft Teams', or plain JSON.

Rows are not part of an alert. ``orchestration.alerting`` sends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from synth_assets.reports.formatting import visible

Shape = Literal["slack", "teams", "json"]
SHAPES: tuple[Shape, ...] = ("slack", "teams", "json")
VERSION = 1
# Messages of an alert, and characters of a message at most: Slack refuses long blocks.
LISTED, LENGTH = 10, 240


@dataclass(frozen=True)
class Alert:
    """A failed run of a domain.

    Attributes:
        domain: The domain's name.
        job: Name of the job, or a word for a run of assets.
        run_id: Id of the run.
        messages: A line for each check and step that failed.
        run_url: The run in the Dagster UI.
        report_url: The asset of the domain's gate report in the Dagster UI.
    """

    domain: str
    job: str
    run_id: str
    messages: Sequence[str]
    run_url: str
    report_url: str

    @property
    def title(self) -> str:
        """The alert in one line."""
        return f"{self.domain}: run {self.run_id[:8]} failed"

    @property
    def lines(self) -> list[str]:
        """The first messages, and the number of further ones."""
        shown = [_short(str(visible(message))) for message in self.messages[:LISTED]]
        further = len(self.messages) - len(shown)
        return shown + ([f"and {further} more"] if further else [])


def payload(alert: Alert, shape: Shape) -> dict[str, Any]:
    """The body of the request to a webhook.

    Args:
        alert: The alert.
        shape: Whose webhook it is.
    """
    return {"slack": _slack, "teams": _teams, "json": _plain}[shape](alert)


def _slack(alert: Alert) -> dict[str, Any]:
    """A message of blocks; the text is for notifications."""
    failed = "\n".join(f"• {_escaped(line)}" for line in alert.lines)
    links = f"<{alert.run_url}|Run> · <{alert.report_url}|Gate report> · {_escaped(alert.job)}"
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": alert.title}},
        {"type": "section", "text": {"type": "mrkdwn", "text": failed or "No check failed."}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": links}]},
    ]
    return {"text": _escaped(alert.title), "blocks": blocks}


def _teams(alert: Alert) -> dict[str, Any]:
    """A message with an adaptive card, as the Workflows app of Teams takes it."""
    blocks: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": alert.title, "weight": "Bolder", "size": "Medium"},
        *({"type": "TextBlock", "text": line, "wrap": True} for line in alert.lines),
        {"type": "TextBlock", "text": alert.job, "isSubtle": True, "size": "Small"},
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
        "actions": [
            {"type": "Action.OpenUrl", "title": "Run", "url": alert.run_url},
            {"type": "Action.OpenUrl", "title": "Gate report", "url": alert.report_url},
        ],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _plain(alert: Alert) -> dict[str, Any]:
    return {
        "version": VERSION,
        "event": "run_failed",
        "domain": alert.domain,
        "job": alert.job,
        "run_id": alert.run_id,
        "title": alert.title,
        "messages": list(alert.messages),
        "run_url": alert.run_url,
        "report_url": alert.report_url,
    }


def _short(text: str) -> str:
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"


def _escaped(text: str) -> str:
    """Text without Slack's markup of links and mentions."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
