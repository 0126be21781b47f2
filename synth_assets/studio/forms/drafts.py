"""What was entered into a form, kept in the home, so that a reload loses nothing.

The address of the page has the draft's number. A draft is written when a value changes; a session
that has not read the last change writes a draft of its own instead.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

FOLDER = Path("studio") / "drafts"
NUMBER = re.compile(r"[0-9a-f]{16}")
# Drafts that are kept; the oldest go first.
MOST = 100


# Sessions are threads of one process.
_writing = threading.Lock()


class ChangedError(Exception):
    """Another session has changed a draft."""


def new_number() -> str:
    """The number of a new draft, which nobody guesses."""
    return secrets.token_hex(8)


def read(home: Path, form: str, number: str) -> dict[str, Any] | None:
    """A draft; None if there is none of this number for this form.

    Args:
        home: The home.
        form: The form's name.
        number: The draft's number, as an address has it.
    """
    if not NUMBER.fullmatch(number):
        return None
    try:
        found = json.loads((home / FOLDER / f"{number}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("form") == form else None


def write(
    home: Path, form: str, number: str, content: dict[str, Any], after: str | None = None
) -> str:
    """Keeps a draft; without room or permission it lasts as long as the session.

    Args:
        home: The home.
        form: The form's name.
        number: The draft's number.
        content: What was entered.
        after: The revision that this session has read or written; None for a new draft.

    Returns:
        The new revision.

    Raises:
        ChangedError: Another session has written it since then.
    """
    folder, revision = home / FOLDER, secrets.token_hex(8)
    with _writing, suppress(OSError):
        found = read(home, form, number)
        if found is not None and found.get("revision") != after:
            raise ChangedError
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{number}.{os.getpid()}.tmp"
        document = {**content, "form": form, "revision": revision}
        unfinished.write_text(json.dumps(document), encoding="utf-8")
        unfinished.replace(folder / f"{number}.json")
        kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-MOST]:
            old.unlink(missing_ok=True)
    return revision
