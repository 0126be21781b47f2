"""Refuses stores on a worker's own disk where workers share none: nobody would find the rows."""

from __future__ import annotations

from collections.abc import Iterable

from synth_assets.core.errors import UserError
from synth_assets.orchestration.settings import URL, Settings
from synth_assets.stores.kinds import kind_named

VARIABLE = "SYNTH_SHARED_DISK"
# A URL that names a path of this machine.
LOCAL_URL = "file://"


def refuse_own_disk(settings: Settings, kinds: Iterable[str] | None = None) -> None:
    """Checks that all workers reach the stores of tables.

    Args:
        settings: The settings.
        kinds: The kinds of the stores; those that SYNTH_STORE names without them.

    Raises:
        UserError: A store is a path of this machine, and nothing says that workers share its disk.
    """
    if not settings.execution.shares_nothing or settings.shared_disk:
        return
    routes = settings.routes
    for name in kinds or sorted({routes.default, *routes.overrides.values()}):
        kind, location = kind_named(name), settings.locations.get(name, "")
        if kind.path and (not URL.match(location) or location.startswith(LOCAL_URL)):
            raise UserError(
                f"SYNTH_EXECUTION = {settings.execution}: workers share no disk, and the store "
                f"{name} is on this one, at {location}: choose another (SYNTH_STORE), or name a "
                f"server or an object store in {kind.variable} (a shared disk: {VARIABLE}=true)"
            )
