"""The Helm values, against the configuration that Dagster's classes take.

The chart's own schema is not here; with ``DAGSTER_CHART`` naming a folder that has the chart, its
``values.schema.json`` is checked too.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.config import dagster_instance_config_schema

from synth_assets.orchestration.environment import known_variables
from synth_assets.orchestration.shipped import PROJECT

VALUES: dict[str, Any] = yaml.safe_load((PROJECT / "deploy" / "values.yaml").read_text())
LAUNCHER = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
(CODE,) = VALUES["dagster-user-deployments"]["deployments"]


def _snake(value: Any) -> Any:
    """Names as Dagster has them, above those that Kubernetes has."""
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in n): v for n, v in value.items()}


def _refuse_wrong(schema: Any, config: dict[str, Any]) -> None:
    found = process_config(resolve_to_config_type(schema), config)
    assert found.success, [error.message for error in found.errors or []]


def _launcher_config() -> dict[str, Any]:
    """The block that the chart writes to ``dagster.yaml``, with what it adds itself."""
    config = _snake(LAUNCHER)
    config["env_secrets"] = [secret["name"] for secret in config["env_secrets"]]
    config["run_k8s_config"] = _snake(config["run_k8s_config"])
    added = {
        "service_account_name": "dagster",
        "instance_config_map": "dagster-instance",
        "postgres_password_secret": "dagster-postgresql-secret",
        "dagster_home": "/opt/dagster/dagster_home",
    }
    return config | added


def test_the_run_launcher_takes_its_values() -> None:
    dagster_k8s = pytest.importorskip("dagster_k8s", reason="it is in the extra `kubernetes`")
    _refuse_wrong(dagster_k8s.K8sRunLauncher.config_type(), _launcher_config())


def test_a_misspelt_value_is_refused() -> None:
    dagster_k8s = pytest.importorskip("dagster_k8s", reason="it is in the extra `kubernetes`")
    with pytest.raises(AssertionError, match="memory_limit"):
        _refuse_wrong(
            dagster_k8s.K8sRunLauncher.config_type(), _launcher_config() | {"memory_limit": {}}
        )


def test_pods_are_what_kubernetes_takes() -> None:
    job = pytest.importorskip("dagster_k8s.job", reason="it is in the extra `kubernetes`")
    config = _snake(LAUNCHER["runK8sConfig"])
    config["container_config"] = {"resources": LAUNCHER["resources"]}
    job.UserDefinedDagsterK8sConfig.from_dict(config)


def test_the_executor_is_that_of_kubernetes(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    pytest.importorskip("dagster_k8s", reason="it is in the extra `kubernetes`")
    from synth_assets.orchestration.execution import executor_of
    from synth_assets.orchestration.settings import Settings

    for variable in CODE["env"]:
        if variable["name"].startswith("SYNTH_"):
            monkeypatch.setenv(variable["name"], variable["value"])
    executor = executor_of(Settings.from_environment())
    assert executor.name == "k8s"
    _refuse_wrong(executor.config_schema.as_field().config_type, {})


def test_the_instance_takes_the_daemon_s_values() -> None:
    daemon = VALUES["dagsterDaemon"]
    config = {
        "run_monitoring": _snake(daemon["runMonitoring"]),
        "run_retries": _snake(daemon["runRetries"]),
        "concurrency": {name: _snake(VALUES["concurrency"][name]) for name in ("pools", "runs")},
    }
    schema = dagster_instance_config_schema()
    for name, value in config.items():
        _refuse_wrong({name: schema[name]}, {name: value})


def test_settings_are_known() -> None:
    ours = {v["name"] for v in CODE["env"] if v["name"].startswith("SYNTH_")}
    assert ours <= known_variables()


def test_the_version_is_that_of_the_package() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    assert f'version = "{CODE["image"]["tag"]}"' in text
    first = (PROJECT / "deploy" / "values.yaml").read_text().partition("generate")[0]
    assert f'"dagster=={first.split("--version ")[1].split()[0]}"' in text


@pytest.mark.skipif("DAGSTER_CHART" not in os.environ, reason="names no folder of the chart")
def test_the_chart_s_schema() -> None:
    import jsonschema

    chart = Path(os.environ["DAGSTER_CHART"])
    defaults = yaml.safe_load((chart / "values.yaml").read_text())
    jsonschema.validate(
        _merged(defaults, VALUES), json.loads((chart / "values.schema.json").read_text())
    )


def _merged(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {name: _merged(below.get(name), value) for name, value in above.items()}
