"""Shares that are edited together: sliders, or a table where there are many names.

A bar shows that they sum to one; a share that is locked stays while the others change.
"""

from __future__ import annotations

from functools import partial

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.studio import formats, look
from synth_assets.studio.forms.fields import Field
from synth_assets.studio.forms.form import Form
from synth_assets.studio.forms.shares import Sliding, slid
from synth_assets.studio.forms.values import get, put

# Names above which shares are edited as a table instead of sliders.
MOST_SLIDERS = 8
# Pixels of a row of the bar's legend.
LEGEND_ROW = 30


def draw_shares(form: Form, field: Field, help_: str, fixed: str) -> None:
    """Draws the shares of a field.

    Args:
        form: The form.
        field: The field.
        help_: What it means.
        fixed: Why nothing can be changed; empty if it can be.
    """
    st.markdown(f"**{field.label}**", help=help_)
    # A name that was left out has no share, and can get one here.
    value = get(form.values, field.path)
    shares = {name: float(value.get(name, 0.0)) for name in field.names}
    _bar(shares)
    if len(shares) <= MOST_SLIDERS:
        _sliders(form, field, shares, fixed)
    else:
        _table(form, field, shares, fixed)


def _bar(shares: dict[str, float]) -> None:
    """The shares as one bar, which is full where they sum to one."""
    names = list(shares)
    frame = pl.DataFrame(
        {"name": names, "share": list(shares.values()), "place": range(len(names))}
    )
    chart = alt.Chart(frame).mark_bar(height=22)
    legend = look.legend() if len(names) <= MOST_SLIDERS else None
    st.altair_chart(
        chart.encode(
            x=alt.X("sum(share):Q", axis=None, scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("name:N", sort=names, legend=legend),
            order="place:Q",
            tooltip=["name:N", alt.Tooltip("share:Q", format=".1%")],
        ).properties(
            height=34 if legend is None else 60 + LEGEND_ROW * -(-len(names) // look.COLUMNS)
        ),
        width="stretch",
    )
    st.caption(f"Sum {sum(shares.values()):.1%}")


def _slide(
    form: Form, field: Field, shares: dict[str, float], name: str, value: float
) -> dict[str, float]:
    """The shares after one was changed, by a slider or in the table."""
    slides: dict[str, Sliding] = form.state.setdefault("slides", {})
    step = slid(slides.get(field.name), shares, name, value, form.locks(field.name))
    slides[field.name] = step
    return dict(step.after)


def _sliders(form: Form, field: Field, shares: dict[str, float], fixed: str) -> None:
    locks = form.locks(field.name)
    st.caption(":material/lock: A share whose box is ticked stays while the others change.")
    for name in field.names:
        key = form.key(f"{field.name}.{name}")
        locked = bool(st.session_state.get(f"{key} lock", name in locks))
        # On a phone, too, the lock is beside its slider.
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.session_state.setdefault(key, round(shares[name] * 100, 4))
            st.slider(
                formats.label(name), 0.0, 100.0, step=0.1, format="%.1f %%", key=key,
                on_change=partial(_slid, form, field, name), disabled=bool(fixed) or locked,
            )  # fmt: skip
            st.checkbox(f"Lock {formats.label(name)}", name in locks, key=f"{key} lock",
                        disabled=bool(fixed), label_visibility="collapsed")  # fmt: skip
        form.lock(field.name, name, locked=locked)


def _slid(form: Form, field: Field, name: str) -> None:
    """After a slider was moved: the others follow."""
    now = st.session_state[form.key(f"{field.name}.{name}")] / 100
    before = {n: float(get(form.values, field.path).get(n, 0.0)) for n in field.names}
    after = _slide(form, field, before, name, now)
    _put_shares(form, field, after)
    for other, share in after.items():
        st.session_state[form.key(f"{field.name}.{other}")] = round(share * 100, 4)


def _table(form: Form, field: Field, shares: dict[str, float], fixed: str) -> None:
    locks, turn = form.locks(field.name), form.state.setdefault("turns", {})
    key = form.key(f"{field.name} {turn.get(field.name, 0)}")
    rows = [{"name": n, "share": s * 100, "locked": n in locks} for n, s in shares.items()]
    st.data_editor(
        pl.DataFrame(rows),
        key=key,
        hide_index=True,
        width="stretch",
        disabled=True if fixed else ["name"],
        height=min(300, 36 * (len(rows) + 1)),
        column_config={
            "name": "Name",
            "share": st.column_config.NumberColumn("Share", format="%.2f %%", min_value=0,
                                                   max_value=100),
            "locked": st.column_config.CheckboxColumn("Lock"),
        },
        on_change=partial(_edited, form, field, key),
    )  # fmt: skip


def _edited(form: Form, field: Field, key: str) -> None:
    """After a cell was edited: the other shares follow, and the table is drawn anew."""
    shares = {n: float(get(form.values, field.path).get(n, 0.0)) for n in field.names}
    for row, cells in st.session_state[key]["edited_rows"].items():
        name = field.names[int(row)]
        if "locked" in cells:
            form.lock(field.name, name, locked=cells["locked"])
        if cells.get("share") is not None:
            shares = _slide(form, field, shares, name, cells["share"] / 100)
    _put_shares(form, field, shares)
    turns = form.state["turns"]
    turns[field.name] = turns.get(field.name, 0) + 1


def _put_shares(form: Form, field: Field, shares: dict[str, float]) -> None:
    """Sets shares; a name that was left out stays so unless it has got a share."""
    known = get(form.values, field.path)
    put(form.values, field.path, {n: s for n, s in shares.items() if s or n in known})
