"""How a step waits for a slot of a pool, whichever database keeps Dagster's records.

Dagster asks again and again without a pause, which takes a processor from the run that has the
slot. That run may also have been killed, so that nothing else would free the slot.
"""

from __future__ import annotations

import logging
import math
import time
from functools import cached_property

from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._utils.concurrency import ConcurrencyClaimStatus

from synth_assets.orchestration.abandoned_runs import end_abandoned
from synth_assets.orchestration.interruption import stop_if_interrupted

# How long a step waits before it asks for a slot again, and how long usually in all.
ASK_AGAIN_SECONDS, USUAL_SECONDS = 0.5, 60.0
log = logging.getLogger(__name__)


class WaitsForSlots(SqlEventLogStorage):
    """Mixed into a class of event logs: a step that gets no slot waits in the call that asks."""

    @cached_property
    def _blocked(self) -> dict[tuple[str, str], float]:
        """Since when each step waits for a slot; infinite once that was logged."""
        return {}

    def claim_concurrency_slot(
        self, concurrency_key: str, run_id: str, step_key: str, priority: int | None = None
    ) -> ConcurrencyClaimStatus:
        """Claims a slot of a pool for a step; a step that gets none waits here for a while.

        Args:
            concurrency_key: The pool.
            run_id: Id of the run.
            step_key: The step.
            priority: Steps of a higher one get a slot first.

        Raises:
            KeyboardInterrupt: The process was interrupted.
        """
        status: ConcurrencyClaimStatus = super().claim_concurrency_slot(
            concurrency_key, run_id, step_key, priority
        )
        if status.is_claimed:
            self._blocked.pop((run_id, step_key), None)
            return status
        self._tell(concurrency_key, run_id, step_key)
        end_abandoned(self._instance)
        stop_if_interrupted()
        time.sleep(ASK_AGAIN_SECONDS)
        at_once: ConcurrencyClaimStatus = status.with_sleep_interval(0.0)
        return at_once

    def _tell(self, pool: str, run_id: str, step: str) -> None:
        """Logs once that a step waits for longer than usual."""
        since = self._blocked.setdefault((run_id, step), time.monotonic())
        if time.monotonic() - since > USUAL_SECONDS:
            self._blocked[run_id, step] = math.inf
            log.warning("%s waits for another run, which has the pool %s", step, pool)
