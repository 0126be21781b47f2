"""Sends the events of a timeline to a target, and records what was sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.replay.envelope import truth_lines, with_envelopes
from synth_assets.replay.events import CREATE, DELETE, READ, UPDATE
from synth_assets.replay.moments import shown
from synth_assets.replay.pace import Pace
from synth_assets.replay.position import PositionFile
from synth_assets.replay.targets.target import Target
from synth_assets.replay.timeline import Timeline

# What operations are called, in the order in which they are counted.
NAMES = {READ: "reads", CREATE: "inserts", UPDATE: "updates", DELETE: "deletes"}


@dataclass
class Sent:
    """What a replay has sent.

    Attributes:
        before: Events that an earlier replay had sent.
        counts: Events by operation.
        first: Moment of the first event, in microseconds since 1970.
        last: Moment of the last one.
    """

    before: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None

    @property
    def events(self) -> int:
        """The number of events."""
        return self.counts.total()

    def described(self, table: Table, target: Target) -> str:
        """How many events were sent, of which kinds and moments.

        Args:
            table: The table of the events.
            target: Where they were sent.
        """
        counts = ", ".join(
            f"{self.counts[op]:,} {name}"
            for op, name in NAMES.items()
            if op != READ or self.counts[op]
        )
        events = f"{self.events:,} change event{'' if self.events == 1 else 's'}"
        text = f"sent {events} of {table.path} to {target.shown}: {counts}"
        if self.first is not None and self.last is not None:
            text += f"; of {shown(self.first)} to {shown(self.last)}"
        return text + (f" ({self.before:,} were sent before)" if self.before else "")


@dataclass(frozen=True)
class Player:
    """Plays a timeline.

    Attributes:
        timeline: The events.
        target: Where they are sent.
        pace: When they are due.
        limit: Events to send at most.
        position: The file of the position, which is written after each batch.
        truth: The file that the invented events are added to.
    """

    timeline: Timeline
    target: Target
    pace: Pace
    limit: int | None = None
    position: PositionFile | None = None
    truth: Path | None = None

    def play(self, sent: Sent) -> None:
        """Sends events until the last, the limit, or a stop.

        Args:
            sent: Has what was sent before, and is updated with every batch, so that it is right
                after an error as well.

        Raises:
            UserError: The target has refused a batch for good, or a file cannot be written.
        """
        for window in self.timeline.windows(sent.before):
            left = None if self.limit is None else self.limit - sent.events
            if left == 0 or self.pace.stopped:
                return
            events = window if left is None else window.head(left)
            for batch in self.pace.batches(with_envelopes(events, self.timeline.table)):
                self.target.send(batch)
                sent.counts.update(batch["op"].to_list())
                sent.first = batch["at"][0] if sent.first is None else sent.first
                sent.last = batch["at"][-1]
                self._record(sent, truth_lines(batch))

    def _record(self, sent: Sent, invented: bytes) -> None:
        if self.truth and invented:
            try:
                with self.truth.open("ab") as file:
                    file.write(invented)
            except OSError as error:
                raise UserError(f"cannot write --truth {self.truth}: {error.strerror}") from None
        if self.position:
            self.position.write(sent.before + sent.events)
