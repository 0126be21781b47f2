"""The environment of a test: the product's settings that it names, and no others.

Only the product's own settings are taken away and put back. What the session's servers tell of
themselves (an emulator's address) stays, whenever they were started.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

# A home that nobody has made anything in: what a person's home remembers is no test's business.
NOWHERE = str(Path(gettempdir()) / "synth-tests-without-a-home")
OURS = ("SYNTH_", "DAGSTER_", "DBT_ENV_")


def found() -> dict[str, str]:
    """The product's settings in the environment."""
    return {name: value for name, value in os.environ.items() if name.startswith(OURS)}


@contextmanager
def restored() -> Iterator[None]:
    """The product's settings are afterwards what they were."""
    before = found()
    try:
        yield
    finally:
        _replace(before)


@contextmanager
def only(**settings: object) -> Iterator[None]:
    """These settings and no others of the product; afterwards, those from before."""
    with restored():
        expected: dict[str, object] = {"SYNTH_HOME": NOWHERE, **settings}
        _replace({name: str(value) for name, value in expected.items()})
        yield


def of_domain(name: str, **fields: object) -> dict[str, object]:
    """The settings that give a domain's scenario these fields."""
    return {f"SYNTH_{name}_{field}".upper(): value for field, value in fields.items()}


def _replace(settings: dict[str, str]) -> None:
    for name in found():
        del os.environ[name]
    os.environ.update(settings)
