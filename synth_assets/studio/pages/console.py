"""The clean-room console: a party asks under the rules, and sees the answer or the refusal."""

from __future__ import annotations

import polars as pl
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.domains.clean_room.domain import SHARED
from synth_assets.domains.clean_room.scenario import DOMAIN, scenario_of
from synth_assets.studio import formats, look, safe
from synth_assets.studio.dashboards import rooms
from synth_assets.studio.dashboards.dashboard import dashboard
from synth_assets.studio.dashboards.rooms import Relation, Room
from synth_assets.studio.editor import sql_editor
from synth_assets.studio.warehouse import NotBuiltError

# Rows of an answer that the page shows; the export has all.
SHOWN = 1_000
QUERY = "console query"


def page() -> None:
    """Draws the page."""
    with dashboard("Clean-room console", DOMAIN) as shown:
        studio, domain = shown.studio, shown.domain
        if not rooms.view_of(studio).partition_stats:
            raise NotBuiltError("no snapshot is stored")
        room = rooms.open_room(str(studio.home), read_only=studio.read_only)
        party = st.segmented_control(
            "Who asks", rooms.PARTIES, default=rooms.PARTIES[0], required=True,
            format_func=str.capitalize, key="console party",
        )  # fmt: skip
        own = rooms.own_tables(domain, party, room.splits)
        views = rooms.views_for(domain, party, room.splits)
        left, right = st.columns([4, 3], gap="medium")
        with left:
            _examples(domain, party, room)
            _ask(room, party, [*own, *views])
        with right:
            _budgets(room, views)
            _relations(own, views)
        with st.expander(f"Views that the {party} shares, as BigQuery's statements"):
            st.code(rooms.ddl(domain, party), language="sql")


def _examples(domain: Domain, party: str, room: Room) -> None:
    """Buttons with the queries of the use cases in which the party asks."""
    scenario = scenario_of(domain)
    st.caption("Examples")
    with st.container(horizontal=True):
        for use_case in SHARED:
            if use_case.asker != party:
                continue
            title = formats.label(use_case.name)
            if st.button(title, key=f"example {use_case.name}"):
                st.session_state[QUERY] = use_case.protected(scenario, room.splits[0])
                st.session_state.pop("console answer", None)


def _ask(room: Room, party: str, relations: list[Relation]) -> None:
    words = {f"`{r.name}`": r.description or "a table of the party itself" for r in relations} | {
        column: "column" for r in relations for column in r.columns
    }
    sql = sql_editor("Query", st.session_state.get(QUERY, ""), words, key=f"console {party}")
    if sql is not None and not sql.strip():
        st.info("Write a query first, or take an example.")
        return
    if sql is not None:
        st.session_state[QUERY] = sql
        st.session_state["console answer"] = (party, *_answer(room, party, sql))
    answer = st.session_state.get("console answer")
    if answer is None or answer[0] != party:
        st.caption("The answer, or the reason of a refusal, appears here.")
        return
    _, rows, error = answer
    if error is not None:
        _refused(error)
    elif rows is not None:
        st.success(f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}", icon=look.GOOD)
        st.dataframe(rows.head(SHOWN), hide_index=True, width="stretch")
        if len(rows) > SHOWN:
            st.caption(f"The first {SHOWN:,} are shown; the export has all.")
        look.export(rows, "clean room answer")


def _answer(room: Room, party: str, sql: str) -> tuple[pl.DataFrame | None, UserError | None]:
    with st.spinner("The clean room computes …"):
        try:
            return rooms.ask(room, party, sql), None
        except UserError as error:
            return None, error


def _refused(error: UserError) -> None:
    rule, bigquery = rooms.refusal(error)
    st.error(f"**Refused.** {safe.message(error)}", icon=":material/block:")
    if rule:
        st.markdown(f"**The rule:** {safe.markdown(rule)}")
        st.markdown(f"**What BigQuery would say:** {safe.markdown(bigquery)}")


def _budgets(room: Room, views: list[Relation]) -> None:
    private = [v for v in views if v.policy and v.policy.differential_privacy_policy]
    if not private:
        return
    st.markdown("**Remaining privacy budget**")
    for view in private:
        assert view.policy is not None
        policy = view.policy.differential_privacy_policy
        assert policy is not None
        try:
            epsilon, delta = room.budgets.left(view.name, view.policy)
        except UserError as error:
            st.caption(safe.message(error))
            continue
        st.progress(
            min(1.0, epsilon / policy.epsilon_budget),
            text=f"{safe.markdown(short(view))}: epsilon {formats.plain(epsilon)} of "
            f"{formats.plain(policy.epsilon_budget)}, delta {formats.plain(delta)} of "
            f"{formats.plain(policy.delta_budget)}",
        )


def _relations(own: list[Relation], views: list[Relation]) -> None:
    """What the party may name, and nothing else."""
    st.markdown("**Views of the other party**")
    for view in views:
        with st.expander(short(view)):
            st.code(view.name, language=None)
            st.markdown(safe.markdown(view.description))
            _columns(view)
            if view.policy is not None:
                st.caption("Policy")
                st.code(view.policy.model_dump_json(indent=1, exclude_none=True), language="json")
    st.markdown("**Own tables**")
    for table in own:
        with st.expander(short(table)):
            st.code(table.name, language=None)
            _columns(table)


def short(relation: Relation) -> str:
    """The name of a relation without the project before it.

    Args:
        relation: The relation.
    """
    return relation.name.partition(".")[2]


def _columns(relation: Relation) -> None:
    rows = [{"Column": name, "Type": dtype} for name, dtype in relation.columns.items()]
    st.dataframe(rows, hide_index=True, width="stretch")
