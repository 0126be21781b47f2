"""The wizard of the identity graph: step by step from households to a run."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.validation import warnings
from synth_assets.studio import formats, look, preview, safe
from synth_assets.studio.context import Studio, current
from synth_assets.studio.forms import values
from synth_assets.studio.forms.form import Form, open_form
from synth_assets.studio.forms.values import Problem
from synth_assets.studio.forms.widgets import draw, draw_whole
from synth_assets.studio.pages.wizard_review import review
from synth_assets.studio.pages.wizard_steps import STEPS, Step, fields_in

NAME = "identity graph wizard"


def page() -> None:
    """Draws the page."""
    studio = current()
    st.title("Identity graph wizard")
    form = open_form(studio, NAME, GenerationConfig, initial(studio.domain(DOMAIN)))
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


def initial(domain: Domain) -> dict[str, Any]:
    """The values to begin with: the defaults, but what no run may set as Dagster has loaded it.

    Args:
        domain: The identity graph with the loaded scenario.
    """
    loaded, settable = domain.scenario.model_dump(mode="json"), domain.scenario.launchpad_fields()
    fixed = {name: value for name, value in loaded.items() if name not in settable}
    return values.defaults(GenerationConfig) | fixed


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
    together = [problem for problem in found if not problem.path]
    draw_whole(form, [*concerning(form, step, found), *together])


def _buttons(form: Form, step: int, wrong: list[Problem]) -> None:
    with st.container(horizontal=True):
        if step and st.button("Back", icon=":material/arrow_back:"):
            _go(form, step - 1)
        if step == len(STEPS) - 1:
            return
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
            st.error(safe.message(error))
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
            "Households": formats.compact(scenario.household_config.num_households),
            "People": formats.compact(of.people),
            "Events": formats.compact(of.events),
            "Rows": formats.compact(of.rows),
            "Size": formats.size(of.bytes),
            "Generation": formats.duration(of.seconds),
        },
        {"Rows": "Of all tables.", "Size": f"As Parquet. {measured}",
         "Generation": f"{measured} Gates and dbt come on top."},
    )  # fmt: skip


def _plot(sample: preview.Sample, table: str, column: str) -> None:
    frame = sample.tables[table]
    if frame.is_empty():
        st.caption(f"{formats.label(column)}: the sample has no {table.replace('_', ' ')}.")
        return
    shares = preview.distribution(frame[column])
    dtype = shares["value"].dtype
    if dtype == pl.String:
        axis = alt.X("value:N", sort=None, title=None, axis=look.names(labelAngle=-40))
    elif dtype.is_temporal():
        axis = look.days(shares, "value")
    else:  # a number of bins, or few numbers, each with a bar
        labels = alt.Axis(labelAngle=0, labelOverlap=True, format=".3~g")
        axis = alt.X("value:O", title=None, axis=labels)
    mark = alt.Chart(
        shares, title=f"{formats.label(column)} ({table.replace('_', ' ')})"
    ).mark_bar()
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
    _buttons(form, len(STEPS) - 1, found)
    if found:
        st.error("Correct the errors above first.")
        return
    _preview(form, STEPS[-1])
    review(studio, form, GenerationConfig.model_validate(form.values))
