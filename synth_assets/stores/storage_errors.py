"""Which errors of Polars are of a disk or an object store, not of rows or of damaged bytes."""

from __future__ import annotations


def is_of_storage(text: str) -> bool:
    """Whether the message of an error is about a disk or an object store.

    Polars has one class of errors for these and for what is wrong with a frame.

    Args:
        text: The message.
    """
    return "os error" in text or "object" in text.lower()
