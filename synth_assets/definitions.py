"""The entry point of Dagster: the definitions of all domains, assembled."""

from __future__ import annotations

import logging
import sys

from synth_assets.core.errors import UserError
from synth_assets.core.garbage_collection import collect_less
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.environment import without_effect
from synth_assets.orchestration.interruption import without_traceback
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shared_stores import refuse_own_disk

without_traceback()
collect_less()
try:
    settings = Settings.from_environment()
    refuse_own_disk(settings)
    defs = build_definitions(settings=settings)
    for text in without_effect():
        logging.getLogger("synth_assets").warning(text)
except UserError as error:
    # Dagster shows the traceback of an import; users get the message alone.
    sys.tracebacklimit = 0
    raise SystemExit(f"synth-assets: {error}") from None
