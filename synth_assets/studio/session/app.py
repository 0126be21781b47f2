"""The script that Streamlit runs for a session: the pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.studio import look, safe, theme
from synth_assets.studio.context import current
from synth_assets.studio.pages import ALL


def main() -> None:
    """Runs the page that a person has opened."""
    st.set_page_config(page_title="Synth studio", page_icon=theme.ICON, layout="wide")
    studio = current()
    pages = {
        page.path: st.Page(
            page.draw, title=page.title, icon=page.icon, url_path=page.path,
            default=page.path == "home",
        )
        for page in ALL
    }  # fmt: skip
    st.session_state["pages"] = pages
    groups: dict[str, list[Any]] = {}
    for page in ALL:
        groups.setdefault(page.group, []).append(pages[page.path])
    chosen = st.navigation(groups)
    with st.sidebar:
        if studio.read_only:
            st.badge("Read-only", icon=":material/visibility:")
        st.link_button("Dagster", studio.dagster_link, icon=":material/open_in_new:")
    try:
        chosen.run()
    except UserError as error:  # of the settings, which every page reads
        st.error(safe.message(error), icon=look.BAD)


main()
