"""``synth`` run in this process, as in the tests of commands."""

from synth_assets_tests.cli.conftest import in_process, synth

__all__ = ["in_process", "synth"]
