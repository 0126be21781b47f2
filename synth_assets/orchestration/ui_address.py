"""The address of the Dagster UI, for links in reports and alerts."""

from __future__ import annotations

import re

from synth_assets.core.errors import UserError
from synth_assets.core.variables import origin, variable

VARIABLE = "SYNTH_UI_URL"
# Where `synth ui` listens by default.
DEFAULT = "http://localhost:3000"
ADDRESS = re.compile(r"https?://[^\s\"'<>]+")


def ui_address() -> str:
    """The address without a slash at its end.

    Raises:
        UserError: The variable has no web address.
    """
    address = variable(VARIABLE) or DEFAULT
    if not ADDRESS.fullmatch(address):
        raise UserError(
            f"{origin(VARIABLE)} = {address!r}: must begin with http:// or https://, "
            "such as https://dagster.example.com"
        )
    return address.rstrip("/")
