"""What an event's text repeats, moved to its front and marked where it was.

The names of a run, a step and an asset are up to eight times in the JSON of an event, between names
of fields that all events of a kind share. Where they are marked by one character, the texts of a
kind are nearly the same. Compressing them is in ``event_text``.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from uuid import UUID

# JSON has no control characters: one marks a place of the run's id, one a timestamp, and one each
# a name, in the order in which they are replaced; the first ends a name at the front.
END, RUN, TIMESTAMP, NAMES = "\x00", "\x0e", "\x0f", "\x01\x02\x03\x04\x05\x06"
RUN_ID = re.compile('"run_id": "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
TIMESTAMPS = re.compile('"timestamp": ([0-9]+[.][0-9]+)')
# What stands before the names of domain and table, job, step, check and partition.
BEFORE_NAMES = (
    '"path": ["',
    f'"path": ["{NAMES[0]}", "',
    '"pipeline_name": "',
    '"step_key": "',
    '"check_name": "',
    '"partition": "',
)
SHORTEST = 3
MOST_TIMESTAMPS, RUN_BYTES = 255, 16
NO_RUN = bytes(RUN_BYTES)


def marked(text: str) -> tuple[bytes, str] | None:
    """Marks what a text repeats.

    Args:
        text: The text of an event.

    Returns:
        The run's id and the timestamps, and the names and the text with marks; None where the text
        may have such characters itself.
    """
    if not text.isprintable():
        return None
    found, run = RUN_ID.search(text), NO_RUN
    if found:
        run, text = UUID(found[1]).bytes, text.replace(found[1], RUN)
    timestamps: list[float] = []

    def mark(match: re.Match[str]) -> str:
        number = float(match[1])
        if repr(number) != match[1] or len(timestamps) == MOST_TIMESTAMPS:
            return match[0]
        timestamps.append(number)
        return f'"timestamp": {TIMESTAMP}'

    text = TIMESTAMPS.sub(mark, text)
    names = []
    for before, character in zip(BEFORE_NAMES, NAMES, strict=True):
        names.append(name := _name_after(before, text))
        text = text.replace(name, character) if name else text
    front = run + struct.pack(f">B{len(timestamps)}d", len(timestamps), *timestamps)
    return front, END.join((*names, text))


def _name_after(before: str, text: str) -> str:
    """The name after the first place of some text; none if it is too short, or has an escape."""
    _, found, after = text.partition(before)
    name = after[: after.find('"')] if found else ""
    return name if len(name) >= SHORTEST and "\\" not in name else ""


def front_of(stored: bytes) -> tuple[bytes, bytes]:
    """The front that ``marked`` returned, and what follows it.

    Args:
        stored: The front and more.
    """
    size = RUN_BYTES + 1 + 8 * stored[RUN_BYTES]
    return stored[:size], stored[size:]


def unmarked(front: bytes, text: str) -> str:
    """The text of which ``marked`` returned this.

    Args:
        front: The run's id and the timestamps.
        text: The names and the text with marks.
    """
    *names, text = text.split(END)
    # A name may have marks of those that were replaced before.
    for name, character in reversed(list(zip(names, NAMES, strict=True))):
        text = text.replace(character, name) if name else text
    timestamps = _timestamps(front)
    text = re.sub(TIMESTAMP, lambda _: repr(next(timestamps)), text)
    return text.replace(RUN, str(UUID(bytes=front[:RUN_BYTES])))


def _timestamps(front: bytes) -> Iterator[float]:
    return iter(struct.unpack(f">{front[RUN_BYTES]}d", front[RUN_BYTES + 1 :]))
