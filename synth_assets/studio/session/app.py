"""The script that Streamlit runs for a session: who may come in, and the pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synth_assets.studio import theme
from synth_assets.studio.access import admit, is_admitted
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
    # Known before the password is: the page that was opened is shown after it.
    inside = is_admitted(studio.password)
    chosen = st.navigation(groups, position="sidebar" if inside else "hidden")
    if not admit(studio.password):
        return
    with st.sidebar:
        if studio.read_only:
            st.badge("Read-only", icon=":material/visibility:")
        st.link_button("Dagster", studio.dagster_link, icon=":material/open_in_new:")
    chosen.run()


main()
