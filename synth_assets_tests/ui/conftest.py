"""Options of the browser tests; ``make docs`` gives them."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that exist if this folder, or a file in it, is named on the command line."""
    group = parser.getgroup("ui")
    group.addoption("--pictures", help="Write the pictures of the documentation to this folder.")
    group.addoption("--demo-home", help="Walk through a copy of this home instead of a new demo.")
