"""The wizard of the identity graph: step by step from households to a run."""

from __future__ import annotations

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.variables import variable
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.validation import warnings
from synth_assets.stores.unity.grants import verify_catalog_permissions
from synth_assets.studio import look, preview, runs, safe, states
from synth_assets.studio.context import Studio, current
from synth_assets.studio.forms import values
from synth_assets.studio.forms.form import Form, open_form
from synth_assets.studio.forms.values import Problem
from synth_assets.studio.forms.widgets import draw
from synth_assets.studio.pages.scenario import show_differences, start
from synth_assets.studio.pages.wizard_steps import STEPS, Step, fields_in

NAME = "identity graph wizard"
# Always in the file: without it the command plans for the households that it makes.
PLANNED = ("campaign_config", "planned_households")


def page() -> None:
    """Draws the page."""
    studio = current()
    st.title("Identity graph wizard")
    form = open_form(studio, NAME, GenerationConfig, values.defaults(GenerationConfig))
    found = form.problems()
    step = min(int(form.state["step"]), _furthest(form, found))
    form.state["step"] = step
    _steps(form, step, _furthest(form, found))
    st.header(STEPS[step].title, anchor=False)
    if STEPS[step].title == "Review":
        _review(studio, form, found)
    else:
        _fill(form, STEPS[step], found)
        _buttons(form, step, concerning(form, STEPS[step], found))
        if not found:
            _preview(form, STEPS[step])
    form.keep(studio)


def concerning(form: Form, step: Step, found: list[Problem]) -> list[Problem]:
    """The errors of a step.

    Args:
        form: The form.
        step: The step.
        found: The errors of all values.
    """
    return values.concerning(found, [field.path for field in step.fields(form.fields)])


def _furthest(form: Form, found: list[Problem]) -> int:
    """The last step that may be opened: the first with an error."""
    for index, step in enumerate(STEPS):
        if concerning(form, step, found):
            return index
    return len(STEPS) - 1


def _steps(form: Form, step: int, furthest: int) -> None:
    st.progress((step + 1) / len(STEPS), text=f"Step {step + 1} of {len(STEPS)}")
    with st.container(horizontal=True):
        for index, one in enumerate(STEPS):
            if st.button(
                f"{index + 1} {one.title}", key=f"step {index}", disabled=index > furthest,
                type="primary" if index == step else "tertiary",
            ):  # fmt: skip
                _go(form, index)


def _go(form: Form, step: int) -> None:
    form.state["step"] = step
    st.rerun()


def _fill(form: Form, step: Step, found: list[Problem]) -> None:
    """The groups of a step in two columns, which are one on a phone."""
    columns = st.columns(2, gap="medium")
    for index, group in enumerate(step.groups):
        fields = fields_in(group, form.fields)
        with columns[index % 2]:
            if group.folded:
                with st.expander(group.title):
                    draw(form, fields, found)
            else:
                with st.container(border=True):
                    st.markdown(f"##### {group.title}")
                    draw(form, fields, found)
    form.settle(found)
    paths = [field.path for field in step.fields(form.fields)]
    whole = [p for p in found if len(p.path) == 0 or (len(p.path) == 1 and p.path not in paths)]
    for problem in whole:
        st.error(safe.markdown(problem.message))


def _buttons(form: Form, step: int, wrong: list[Problem]) -> None:
    with st.container(horizontal=True):
        if step and st.button("Back", icon=":material/arrow_back:"):
            _go(form, step - 1)
        why = "Correct the errors of this step first." if wrong else None
        if st.button(
            "Next", type="primary", icon=":material/arrow_forward:", disabled=bool(wrong), help=why
        ):
            _go(form, step + 1)


def _preview(form: Form, step: Step) -> None:
    """Warnings, estimates and the distributions that the step decides, from a sample."""
    config = GenerationConfig.model_validate(form.values)
    for text in warnings(config):
        st.warning(safe.markdown(text), icon=look.UNSURE)
    scenario = config.scenario()
    with st.spinner("A thousand households are being generated …"):
        try:
            sample = preview.sample(scenario)
        except UserError as error:
            st.error(safe.markdown(error))
            return
    _estimates(scenario, sample)
    if not step.plots:
        return
    st.markdown(f"##### A sample of {preview.HOUSEHOLDS:,} households")
    columns = st.columns(2, gap="medium")
    for index, (table, column) in enumerate(step.plots):
        with columns[index % 2]:
            _plot(sample, table, column)


def _estimates(scenario: IdentityGraphScenario, sample: preview.Sample) -> None:
    of = preview.estimate(scenario, sample)
    measured = "Measured on this machine with a thousand households, and scaled."
    look.numbers(
        {
            "Households": look.compact(scenario.household_config.num_households),
            "People": look.compact(of.people),
            "Events": look.compact(of.events),
            "Rows of all tables": look.compact(of.rows),
            "Size as Parquet": look.size(of.bytes),
            "Generation": look.duration(of.seconds),
        },
        {"Size as Parquet": measured, "Generation": f"{measured} Gates and dbt come on top."},
    )


def _plot(sample: preview.Sample, table: str, column: str) -> None:
    frame = sample.tables[table]
    if frame.is_empty():
        st.caption(f"{look.label(column)}: the sample has no {table.replace('_', ' ')}.")
        return
    shares = preview.distribution(frame[column])
    named = shares["value"].dtype == pl.String
    axis = (
        alt.X("value:N", sort=None, title=None, axis=alt.Axis(labelAngle=-40))
        if named
        else alt.X("value:T" if shares["value"].dtype.is_temporal() else "value:Q", title=None)
    )
    mark = alt.Chart(shares, title=f"{look.label(column)} ({table.replace('_', ' ')})").mark_bar()
    look.plot(
        mark.encode(
            x=axis,
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%")),
            tooltip=["value", alt.Tooltip("share:Q", format=".2%")],
        ),
        240,
    )


def _review(studio: Studio, form: Form, found: list[Problem]) -> None:
    _fill(form, STEPS[-1], found)
    if found:
        st.error("Correct the errors above first.")
        return
    config = GenerationConfig.model_validate(form.values)
    for text in warnings(config):
        st.warning(safe.markdown(text), icon=look.UNSURE)
    _estimates(config.scenario(), preview.sample(config.scenario()))
    st.markdown("##### Different from the defaults")
    show_differences(form)
    _files(form)
    _destination(studio, config)
    _run(studio, form, config)


def _files(form: Form) -> None:
    st.markdown("##### As a file")
    text = yaml_of(form)
    left, right = st.columns(2, gap="medium")
    with left:
        st.code(text, language="yaml", height=220)
        st.download_button(
            "Download YAML", text, "identity_graph.yaml", "application/yaml",
            icon=":material/download:",
        )  # fmt: skip
        st.caption("`synth identity-graph --config identity_graph.yaml` makes the same tables.")
    with right:
        file = st.file_uploader("Upload YAML", type=["yaml", "yml"], key=form.key("upload"))
        if file is not None:
            _upload(form, file.getvalue())


def yaml_of(form: Form) -> str:
    """The configuration as a file of ``synth identity-graph``: what differs from the defaults.

    Args:
        form: The form.
    """
    below = values.defaults(form.model)
    found = values.differences(form.fields, form.values, below)
    chosen = {path: now for path, (_, now) in found.items()}
    for part in {field.part for field in form.fields if field.part}:
        # A part that is left out is named whole.
        if values.get(form.values, part) is None and values.get(below, part) is not None:
            chosen = {path: now for path, now in chosen.items() if path[: len(part)] != part}
            chosen[part] = None
    chosen[PLANNED] = values.get(form.values, PLANNED)
    return values.to_yaml(values.nested(chosen))


def _upload(form: Form, content: bytes) -> None:
    try:
        uploaded = values.from_yaml(content)
    except UserError as error:
        st.error(safe.markdown(error))
        return
    found = values.problems(form.model, uploaded)
    for problem in found:
        st.error(safe.markdown(f"{'.'.join(problem.path)}: {problem.message}"))
    if not found and st.button("Use this file", type="primary"):
        form.replace(uploaded)
        st.rerun()


def _destination(studio: Studio, config: GenerationConfig) -> None:
    st.markdown("##### Destination")
    if config.catalog_name is None:
        stores = studio.open_stores()
        places = {
            stores.of(table).uri(table).rsplit("/", 1)[0] for table in studio.domain(DOMAIN).tables
        }
        st.markdown(f"Tables go to {safe.markdown(', '.join(sorted(places)))} (`SYNTH_STORE`).")
        return
    st.markdown(f"Tables go to `{config.catalog_name}.{config.schema_name}` of Unity Catalog.")
    if st.button("Check permissions", icon=":material/key:"):
        _permissions(config.catalog_name, config.schema_name)


def _permissions(catalog: str, schema: str) -> None:
    try:
        root = variable("SYNTH_UNITY_ROOT")
        allowed, missing = verify_catalog_permissions(catalog, schema, root=root)
    except UserError as error:
        st.error(safe.markdown(error))
        return
    if allowed:
        st.success("The account has all permissions that it needs.")
        return
    st.error("The account lacks permissions. Let an owner of the catalog run:")
    st.code("\n".join(one.grant for one in missing), language="sql")


def _run(studio: Studio, form: Form, config: GenerationConfig) -> None:
    domain = studio.domain(DOMAIN)
    fields = type(domain.scenario).launchpad_fields()
    chosen = {name: form.values[name] for name in fields}
    st.markdown("##### The same in a terminal, with gates and models")
    text = values.command(domain, chosen, recreate=not config.incremental)
    st.code(text, language="shell", wrap_lines=True)
    why = elsewhere(config, domain.scenario)
    if why:
        st.info(safe.markdown(why))
        return
    if not states.dagster(studio):
        return
    label = "Append" if config.incremental else "Generate"
    if st.button(
        label, type="primary", disabled=studio.read_only, icon=":material/rocket_launch:",
        help=states.READ_ONLY if studio.read_only else None,
    ):  # fmt: skip
        start(studio, domain, chosen, runs.keys_of(domain), recreate=not config.incremental)


def elsewhere(config: GenerationConfig, loaded: object) -> str | None:
    """Why a configuration cannot be run by the Dagster that has loaded a scenario; None if it can.

    Args:
        config: The configuration.
        loaded: The scenario that was loaded.
    """
    if config.catalog_name is not None:
        return (
            "A catalog is chosen when the command starts: download the file, and run "
            "synth identity-graph --config identity_graph.yaml"
        )
    shards = getattr(loaded, "shards", config.shards)
    if config.shards != shards:
        return (
            f"Dagster has loaded {shards} shards: set SYNTH_IDENTITY_GRAPH_SHARDS to "
            f"{config.shards} and start it again, or download the file and run "
            "synth identity-graph --config identity_graph.yaml"
        )
    return None
