"""Where runs are executed: the switch, the instance's configuration, and lost workers."""

from __future__ import annotations

import dagster as dg
import pytest
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher import WorkerStatus
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.orchestration import build
from synth_assets.orchestration.assets import backfill_policy
from synth_assets.orchestration.deployment import Execution
from synth_assets.orchestration.execution import EXTRAS, executor_of
from synth_assets.orchestration.instance_config import instance_config
from synth_assets.orchestration.run_launcher import WatchedCeleryRunLauncher
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DAGSTER_YAML, PROJECT
from synth_assets.stores.routing import Routes

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
    assert config["storage"] == {"postgres": {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}}
    assert "event_log_storage" not in config
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


@pytest.mark.slow  # its integration imports pandas and dask's data frames
def test_dask_has_workers_here_or_a_scheduler(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_EXECUTION", "dask")
    assert executor_of(Settings.from_environment()).name == "dask"
    monkeypatch.setenv("SYNTH_DASK_SCHEDULER", "tcp://scheduler:8786")
    executor = executor_of(Settings.from_environment())
    assert executor.config_schema is not None
    config = executor.apply_config_mapping({"config": {}}).value  # type: ignore[union-attr]
    assert config["config"]["cluster"] == {"existing": {"address": "tcp://scheduler:8786"}}


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
