"""Compressed texts of events in SQLite: they take a tenth of the space.

What an event repeats is marked (``event_marks``); what is left is nearly the same for all events of
a kind, and is compressed with a dictionary of such texts. Dagster reads and writes these columns
through SQLAlchemy, so their type compresses them; texts of earlier forms are read as they are.
"""

from __future__ import annotations

import zlib
from typing import Any

import sqlalchemy as db
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    AssetKeyTable,
    SqlEventLogStorageTable,
)

from synth_assets.orchestration.event_dictionary import DICTIONARY, TEMPLATES
from synth_assets.orchestration.event_marks import front_of, marked, unmarked

# The first byte of a compressed text.
PLAIN, MARKED = b"\x01", b"\x02"
LEVEL, NO_HEADER = 6, -15


class CompressedText(db.types.TypeDecorator[str]):
    """A text that is compressed in SQLite, and a text as usual in other databases."""

    impl = db.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> Any:
        """What is stored."""
        return value if value is None or dialect.name != "sqlite" else compressed(value)

    def process_result_value(self, value: Any, dialect: Any) -> str | None:
        """The text."""
        return text(value) if isinstance(value, bytes) else value


class TextOfEvent(CompressedText):
    """The event of a check result, which is read where it is stored if it is not stored twice."""

    cache_ok = True

    def column_expression(self, column: Any) -> Any:
        """What is selected: the result's own text, or that of the event that it names."""
        event, result = SqlEventLogStorageTable.c, AssetCheckExecutionsTable.c
        stored = db.select(event.event).where(event.id == result.evaluation_event_storage_id)
        return db.func.coalesce(column, stored.scalar_subquery())


def compressed(value: str) -> bytes:
    """The bytes of a text.

    Args:
        value: The text.
    """
    parts = marked(value)
    if parts is None:
        return PLAIN + _deflated(value, DICTIONARY)
    front, rest = parts
    return MARKED + front + _deflated(rest, TEMPLATES)


def text(stored: bytes) -> str:
    """The text of bytes that ``compressed`` returned.

    Args:
        stored: The bytes.

    Raises:
        ValueError: They are of another version of this project.
    """
    if stored[:1] == PLAIN:
        return _inflated(stored[1:], DICTIONARY)
    if stored[:1] != MARKED:
        raise ValueError(f"an event is stored in the unknown form {stored[:1]!r}")
    front, rest = front_of(stored[1:])
    return unmarked(front, _inflated(rest, TEMPLATES))


def _deflated(value: str, dictionary: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, wbits=NO_HEADER, zdict=dictionary)
    return packer.compress(value.encode()) + packer.flush()


def _inflated(stored: bytes, dictionary: bytes) -> str:
    return zlib.decompressobj(NO_HEADER, zdict=dictionary).decompress(stored).decode()


def compress_events() -> None:
    """Has SQLAlchemy compress the texts of events, wherever they are, in this process."""
    SqlEventLogStorageTable.c.event.type = CompressedText()
    AssetKeyTable.c.last_materialization.type = CompressedText()
    AssetCheckExecutionsTable.c.evaluation_event.type = TextOfEvent()
