"""Who may come in."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from synth_assets.core.errors import UserError
from synth_assets.studio.access import admit, is_loopback, refuse_open_address
from synth_assets.studio.server import SCRIPT, options
from synth_assets_tests.shell import InProcess
from synth_assets_tests.studio.conftest import SECONDS


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
def test_loopback_needs_no_password(host: str) -> None:
    refuse_open_address(host, None)
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.com"])
def test_other_addresses_need_a_password(host: str) -> None:
    with pytest.raises(UserError, match="SYNTH_STUDIO_PASSWORD"):
        refuse_open_address(host, None)
    with pytest.raises(UserError, match="at least 8 characters") as raised:
        refuse_open_address(host, "short")
    assert "short" not in str(raised.value)
    refuse_open_address(host, "long enough")


def test_the_command_refuses_an_open_address(tmp_path: Path) -> None:
    done = InProcess(tmp_path)("studio", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "SYNTH_STUDIO_PASSWORD" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_nothing_is_reported_to_anyone() -> None:
    found = options("127.0.0.1", 1)
    assert found["browser.gatherUsageStats"] is False
    assert found["server.address"] == "127.0.0.1"
    assert found["client.disableDataExport"] is True
    assert found["client.showErrorDetails"] == "none"


def _asked() -> None:
    import streamlit as st

    from synth_assets.studio import access

    access.DELAY = 0
    if access.admit("open sesame"):
        st.title("inside")


def test_a_session_enters_with_the_password_alone() -> None:
    test = AppTest.from_function(_asked, default_timeout=SECONDS).run()
    assert [t.value for t in test.title] == ["Synth studio"]
    test.text_input[0].set_value("guess")
    test.button[0].click().run()
    assert test.error[0].value == "This is not the password."
    test.text_input[0].set_value("open sesame")
    test.button[0].click().run()
    assert [t.value for t in test.title] == ["inside"]


def test_without_a_password_everybody_on_the_machine_is_inside() -> None:
    assert admit(None)


def test_streamlit_finds_no_pages_that_would_pass_by_the_password() -> None:
    assert SCRIPT.is_file()
    assert not SCRIPT.with_name("pages").exists()
