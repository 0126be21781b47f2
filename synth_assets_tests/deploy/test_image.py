"""The image: pinned, without root, and built from what it copies."""

from __future__ import annotations

import re
import subprocess

import pytest
from packaging.requirements import Requirement

from synth_assets.orchestration.shipped import PROJECT

DOCKERFILE = (PROJECT / "deploy" / "Dockerfile").read_text()
INSTRUCTIONS = re.findall(r"^([A-Z]+) (.*)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


def test_the_base_is_a_version() -> None:
    assert re.fullmatch(r"PYTHON=3\.1[123]\.\d+-slim-\w+", dict(INSTRUCTIONS)["ARG"])
    assert {base for name, base in INSTRUCTIONS if name == "FROM"} == {
        "python:${PYTHON} AS build",
        "python:${PYTHON}",
    }


def test_the_user_is_not_root() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    user = re.search(r"^USER (\d+)$", last, re.MULTILINE)
    assert user
    assert int(user[1]) >= 1000
    assert f"--uid {user[1]}" in last


def test_it_installs_by_the_index_alone() -> None:
    for name, text in INSTRUCTIONS:
        assert not re.search(r"\b(curl|wget|git|apt-get|https?:)", text), (name, text)


def test_constraints_are_names_and_versions() -> None:
    """The expression of the Dockerfile, on the pins as they are."""
    expression = re.search(r"^RUN (sed .*) requirements.txt", DOCKERFILE, re.MULTILINE)
    assert expression
    command = f"{expression[1]} {PROJECT / 'requirements.txt'}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    assert len(lines) > 200
    for line in lines:
        (pin,) = Requirement(line).specifier
        assert pin.operator == "=="


def test_the_extras_exist() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", DOCKERFILE)
    for extra in extras.split(","):
        assert f"\n{extra} = [" in text


@pytest.mark.parametrize("name", ["pyproject.toml", "README.md", "LICENSE", "requirements.txt"])
def test_what_the_build_needs_is_in_its_context(name: str) -> None:
    kept = (PROJECT / ".dockerignore").read_text().splitlines()
    assert f"!{name}" in kept
    assert (PROJECT / name).exists()


def test_files_of_the_wheel_are_in_the_context() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    shipped = re.findall(r'^"([\w./]+)" = "synth_assets/shipped', text, re.MULTILINE)
    kept = (PROJECT / ".dockerignore").read_text().splitlines()
    assert shipped
    assert {f"!{path.partition('/')[0]}" for path in shipped} <= set(kept)
