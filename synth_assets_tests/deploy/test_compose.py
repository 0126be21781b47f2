"""The compose file: its schema, its variables, and that its services are commands that exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from typer.main import get_command

from synth_assets.cli.app import load
from synth_assets.orchestration.environment import known_variables
from synth_assets.orchestration.execution import BROKER
from synth_assets.orchestration.instance_config import POSTGRES
from synth_assets.orchestration.shipped import PROJECT

FILE = PROJECT / "deploy" / "compose.yaml"
TEXT = FILE.read_text()
EXAMPLE = (FILE.parent / ".env.example").read_text()
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


def _interpolated(text: str) -> str:
    """The text with the example's variables, whose secrets are filled in."""
    values = dict(re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    return VARIABLE.sub(lambda found: values[found[1]] or "secret", text)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load(_interpolated(TEXT))["services"])


def test_it_is_what_compose_reads() -> None:
    schema = pytest.importorskip("compose_spec", reason="it is in a package of the extra `dev`")
    found = schema.PyOptions(apply_merge=True).from_yaml(_interpolated(TEXT))
    found.validate()
    assert "worker" in found.service_names()


def test_the_example_has_the_variables_and_no_others() -> None:
    used = {name for name, _ in VARIABLE.findall(TEXT)}
    assert used == set(re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE))


def test_defaults_are_those_of_the_example() -> None:
    values = dict(re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    for name, default in VARIABLE.findall(TEXT):
        assert default == values[name]


def test_secrets_have_no_default() -> None:
    for name in ("POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        assert f"{name}=\n" in EXAMPLE
        assert f"${{{name}:?}}" in TEXT
        assert f"${{{name}:-" not in TEXT


def test_images_are_pinned(services: dict[str, Any]) -> None:
    images = [s["image"] for s in services.values() if "build" not in s]
    assert images
    for image in images:
        assert re.search(r":.*\d+\.\d+|:RELEASE\.\d", image), image


def test_dependencies_exist_and_report_their_health(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, expected in dict.fromkeys(service.get("depends_on", ())).items():
            assert name in services
            condition = expected or (
                isinstance(service["depends_on"], dict) and service["depends_on"][name]
            )
            if condition and condition["condition"] == "service_healthy":
                assert "healthcheck" in services[name]


def test_settings_are_known(services: dict[str, Any]) -> None:
    settings = services["worker"]["environment"]
    ours = {name for name in settings if name.startswith("SYNTH_")}
    assert ours <= known_variables()
    assert {BROKER, POSTGRES} <= set(settings)
    assert settings == services["daemon"]["environment"] == services["webserver"]["environment"]


def test_commands_exist(services: dict[str, Any]) -> None:
    command = load("service")
    assert get_command  # the service is a command of typer
    for name in ("webserver", "daemon", "worker"):
        synth, service, *words = services[name]["command"]
        assert (synth, service) == ("synth", "service")
        assert command.make_context("service", words).params["name"] == name
