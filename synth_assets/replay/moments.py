"""Moments as users write them, and as events have them: microseconds since 1970, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from synth_assets.core.errors import UserError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bounds(first: str | None, stop: str | None) -> tuple[int | None, int | None]:
    """The moments of ``--from`` and ``--until``.

    Args:
        first: A day or moment, in UTC where it names no zone; None for no limit.
        stop: The same, for the moment after the last.

    Raises:
        UserError: A text has another form, or the end is not after the beginning.
    """
    low, high = _moment("--from", first), _moment("--until", stop)
    if low is not None and high is not None and high <= low:
        raise UserError(f"--until {stop}: must be after --from {first}")
    return low, high


def shown(moment: int) -> str:
    """A moment for users.

    Args:
        moment: Microseconds since 1970.
    """
    return f"{EPOCH + timedelta(microseconds=moment):%Y-%m-%d %H:%M:%S}"


def _moment(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"{option} {text}: must be a day (2026-03-01) or a moment (2026-03-01T12:00:00)"
        ) from None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    return (found - EPOCH) // timedelta(microseconds=1)
