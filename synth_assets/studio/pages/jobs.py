"""Jobs: what runs and waits, how far it is, what failed, and what ran before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st
import yaml

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.studio import formats, look, runs, safe, states
from synth_assets.studio.context import Studio, current
from synth_assets.studio.dagster_api import Dagster
from synth_assets.studio.forms import values
from synth_assets.studio.forms.fields import fields_of
from synth_assets.studio.inventory import gate, require_own_settings
from synth_assets.studio.latest import active_runs, outdated

# Seconds between two looks at what runs, and that the page waits for the first answer.
EVERY, PATIENCE = 2, 20
# Runs in the history.
HISTORY = 20
CURE = "start it on “Any domain”, which can replace that"
VERDICTS = {"SUCCESS": "passed", "FAILURE": "failed", "CANCELED": "cancelled"}


def page() -> None:
    """Draws the page."""
    studio = current()
    st.title("Jobs")
    if not states.dagster(studio):
        return
    active_runs(studio.dagster_url).answer(PATIENCE)
    _active(studio)
    _history(studio)


@st.fragment(run_every=EVERY)
def _active(studio: Studio) -> None:
    """What runs and waits, of all sessions and of Dagster itself, as last answered."""
    active = active_runs(studio.dagster_url).answer()
    if isinstance(active, UserError):
        st.warning(safe.message(active))
        return
    if active is None:
        st.caption("Waiting for Dagster's answer …")
        return
    before = st.session_state.get("active runs")
    st.session_state["active runs"] = {run["runId"] for run in active}
    if before and before - st.session_state["active runs"]:
        st.rerun(scope="app")  # one has ended, and belongs to the history now
    st.subheader("Running and waiting", anchor=False)
    if not active:
        st.caption("Nothing runs. Start something on Home, in the wizard or for any domain.")
    for run in reversed(active):
        with st.container(border=True):
            _card(studio, run)


def _card(studio: Studio, run: dict[str, Any]) -> None:
    domain = runs.domain_of(run, studio.domains())
    name = safe.markdown(run["jobName"] if domain is None else domain.name.replace("_", " "))
    link = safe.link(f"{studio.dagster_link}/runs/{run['runId']}")
    st.markdown(f"**{name}** {runs.WORDS[run['status']]} · [`{run['runId'][:8]}`]({link})")
    if run["status"] not in ("QUEUED", "NOT_STARTED"):
        found = runs.progress(run, domain)
        st.progress(found.share, text=f"{found.done:,} of {found.total:,} partitions")
        left = found.seconds_left
        look.numbers(
            {
                "Rows": f"{found.rows:,}",
                "Rows per second": formats.compact(found.rows_per_second),
                "Running for": formats.duration(found.seconds),
                "Time left": "–" if left is None else formats.duration(left),
            }
        )
        if found.total and found.done >= found.total:
            st.caption("All partitions are stored; gates are evaluated and models are built.")
    if st.button(
        "Cancel", key=f"cancel {run['runId']}", icon=":material/cancel:",
        disabled=studio.read_only or run["status"] == "CANCELING" or not run["canTerminate"],
    ):  # fmt: skip
        _cancel(studio, run["runId"])


def _cancel(studio: Studio, run: str) -> None:
    try:
        Dagster(studio.dagster_url).terminate(run)
    except UserError as error:
        st.error(safe.message(error))
        return
    outdated(studio.dagster_url)
    st.toast("The run is being cancelled; what is stored is kept.")


def _history(studio: Studio) -> None:
    st.subheader("Before", anchor=False)
    api, domains = Dagster(studio.dagster_url), studio.domains()
    try:
        found = api.runs(HISTORY, statuses=tuple(VERDICTS))
        counts = _rows(api, found)
    except UserError as error:
        st.warning(safe.message(error))
        return
    if not found:
        st.caption("No run has ended yet.")
        return
    ended = sorted(found, key=_end, reverse=True)
    rows = [_row(run, runs.domain_of(run, domains), counts.get(run["runId"])) for run in ended]
    ids = [run["runId"] for run in ended]
    chosen = look.select(rows, ids, "history", columns={
        "Rows": st.column_config.NumberColumn(format="localized"),
    })  # fmt: skip
    if chosen is None:
        st.caption("Select a run to see its settings and what failed, or to run it again.")
        return
    run = ended[ids.index(chosen)]
    _details(studio, api, run, runs.domain_of(run, domains))


def _end(run: dict[str, Any]) -> float:
    """When a run ended; a run that was cancelled before it started has no end of its own."""
    return float(run["endTime"] or run["creationTime"])


def _row(run: dict[str, Any], domain: Domain | None, rows: int | None) -> dict[str, Any]:
    chosen = runs.values_in(run, domain) if domain else {}
    ended = datetime.fromtimestamp(_end(run), UTC)
    seconds = (run["endTime"] or 0) - (run["startTime"] or run["endTime"] or 0)
    return {
        "Ended": formats.moment(ended),
        "What": formats.label(domain.name) if domain else run["jobName"],
        "Scenario": _changed(domain, chosen) if domain else "",
        # A run that was given none had that of its time, which is not recorded with it.
        "Seed": str(chosen.get("seed", "–")),
        "Rows": rows,
        "Verdict": VERDICTS[run["status"]],
        "Duration": formats.duration(seconds),
        "Run": run["runId"][:8],
    }


def _changed(domain: Domain, chosen: dict[str, Any]) -> str:
    """What a run was set to, other than the defaults."""
    cls = type(domain.scenario)
    below = values.defaults(cls)
    found = values.differences(fields_of(cls), {**below, **chosen}, below)
    texts = [f"{path[-1]} = {now}" for path, (_, now) in found.items() if path[-1] != "seed"]
    return ", ".join(texts[:4]) + (" …" if len(texts) > 4 else "") or "defaults"


@st.cache_resource(show_spinner=False)
def _counted(url: str) -> dict[str, int]:
    """Rows by run, for all sessions: those of a run that has ended no longer change."""
    return {}


def _rows(api: Dagster, ended: list[dict[str, Any]]) -> dict[str, int]:
    """Rows that runs have stored; all that are not known yet are requested in one query."""
    counted = _counted(api.url)
    unknown = [run["runId"] for run in ended if run["runId"] not in counted]
    if unknown:
        for run in api.runs(len(unknown), ids=unknown, stored=True):
            counted[run["runId"]] = runs.progress(run, None).rows
    return counted


def _details(studio: Studio, api: Dagster, run: dict[str, Any], domain: Domain | None) -> None:
    with st.container(border=True):
        link = safe.link(f"{studio.dagster_link}/runs/{run['runId']}")
        st.markdown(f"**Run [`{run['runId'][:8]}`]({link})** {runs.WORDS[run['status']]}")
        if run["status"] == "FAILURE":
            _failures(api, run, domain, studio)
        if run.get("runConfigYaml", "").strip() not in ("", "{}"):
            with st.expander("Settings"):
                st.code(run["runConfigYaml"], language="yaml")
        if st.button(
            "Run again", key=f"again {run['runId']}", icon=":material/replay:",
            disabled=studio.read_only or domain is None,
            help="With the same settings and partitions.",
        ):  # fmt: skip
            _again(studio, api, run, domain)


def _failures(api: Dagster, run: dict[str, Any], domain: Domain | None, studio: Studio) -> None:
    events: list[dict[str, Any]] = []
    try:
        events = api.events(run["runId"])
        lines = runs.failures(events)
    except UserError as error:
        lines = [str(error)]
    for line in lines or ["The run failed; its log in Dagster has more."]:
        st.error(safe.markdown(line), icon=look.BAD)
    if domain and runs.is_stopped_by_gate(events) and gate(studio.gate_folder, domain.name):
        st.caption("The page Quality gates shows measured values and rows that failed.")


def _again(studio: Studio, api: Dagster, run: dict[str, Any], domain: Domain | None) -> None:
    tags = {
        name: value
        for name, value in runs.tags_in(run).items()
        if name.startswith("synth/") or name in runs.PARTITIONS
    }
    if domain:
        tags[runs.DOMAIN_TAG] = domain.name
    selected = [key["path"] for key in run.get("assetSelection") or []]
    try:
        if domain and runs.RECREATE not in tags:
            made = [t for t in domain.tables if not selected or [t.domain, t.name] in selected]
            scenario = runs.scenario_of(domain, runs.values_in(run, domain))
            require_own_settings(made, scenario, studio.open_stores(), CURE)
        config = yaml.safe_load(run["runConfigYaml"]) or {}
        new = api.launch(run["jobName"], config, tags, selected)
    except UserError as error:
        st.error(safe.message(error))
        return
    outdated(api.url)
    st.toast(f"The run {new[:8]} has been started.", icon=":material/play_arrow:")
    st.rerun()
