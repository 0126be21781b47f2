"""The ``synth`` command. One module a command; ``app`` is the door.

Exit codes: 0 all well; 1 a quality gate failed; 2 wrong input or environment, nothing was
changed by it; 3 a run failed for another reason; 130 interrupted, finished slices are kept.
"""

from synth_assets.cli.app import main

__all__ = ["main"]
