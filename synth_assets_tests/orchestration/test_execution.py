"""Where runs are executed: the switch, the instance's configuration, and lost workers."""

from __future__ import annotations

import dagster as dg
import pytest
import yaml
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher import WorkerStatus
from dagster._grpc.types import GetCurrentRunsResult
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG
from dagster_shared.serdes import serialize_value

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.orchestration import build
from synth_assets.orchestration.assets import backfill_policy
from synth_assets.orchestration.deployment import Execution
from synth_assets.orchestration.execution import EXTRAS, executor_of
from synth_assets.orchestration.instance_config import instance_config
from synth_assets.orchestration.process_launcher import WatchedRunLauncher
from synth_assets.orchestration.run_launcher import WatchedCeleryRunLauncher
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DAGSTER_YAML, PROJECT
from synth_assets.stores.routing import Routes
from synth_assets_tests.orchestration.conftest import Run

SECRET = "pa55word"
DATABASE = f"postgresql://dagster:{SECRET}@db:5432/dagster"
BROKER = f"redis://:{SECRET}@broker:6379/0"


@pytest.fixture
def cluster(home: object, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SYNTH_EXECUTION", "celery")
    monkeypatch.setenv("SYNTH_CONCURRENT_RUNS", "5")
    monkeypatch.setenv("SYNTH_BROKER_URL", BROKER)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", DATABASE)
    return Settings.from_environment()


def test_a_laptop_has_the_project_s_file(settings: Settings) -> None:
    assert instance_config(settings) == DAGSTER_YAML.read_text()
    assert executor_of(settings) is dg.in_process_executor


def test_a_cluster_has_workers_and_postgresql(cluster: Settings) -> None:
    text = instance_config(cluster)
    config = yaml.safe_load(text)
    assert SECRET not in text
    for storage in ("run_storage", "event_log_storage", "schedule_storage"):
        assert config[storage]["config"] == {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}
    assert config["concurrency"]["runs"]["max_concurrent_runs"] == 5
    assert config["run_retries"]["retry_on_asset_or_op_failure"] is False
    cluster.dagster_home.mkdir(parents=True)
    (cluster.dagster_home / "dagster.yaml").write_text(text)
    ref = InstanceRef.from_dir(str(cluster.dagster_home))
    assert isinstance(ref.run_launcher, WatchedCeleryRunLauncher)
    assert ref.run_launcher.celery.conf.broker_url == BROKER


def test_workers_need_a_postgresql_and_a_redis(
    cluster: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_BROKER_URL", "amqp://broker")
    with pytest.raises(UserError, match="SYNTH_BROKER_URL must begin with redis://"):
        instance_config(cluster)
    for unreadable in (f"redis://:{SECRET}@[", f"redis://:{SECRET}@broker:port"):
        monkeypatch.setenv("SYNTH_BROKER_URL", unreadable)
        with pytest.raises(UserError, match=r"^SYNTH_BROKER_URL cannot be read") as found:
            instance_config(cluster)
        assert SECRET not in str(found.value)
    monkeypatch.delenv("SYNTH_BROKER_URL")
    with pytest.raises(UserError, match="SYNTH_BROKER_URL is not set"):
        instance_config(cluster)
    monkeypatch.delenv("DAGSTER_POSTGRES_URL")
    with pytest.raises(UserError, match="celery needs DAGSTER_POSTGRES_URL"):
        instance_config(cluster)


def test_another_value_is_refused(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_EXECUTION", "spark")
    with pytest.raises(UserError, match="'spark': must be one of local, celery, dask, k8s"):
        Settings.from_environment()


@pytest.mark.parametrize(
    "address",
    ["nonsense", "tcp://", "tcp://host", "tcp://:8786", "tcp://host:port", "tcp://host:70000",
     "http://host:8786"],
)  # fmt: skip
def test_an_address_that_dask_cannot_use_is_refused(
    address: str, home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_DASK_SCHEDULER", address)
    with pytest.raises(UserError) as found:
        Settings.from_environment()
    assert str(found.value) == (
        f"SYNTH_DASK_SCHEDULER = {address!r}: must be an address such as tcp://host:8786"
    )


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "tls://[::1]:8786", "tcp://dask:1"])
def test_addresses_of_dask(address: str, home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_DASK_SCHEDULER", address)
    assert Settings.from_environment().dask_scheduler == address


@pytest.mark.parametrize("execution", list(EXTRAS))
def test_extras_exist(execution: Execution) -> None:
    assert f"\n{EXTRAS[execution]} = [" in (PROJECT / "pyproject.toml").read_text()


def test_jobs_have_the_deployment_s_executor(
    domain: Domain, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "executor_of", lambda settings: dg.multiprocess_executor)
    defs = build.build_definitions([domain], settings, with_dbt=False)
    for job in defs.get_repository_def().get_all_jobs():
        assert job.executor_def.name == "multiprocess", job.name


def test_a_backfill_is_cut_unless_foreign_keys_are_enforced(domain: Domain) -> None:
    assert backfill_policy(domain, Routes("parquet"), 4).max_partitions_per_run == 4
    single = dg.BackfillPolicy.single_run()
    assert backfill_policy(domain, Routes("parquet"), 0) == single
    assert backfill_policy(domain, Routes("postgres"), 4) == single
    only_one = Routes("parquet", {domain.tables[0].path: "postgres"})
    assert backfill_policy(domain, only_one, 4) == single


class Result:
    """A task's result, as Celery keeps it in Redis."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)
        self.info = {"hostname": "synth-1@host", "pid": 7}

    @property
    def state(self) -> str:
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]


class App:
    """A Celery whose worker answers what a test says."""

    def __init__(self, result: Result, answers: dict[str, dict[str, object]] | None) -> None:
        self.result, self.answers, self.control = result, answers, self

    def AsyncResult(self, task: str) -> Result:  # noqa: N802
        return self.result

    def inspect(self, destination: list[str], timeout: float) -> App:
        return self

    def query_task(self, task: str) -> dict[str, dict[str, object]] | None:
        return self.answers


@pytest.mark.parametrize(
    ("states", "answers", "expected"),
    [
        (["STARTED"], {"synth-1@host": {"task": ["active", {}]}}, WorkerStatus.RUNNING),
        (["STARTED"], None, WorkerStatus.NOT_FOUND),
        (["STARTED"], {"synth-1@host": {}}, WorkerStatus.NOT_FOUND),
        (["STARTED", "SUCCESS"], None, WorkerStatus.SUCCESS),
        (["FAILURE"], None, WorkerStatus.FAILED),
        (["SUCCESS"], None, WorkerStatus.SUCCESS),
    ],
)
def test_a_worker_that_lost_a_run_is_found(
    states: list[str], answers: dict[str, dict[str, object]] | None, expected: WorkerStatus
) -> None:
    launcher = WatchedCeleryRunLauncher(default_queue="dagster", broker="memory://")
    assert issubclass(WatchedCeleryRunLauncher, CeleryRunLauncher)
    launcher.celery = App(Result(*states), answers)  # type: ignore[assignment]
    run = dg.DagsterRun(job_name="job", tags={DAGSTER_CELERY_TASK_ID_TAG: "task"})
    assert launcher.check_run_worker_health(run).status is expected
    of_command = dg.DagsterRun(job_name="job")
    assert launcher.check_run_worker_health(of_command).status is WorkerStatus.RUNNING


@pytest.mark.parametrize(
    ("has_server", "runs", "expected"),
    [
        (False, None, WorkerStatus.RUNNING),
        (True, ["another", "ours"], WorkerStatus.RUNNING),
        (True, ["another"], WorkerStatus.NOT_FOUND),
        (True, None, WorkerStatus.NOT_FOUND),
    ],
)
def test_a_run_that_was_lost_with_its_server_is_found(
    has_server: bool,
    runs: list[str] | None,
    expected: WorkerStatus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Server:
        def get_current_runs(self) -> str:
            if runs is None:
                raise DagsterUserCodeUnreachableError("killed")
            return serialize_value(
                GetCurrentRunsResult(current_runs=runs, serializable_error_info=None)
            )

    launcher = WatchedRunLauncher()
    server = Server() if has_server else None
    monkeypatch.setattr(launcher, "_get_grpc_client_for_termination", lambda run_id: server)
    assert launcher.supports_check_run_worker_health
    run = dg.DagsterRun(job_name="job", run_id="ours")
    assert launcher.check_run_worker_health(run).status is expected


def test_a_lost_run_is_launched_again_and_that_of_a_command_is_not(
    instance: dg.DagsterInstance, run: Run
) -> None:
    assert isinstance(instance.run_launcher, WatchedRunLauncher)
    assert instance.run_retries_enabled
    outcome = run(["2026-01-01"])
    found = instance.get_run_by_id(outcome.run_id)
    assert found is not None
    assert found.tags["dagster/max_retries"] == "0"
