"""Home: each domain with what is stored of it, its last run and gate, and a button for a sample."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Daily
from synth_assets.studio import formats, look, runs, safe, states
from synth_assets.studio.context import Studio, current
from synth_assets.studio.dagster_api import LOCATION, REPOSITORY, Dagster, UnreachableError
from synth_assets.studio.inventory import Inventory, Stored, gate, require_own_settings
from synth_assets.studio.latest import latest_runs, outdated

# Where Dagster shows the assets of a group.
ASSETS = f"locations/{REPOSITORY}@{LOCATION}/asset-groups"
# Whether a person has pressed something that needs Dagster, which did not answer.
NEEDED = "dagster is needed"
# Days of a small sample.
SAMPLE_DAYS = 14


@st.cache_resource(show_spinner=False)
def inventory(home: str) -> Inventory:
    """The counts that all sessions share.

    Args:
        home: The home that is counted.
    """
    return Inventory(current())


def page() -> None:
    """Draws the page."""
    studio = current()
    st.title("Synthetic worlds")
    if st.session_state.get(NEEDED) and states.dagster(studio):
        del st.session_state[NEEDED]
        st.toast("Dagster runs now: press the button again.", icon=look.GOOD)
    domains = studio.domains()
    _summary(studio, domains)
    for index in range(0, len(domains), 2):
        for column, domain in zip(st.columns(2), domains[index : index + 2], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(studio, domain)


@st.fragment(run_every=3)
def _summary(studio: Studio, domains: list[Domain]) -> None:
    found = [inventory(str(studio.home)).stored(domain.name) for domain in domains]
    known = [stored for stored in found if stored]
    rows, size = sum(one.rows for one in known), sum(one.bytes for one in known)
    # Until the first domain is counted there is nothing to sum.
    counting = "" if len(known) == len(found) else " …"
    numbers = {
        "Tables stored": str(sum(one.tables for one in known)),
        "Rows": formats.compact(rows),
        "Size": formats.size(size),
    }
    shown = {name: f"{text}{counting}" if known else "…" for name, text in numbers.items()}
    look.numbers({"Domains": str(len(domains)), **shown})


def _card(studio: Studio, domain: Domain) -> None:
    st.subheader(domain.name.replace("_", " ").capitalize(), anchor=False)
    st.markdown(safe.markdown(domain.doc))
    _state(studio, domain)
    with st.container(horizontal=True, vertical_alignment="center"):
        _links(studio, domain)


@st.fragment(run_every=3)
def _state(studio: Studio, domain: Domain) -> None:
    """What is stored, the last run, the gate and the sample; drawn again while they change."""
    stored = inventory(str(studio.home)).stored(domain.name)
    st.markdown(f":material/database: {_stored_text(stored)}")
    st.markdown(f":material/play_circle: {_run_text(studio, domain)}")
    st.markdown(_gate_text(studio, domain))
    _sample(studio, domain, stored)


def _stored_text(stored: Stored | None) -> str:
    if stored is None:
        return "counting what is stored …"
    if stored.problem:
        return f"cannot be read: {safe.markdown(stored.problem)}"
    if not stored.rows:
        return "nothing stored yet"
    return (
        f"**{stored.rows:,}** rows in {stored.tables} tables, {stored.partitions:,} partitions, "
        f"{formats.size(stored.bytes)}"
    )


def _run_text(studio: Studio, domain: Domain) -> str:
    latest = latest_runs(studio.dagster_url).answer()
    if latest is None:
        return "waiting for Dagster's answer …"
    if isinstance(latest, UserError):
        starts = studio.webserver is not None and studio.webserver.state() == "alive"
        return "Dagster starts …" if starts else "Dagster does not run"
    ours = (run for run in latest if runs.domain_of(run, [domain]))
    run = next(ours, None)
    if run is None:
        return "no run yet"
    at = datetime.fromtimestamp(run["creationTime"], UTC)
    url = safe.link(f"{studio.dagster_link}/runs/{run['runId']}")
    return f"[last run]({url}) {runs.WORDS[run['status']]}, {formats.moment(at)}"


def _gate_text(studio: Studio, domain: Domain) -> str:
    found = gate(studio.gate_folder, domain.name)
    if found is None:
        return ":material/verified: no gate report yet"
    icon = look.ICONS[found.verdict]
    counts = ", ".join(f"{count:,} {status}" for status, count in found.checks.items() if count)
    return f"{icon} gate {found.verdict}: {safe.markdown(counts)} ({formats.moment(found.at)})"


def sample_of(domain: Domain) -> tuple[list[str], dict[str, Any]]:
    """The partition keys and the scenario values of a small sample of a domain.

    Args:
        domain: The domain.
    """
    daily = any(isinstance(table.partitioning, Daily) for table in domain.tables)
    scenario = runs.scenario_of(domain, domain.sample)
    dumped = scenario.model_dump(mode="json")
    keys = runs.keys_of(domain, SAMPLE_DAYS if daily else None)
    return keys, {name: dumped[name] for name in type(scenario).launchpad_fields()}


def _sample(studio: Studio, domain: Domain, stored: Stored | None) -> None:
    """A button that makes a small sample; it asks first, unless nothing is known to be stored."""
    disabled = studio.read_only
    key, icon = f"sample {domain.name}", ":material/science:"
    if stored and not stored.rows and not stored.problem:
        # What another session has stored since then is not replaced either: the start refuses.
        if st.button(
            "Make a small sample", icon=icon, key=key, disabled=disabled,
            help=states.READ_ONLY if disabled else "A few thousand rows, with gates and dbt.",
        ):  # fmt: skip
            _launch(studio, domain, recreate=False)
        return
    with st.popover("Make a small sample", icon=icon, disabled=disabled):
        st.markdown("What is stored of other settings is **replaced**.")
        if st.button("Replace by a sample", type="primary", key=f"{key} anew", disabled=disabled):
            _launch(studio, domain, recreate=True)


def _links(studio: Studio, domain: Domain) -> None:
    """Links to what is elsewhere: the gate report, and the assets in Dagster."""
    pages = st.session_state.get("pages", {})
    if "gates" in pages and gate(studio.gate_folder, domain.name):
        st.page_link(pages["gates"], label="Gate report", query_params={"domain": domain.name})
    assets = safe.link(f"{studio.dagster_link}/{ASSETS}/{domain.name}/lineage")
    if assets:
        icon = ":material/open_in_new:"
        st.link_button("Assets", assets, icon=icon, type="tertiary", help="The assets in Dagster.")


def _launch(studio: Studio, domain: Domain, *, recreate: bool) -> None:
    try:
        keys, values = sample_of(domain)
        if not recreate:
            scenario = runs.scenario_of(domain, values)
            inventory(str(studio.home)).outdated()
            cure = "press the button again"
            require_own_settings(domain.tables, scenario, studio.open_stores(), cure)
        tags = runs.tags_of(domain, keys, recreate=recreate)
        config = runs.config_of(domain, values)
        Dagster(studio.dagster_url).launch(runs.job_of(domain), config, tags)
    except UnreachableError:
        # The page offers to start it, and goes on doing so while other buttons are pressed.
        st.session_state[NEEDED] = True
        st.rerun(scope="app")
    except UserError as error:
        st.error(safe.message(error))
        return
    outdated(studio.dagster_url)
    inventory(str(studio.home)).outdated()
    st.toast("The run has been started; the page Jobs shows it.", icon=":material/play_arrow:")
