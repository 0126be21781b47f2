"""What is done when a deployment's workers have made the slices: all gates, then the models."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import dagster as dg
import pytest
import typer
from dagster._core.execution.backfill import BulkActionStatus

from synth_assets.cli import submitting
from synth_assets.cli.exits import GATE_FAILED, INTERRUPTED, ON_INTERRUPTION, RUN_FAILED
from synth_assets.orchestration import backfills
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.runs import launch
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.orchestration.conftest import DAILY, tiny

KEYS = list(DAILY.keys())[:4]  # the values of the last one are spoilt
TABLES = [dg.AssetKey(["tiny", name]) for name in ("parents", "children")]
MODEL = dg.AssetKey([marts_group("tiny"), "model"])


class Workers:
    """A deployment that makes what is submitted at once, in this process and without gates.

    Attributes:
        spoil: Whether a gate fails on what it makes.
        model_passes: Whether the model's own check passes.
        succeed: Whether its runs succeed.
    """

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.spoil, self.model_passes, self.succeed = False, True, True
        self.instance, self.domain = instance, tiny()

        @dg.asset(key=MODEL, deps=TABLES, group_name=marts_group("tiny"))
        def model() -> None:
            """What dbt would build."""

        @dg.asset_check(asset=MODEL)
        def sound() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=self.model_passes)

        tables = build_definitions([self.domain], settings, with_dbt=False)
        self.defs = dg.Definitions.merge(tables, dg.Definitions([model], asset_checks=[sound]))

    def make(self, *_: object) -> bool:
        """Makes both tables; whether everything was made."""
        config = submitting.config_of(self.domain, self.values)
        launch(self.defs, TABLES, [], self.instance, keys=KEYS, run_config=config)
        return self.succeed

    @property
    def values(self) -> dict[str, float]:
        """The fields of the scenario that are set."""
        return {"spoil": 1.0} if self.spoil else {}

    def submit(self, *, dbt: bool = True, wait: bool = True) -> int:
        """Submits both tables; the exit code."""
        chosen, values = [(self.domain, self.domain.tables)], {"tiny": self.values}
        return submitting.submitted(
            [self.domain], chosen, {"tiny": KEYS}, values, dbt=dbt, recreate=False, wait=wait
        )

    @property
    def judged(self) -> set[str]:
        """The names of the assets whose checks were evaluated."""
        keys = self.defs.resolve_asset_graph().asset_check_keys
        found = self.instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys))
        return {key.asset_key.path[-1] for key in found}

    @property
    def built(self) -> bool:
        """Whether the model was built."""
        return self.instance.get_latest_materialization_event(MODEL) is not None


@pytest.fixture
def workers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    with open_instance(settings) as instance:
        made = Workers(settings, instance)
        monkeypatch.setattr(submitting, "build_definitions", lambda *_, **__: made.defs)
        monkeypatch.setattr(submitting, "open_instance", lambda _: instance)
        monkeypatch.setattr(backfills, "wait_for", made.make)
        yield made


def test_models_are_built_behind_passed_gates(workers: Workers) -> None:
    assert workers.submit() == 0
    assert workers.judged == {"parents", "children", "model"}
    assert workers.built


def test_a_failed_gate_keeps_models_from_being_built(
    workers: Workers, capsys: pytest.CaptureFixture[str]
) -> None:
    workers.spoil = True
    assert workers.submit() == GATE_FAILED
    assert workers.judged == {"parents"}  # what is downstream waits
    assert not workers.built
    assert "tiny/parents value_sound" in capsys.readouterr().err


def test_a_failed_check_of_a_model_is_a_failed_gate(workers: Workers) -> None:
    workers.model_passes = False
    assert workers.submit() == GATE_FAILED
    assert workers.built


def test_without_dbt_only_gates_are_evaluated(workers: Workers) -> None:
    assert workers.submit(dbt=False) == 0
    assert workers.judged == {"parents", "children"}
    assert not workers.built


def test_nothing_is_judged_that_was_not_made_or_not_waited_for(workers: Workers) -> None:
    workers.succeed = False
    assert workers.submit() == RUN_FAILED
    assert workers.submit(wait=False) == 0
    assert not workers.judged


def _interrupt(*_: object) -> bool:
    raise KeyboardInterrupt


def test_an_interruption_says_what_the_daemon_goes_on_with(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backfills, "wait_for", _interrupt)
    monkeypatch.setenv("SYNTH_UI_URL", "https://dagster.example.com/")
    with pytest.raises(typer.Exit) as left:
        workers.submit()
    assert left.value.exit_code == INTERRUPTED
    (backfill,) = workers.instance.get_backfills()
    number = backfill.backfill_id
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"interrupted: the daemon goes on with backfill {number}; "
        f"cancel it at https://dagster.example.com/runs/b/{number}"
    )


def test_an_interruption_after_the_daemon_s_part_is_that_of_any_command(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_and_interrupt(backfill_id: str, instance: dg.DagsterInstance) -> bool:
        backfill = instance.get_backfill(backfill_id)
        assert backfill is not None
        instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))
        return _interrupt()

    monkeypatch.setattr(backfills, "wait_for", end_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        workers.submit()


def test_a_signal_ends_the_command_with_that_line(
    workers: Workers, in_process: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfills, "wait_for", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    monkeypatch.setattr("synth_assets.cli.submit.load_domains", lambda: [workers.domain])
    done = in_process("submit", "tiny", "--partitions", f"{KEYS[0]}..{KEYS[1]}")
    assert done.code == INTERRUPTED
    assert "interrupted: the daemon goes on with backfill" in done.err
    assert ON_INTERRUPTION not in done.err
