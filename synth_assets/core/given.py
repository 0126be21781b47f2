"""Values of a domain's scenario that a program gives; no variable and no home is then read.

``Scenario.from_environment`` asks here first, so that any domain's ``domain()`` can be called with
values, without knowing that they exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_GIVEN: ContextVar[Mapping[str, Mapping[str, Any]]] = ContextVar("given")


@contextmanager
def given(domain: str, values: Mapping[str, Any]) -> Iterator[None]:
    """In the block, the scenario of a domain has these values, and defaults for all others.

    Args:
        domain: The domain's name.
        values: Values by field name.
    """
    token = _GIVEN.set({**_GIVEN.get({}), domain: values})
    try:
        yield
    finally:
        _GIVEN.reset(token)


def given_values(domain: str) -> Mapping[str, Any] | None:
    """The values that a program gives for a domain; None where the environment has them.

    Args:
        domain: The domain's name.
    """
    return _GIVEN.get({}).get(domain)
