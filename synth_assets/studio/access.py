"""Who may come in: addresses that need a password, and the password of a session."""

from __future__ import annotations

import hmac
import ipaddress
import time

import streamlit as st

from synth_assets.core.errors import UserError

PASSWORD = "SYNTH_STUDIO_PASSWORD"
LOOPBACK = "127.0.0.1"
# Seconds that a wrong password costs, and characters of a password at least.
DELAY, LEAST_CHARACTERS = 1.0, 8


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address.

    Args:
        host: An address or a host's name.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_open_address(host: str, password: str | None) -> None:
    """Refuses to listen where others can come in without a password.

    Args:
        host: The address to listen on.
        password: The password, if there is one.

    Raises:
        UserError: The address is not a loopback one, and there is no password or a short one.
    """
    if is_loopback(host):
        return
    if not password:
        raise UserError(
            f"--host {host}: others can reach this address, and whoever opens the studio can start "
            f"runs: set {PASSWORD}, or use {LOOPBACK}"
        )
    if len(password) < LEAST_CHARACTERS:
        raise UserError(f"{PASSWORD} must have at least {LEAST_CHARACTERS} characters")


def is_admitted(password: str | None) -> bool:
    """Whether a session may see pages.

    Args:
        password: The password; None if there is none.
    """
    return password is None or st.session_state.get("admitted") is True


def admit(password: str | None) -> bool:
    """Shows the form of the password until a session has entered it.

    Args:
        password: The password; None if there is none.

    Returns:
        Whether the session may see pages.
    """
    if password is None or is_admitted(password):
        return True
    st.title("Synth studio")
    with st.form("password"):
        given = st.text_input("Password", type="password")
        sent = st.form_submit_button("Open the studio", type="primary")
    if not sent:
        return False
    if hmac.compare_digest(given.encode(), password.encode()):
        st.session_state["admitted"] = True
        st.rerun()
    time.sleep(DELAY)
    st.error("This is not the password.")
    return False
