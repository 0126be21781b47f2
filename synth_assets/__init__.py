"""Realistic, connected synthetic data as partitioned Dagster assets, or as frames without Dagster.

Packages, and the direction that imports may run:
``definitions | cli -> pipelines -> orchestration -> frames -> (domains | stores | reports) ->
quality -> (core | randomness)``.

``from synth_assets import open_world`` opens a domain as frames; nothing is imported before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synth_assets.frames import World, WorldTable, open_world

__version__ = "0.1.0"
__all__ = ["World", "WorldTable", "open_world"]


def __getattr__(name: str) -> Any:
    """Imports what the package offers at its first use (PEP 562)."""
    if name in __all__:
        from synth_assets import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
