"""Compressed texts of events in SQLite: they take an eighth of the space.

The same names of fields are repeated for each event. Dagster reads and writes these columns through
SQLAlchemy, so their type compresses them; texts that were stored before are read as they are.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

import sqlalchemy as db
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    SqlEventLogStorageTable,
)

from synth_assets.orchestration.event_dictionary import DICTIONARY

# The first byte of a compressed text: the number of its dictionary.
FIRST = b"\x01"
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


# An event of a check is stored twice in a transaction.
@lru_cache(maxsize=1_000)
def compressed(value: str) -> bytes:
    """The bytes of a text.

    Args:
        value: The text.
    """
    packer = zlib.compressobj(LEVEL, wbits=NO_HEADER, zdict=DICTIONARY)
    return FIRST + packer.compress(value.encode()) + packer.flush()


def text(stored: bytes) -> str:
    """The text of bytes that ``compressed`` returned.

    Args:
        stored: The bytes.

    Raises:
        ValueError: They are of another version of this project.
    """
    if stored[:1] != FIRST:
        raise ValueError(f"an event is stored in the unknown form {stored[:1]!r}")
    return zlib.decompressobj(NO_HEADER, zdict=DICTIONARY).decompress(stored[1:]).decode()


def compress_events() -> None:
    """Has SQLAlchemy compress the texts of events and of check results, in this process."""
    SqlEventLogStorageTable.c.event.type = CompressedText()
    AssetCheckExecutionsTable.c.evaluation_event.type = CompressedText()
