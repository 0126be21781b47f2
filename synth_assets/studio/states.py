"""What a page says when something is missing or busy, and what a person can do about it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.studio import safe
from synth_assets.studio.context import Studio
from synth_assets.studio.dagster_api import Dagster
from synth_assets.studio.warehouse import LockedError, NotBuiltError

READ_ONLY = "The studio is in read-only mode: nothing can be started or changed."


@contextmanager
def explained(studio: Studio, domain: Domain) -> Iterator[None]:
    """Shows errors of a page's queries as what they mean, and what to press.

    Args:
        studio: The surroundings.
        domain: The domain that the page shows.
    """
    try:
        yield
    except NotBuiltError:
        nothing_stored(studio, domain)
    except LockedError:
        st.info(
            "dbt builds models just now, and the warehouse takes no readers meanwhile. This page "
            "waits, and tries again by itself.",
            icon=":material/hourglass_top:",
        )
        _again()
    except UserError as error:
        st.error(safe.message(error))


def nothing_stored(studio: Studio, domain: Domain) -> None:
    """Says that a domain has nothing to show, and how to make something.

    Args:
        studio: The surroundings.
        domain: The domain.
    """
    st.info(
        f"Nothing of **{safe.markdown(domain.name)}** is built yet. Press *Make a small sample* on "
        f"the page Home, or run `synth materialize {domain.name} --dbt`.",
        icon=":material/inventory_2:",
    )
    if "home" in st.session_state.get("pages", {}):
        st.page_link(st.session_state["pages"]["home"], label="Open Home")


def dagster(studio: Studio) -> bool:
    """Whether Dagster answers; otherwise the page says what it does, and offers to start it.

    Args:
        studio: The surroundings.
    """
    if Dagster(studio.dagster_url).running():
        return True
    webserver = studio.webserver
    state = webserver.state() if webserver else "not started"
    if state == "alive":
        st.info(
            "Dagster starts, which takes up to a minute. This page goes on by itself.",
            icon=":material/hourglass_top:",
        )
        _until_it_answers(studio)
        return False
    st.warning(
        f"Dagster does not run at {studio.dagster_url}. Runs are started, watched and cancelled "
        "through it.",
        icon=":material/power_off:",
    )
    if webserver is None or studio.read_only:
        st.markdown("Start it with `make ui` or `synth ui`, then open this page again.")
        return False
    if state == "ended":
        st.error(f"It was started and has ended: {safe.markdown(webserver.log)} has the reason.")
    if st.button("Start Dagster", type="primary", icon=":material/play_arrow:"):
        webserver.start()
        st.rerun()
    return False


@st.fragment(run_every=1)
def _until_it_answers(studio: Studio) -> None:
    """Runs the page again when Dagster answers, or has ended."""
    ended = studio.webserver is not None and studio.webserver.state() == "ended"
    if ended or Dagster(studio.dagster_url).running():
        st.rerun(scope="app")


@st.fragment(run_every=5)
def _again() -> None:
    """Runs the page again after a while."""
    first = st.session_state.setdefault("waiting since", time.monotonic())
    if time.monotonic() - first > 4:
        del st.session_state["waiting since"]
        st.rerun(scope="app")
