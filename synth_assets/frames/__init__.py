"""Tables as frames, without Dagster and without a home: a world is a domain with given settings.

``world`` opens one, ``table`` gives the rows of a table in the types of several libraries,
``readers`` computes what derived tables read. What writes to stores or asks Dagster is not here.
"""

from synth_assets.frames.table import WorldTable
from synth_assets.frames.world import World, open_world

__all__ = ["World", "WorldTable", "open_world"]
