"""The events of a command of dbt while it runs, and what it means that it fails."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from synth_assets.orchestration.dbt_errors import broken_nodes, only_tests_failed, reason_of
from synth_assets.orchestration.dbt_integration import DagsterDbtCliRuntimeError, DbtCliInvocation


class DbtTestsFailedError(Exception):
    """Tests of dbt failed, and nothing else; their results describe the failures."""


class DbtError(Exception):
    """dbt could not build models; names them and the reasons, in one line."""


def stream_results(invocation: DbtCliInvocation) -> Iterator[Any]:
    """Yields the events of a dbt command while it runs.

    Args:
        invocation: The command.

    Raises:
        DbtTestsFailedError: Tests failed, and nothing else.
        DbtError: dbt failed for another reason.
    """
    try:
        yield from invocation.stream()
    except DagsterDbtCliRuntimeError as error:
        results: list[dict[str, Any]] = []
        with suppress(OSError, ValueError):
            results = invocation.get_artifact("run_results.json")["results"]
        if only_tests_failed([result["status"] for result in results]):
            raise DbtTestsFailedError("a test of dbt failed") from error
        raise DbtError("; ".join(broken_nodes(results)) or reason_of(error)) from None
    finally:
        _stop(invocation)


def _stop(invocation: DbtCliInvocation) -> None:
    """Interrupts a command that still runs, because the step that reads its events was."""
    process = invocation.process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(invocation.termination_timeout_seconds)
