"""The form of any domain: all fields of its scenario, in the order in which they are declared."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.scenario import Scenario, variable_of
from synth_assets.studio import runs, safe, states
from synth_assets.studio.context import Studio, current
from synth_assets.studio.dagster_api import Dagster
from synth_assets.studio.forms import values
from synth_assets.studio.forms.fields import Field
from synth_assets.studio.forms.form import Form, open_form
from synth_assets.studio.forms.widgets import draw, draw_whole
from synth_assets.studio.inventory import require_own_settings
from synth_assets.studio.latest import outdated

# The toggle without which a run that would replace other settings' partitions is not started.
REPLACE = "Replace what other settings have made"


def page() -> None:
    """Draws the page."""
    studio = current()
    st.title("Any domain")
    domains = {domain.name: domain for domain in studio.domains()}
    asked = st.query_params.get("domain", "")
    names = list(domains)
    name = st.selectbox(
        "Domain", names, names.index(asked) if asked in names else 0,
        format_func=lambda n: n.replace("_", " ").capitalize(), key="domain of the form",
    )  # fmt: skip
    st.query_params["domain"] = name
    domain = domains[name]
    st.markdown(safe.markdown(domain.doc))
    cls = type(domain.scenario)
    form = open_form(studio, f"scenario {name}", cls, domain.scenario.model_dump(mode="json"))
    found = form.problems()
    settable, fixed = _divided(cls, form.fields)
    with st.expander("Settings", expanded=True):
        draw(form, settable, found)
    if fixed:
        with st.expander(f"Read when Dagster loads ({len(fixed)})"):
            for field in fixed:
                why = f"Set {variable_of(name, field.path[0])} before Dagster starts."
                draw(form, [field], found, fixed=why)
    form.settle(found)
    draw_whole(form, found)
    _launch(studio, domain, form, valid=not found)
    form.keep(studio)


def _divided(cls: type[Scenario], fields: list[Field]) -> tuple[list[Field], list[Field]]:
    """The fields that a run may set, and the others."""
    names = set(cls.launchpad_fields())
    return (
        [field for field in fields if field.path[0] in names],
        [field for field in fields if field.path[0] not in names],
    )


def _launch(studio: Studio, domain: Domain, form: Form, *, valid: bool) -> None:
    chosen = {name: form.values[name] for name in type(domain.scenario).launchpad_fields()}
    keys = runs.keys_of(domain)
    st.subheader("Run")
    if len(keys) > 1:
        first, last = st.select_slider("Partitions", keys, (keys[0], keys[-1]))
        keys = keys[keys.index(first) : keys.index(last) + 1]
    recreate = st.toggle(REPLACE, key=form.key("recreate"))
    show_differences(form)
    # The command refuses what the form refuses.
    if valid:
        st.markdown("The same in a terminal:")
        text = values.command(domain, chosen, recreate=recreate)
        if keys and keys != runs.keys_of(domain):
            text += f" --partitions {keys[0]}..{keys[-1]}"
        st.code(text, language="shell", wrap_lines=True)
    if not states.dagster(studio):
        return
    if st.button(
        "Start the run", type="primary", disabled=not valid or studio.read_only,
        icon=":material/play_arrow:", help=states.READ_ONLY if studio.read_only else None,
    ):  # fmt: skip
        start(studio, domain, chosen, keys, recreate=recreate)


def show_differences(form: Form) -> None:
    """Shows how the values of a form differ from the defaults.

    Args:
        form: The form.
    """
    below = values.defaults(form.model)
    found = values.differences(form.fields, form.values, below)
    if not found:
        st.caption("Everything is at its default.")
        return
    rows = [
        {"Setting": ".".join(path), "Default": _text(before), "Chosen": _text(now)}
        for path, (before, now) in found.items()
    ]
    st.dataframe(rows, hide_index=True, width="stretch")


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(inside)}" for name, inside in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:,.6g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def start(
    studio: Studio, domain: Domain, chosen: dict[str, Any], keys: list[str], *, recreate: bool
) -> None:
    """Starts a run of a domain's job, and links to the page that shows it.

    Args:
        studio: The surroundings.
        domain: The domain.
        chosen: Values of fields that a run may set.
        keys: Partition keys, in order.
        recreate: Whether to drop what other settings have made.
    """
    tags = runs.tags_of(domain, keys, recreate=recreate)
    try:
        if not recreate:
            scenario = runs.scenario_of(domain, chosen)
            cure = f"switch on “{REPLACE}” to have it replaced"
            require_own_settings(domain.tables, scenario, studio.open_stores(), cure)
        config = runs.config_of(domain, chosen)
        run = Dagster(studio.dagster_url).launch(runs.job_of(domain), config, tags)
    except UserError as error:
        st.error(safe.message(error))
        return
    outdated(studio.dagster_url)
    st.success(f"The run `{run[:8]}` has been started.", icon=":material/check_circle:")
    if "pages" in st.session_state:
        st.page_link(st.session_state["pages"]["jobs"], label="Watch it on the page Jobs")
