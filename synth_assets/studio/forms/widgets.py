"""One widget for each field, from what the model says of it: label, help, range, choices.

The value of a widget goes into the form's values at once. Errors are shown below their field.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

import streamlit as st

from synth_assets.studio import formats, safe
from synth_assets.studio.forms.fields import Field, Path, part_named
from synth_assets.studio.forms.form import Form
from synth_assets.studio.forms.share_widgets import draw_shares
from synth_assets.studio.forms.shares import exact
from synth_assets.studio.forms.values import Problem, get, put

# Above this a browser's numbers are no longer exact.
MOST_EXACT = 2**53 - 1
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)


def draw(form: Form, fields: Sequence[Field], found: Sequence[Problem], fixed: str = "") -> None:
    """Draws fields with their errors; a part that may be left out has a switch.

    Args:
        form: The form.
        fields: Some of its fields.
        found: The errors of the form's values.
        fixed: Why nothing can be changed; empty if it can be.
    """
    drawn: set[Path] = set()
    shown: set[Path] = set()
    for field in fields:
        if field.part and field.part not in drawn:
            drawn.add(field.part)
            _part_switch(form, field.part, fixed)
        if field.part and get(form.values, field.part) is None:
            continue
        _field(form, field, fixed)
        shown.add(field.path)
        _errors([p for p in found if p.path[: len(field.path)] == field.path])
    around = [p for p in found if _around(p.path, shown)]
    _errors(around)


def _around(path: Path, shown: Collection[Path]) -> bool:
    """Whether a path is of a part around one of the fields."""
    return len(path) > 1 and any(len(path) < len(one) and one[: len(path)] == path for one in shown)


def draw_whole(form: Form, found: Sequence[Problem]) -> None:
    """Shows the errors that belong to no field: those of an outermost part, or of all values.

    Args:
        form: The form.
        found: Some of the errors of its values.
    """
    paths = {field.path for field in form.fields}
    _errors([p for p in found if len(p.path) < 2 and p.path not in paths])


def _errors(found: Sequence[Problem]) -> None:
    for message in dict.fromkeys(problem.message for problem in found):
        st.error(safe.markdown(message), icon=":material/error:")


def _part_switch(form: Form, part: Path, fixed: str) -> None:
    model, description = part_named(form.model, part)
    name = part[-1].replace("_", " ").capitalize()
    before = get(form.values, part)
    key = form.key(".".join(part) + "?")
    on = st.toggle(name, before is not None, key=key, help=description, disabled=bool(fixed))
    if on and before is None:
        put(form.values, part, model().model_dump(mode="json"))
    elif not on:
        put(form.values, part, None)


def _field(form: Form, field: Field, fixed: str) -> None:
    value = get(form.values, field.path)
    help_ = f"{field.description} `{field.name}`" + (f" {fixed}" if fixed else "")
    if field.optional:
        key = form.key(f"{field.name}?")
        name = f"Set {field.label[:1].lower()}{field.label[1:]}"
        on = st.toggle(name, value is not None, key=key, help=help_,
                       disabled=bool(fixed))  # fmt: skip
        if not on:
            put(form.values, field.path, None)
            return
        if value is None:
            value = _beginning(field)
    draw_ = {
        "number": _number,
        "switch": _switch,
        "text": _text,
        "choice": _choice,
        "date": _date,
        "names": _names,
        "values": _values,
        "list": _list,
    }
    if field.widget == "shares":
        put(form.values, field.path, value)
        draw_shares(form, field, help_, fixed)
        return
    new = draw_[field.widget](form, field, value, help_, fixed)
    if new != value or get(form.values, field.path) is None:
        put(form.values, field.path, new)


def _beginning(field: Field) -> Any:
    """The value of a field that was left out, when it is switched on."""
    if field.default is not None:
        return deepcopy(field.default)
    if field.widget in ("shares", "values"):
        return exact(dict.fromkeys(field.names, 1.0))
    if field.widget == "number":
        number = field.least or 0
        return int(number) if field.whole else float(number)
    return "" if field.widget == "text" else date.today().isoformat()


def _number(form: Form, field: Field, value: Any, help_: str, fixed: str) -> Any:
    options: dict[str, Any] = {
        "key": form.key(field.name),
        "help": help_,
        "disabled": bool(fixed),
    }
    if field.whole:
        lowest = None if field.least is None else int(field.least)
        highest = None if field.most is None else min(int(field.most), MOST_EXACT)
        step = max(1, int(_step(_usual(field))))
        return int(st.number_input(field.label, lowest, highest, int(value), step, **options))
    least, most = field.least, field.most
    if least == 0 and most is not None and most <= 1:
        return st.slider(field.label, 0.0, float(most), float(value), 0.001, "%.3f", **options)
    bounds = [None if bound is None else float(bound) for bound in (least, most)]
    return float(
        st.number_input(
            field.label,
            bounds[0],
            bounds[1],
            float(value),
            _step(_usual(field)),
            "%.6g",
            **options,
        )
    )


def _usual(field: Field) -> float:
    """A usual value of a number: its default, or the lowest one."""
    usual = field.default if isinstance(field.default, int | float) else field.least
    return float(usual or 0)


def _step(usual: float) -> float:
    """A step of about a tenth of a usual value; another value does not change it."""
    return float(10.0 ** max(-3, math.floor(math.log10(usual)) - 1)) if usual > 0 else 0.1


def _switch(form: Form, field: Field, value: Any, help_: str, fixed: str) -> bool:
    return st.toggle(
        field.label, bool(value), key=form.key(field.name), help=help_, disabled=bool(fixed)
    )


def _text(form: Form, field: Field, value: Any, help_: str, fixed: str) -> str:
    return st.text_input(
        field.label, str(value), 500, form.key(field.name), help=help_, disabled=bool(fixed)
    )


def _choice(form: Form, field: Field, value: Any, help_: str, fixed: str) -> str:
    return st.selectbox(
        field.label, field.names, field.names.index(value),
        format_func=lambda name: name.replace("_", " "), key=form.key(field.name),
        help=help_, disabled=bool(fixed),
    )  # fmt: skip


def _date(form: Form, field: Field, value: Any, help_: str, fixed: str) -> str:
    chosen = st.date_input(
        field.label, date.fromisoformat(value), EARLIEST, LATEST, key=form.key(field.name),
        help=help_, disabled=bool(fixed),
    )  # fmt: skip
    return chosen.isoformat() if isinstance(chosen, date) else str(value)


def _names(form: Form, field: Field, value: Any, help_: str, fixed: str) -> list[str]:
    return st.multiselect(
        field.label, field.names, value, key=form.key(field.name), help=help_, disabled=bool(fixed)
    )


def _values(form: Form, field: Field, value: Any, help_: str, fixed: str) -> dict[str, float]:
    st.markdown(f"**{field.label}**", help=help_)
    new = {}
    usual, most = field.default or {}, None if field.most is None else float(field.most)
    columns = st.columns(min(3, len(field.names)))
    for index, name in enumerate(field.names):
        before = float(value.get(name, 0))
        with columns[index % len(columns)]:
            new[name] = st.number_input(
                formats.label(name), 0.0, most, before, _step(float(usual.get(name, 1))), "%.6g",
                key=form.key(f"{field.name}.{name}"), disabled=bool(fixed),
            )  # fmt: skip
    return new


def _list(form: Form, field: Field, value: Any, help_: str, fixed: str) -> Any:
    text = st.text_input(
        field.label, ", ".join(map(json.dumps, value)), 2_000, form.key(field.name),
        help=f"{help_} Separated by commas.", disabled=bool(fixed),
    )  # fmt: skip
    try:
        return json.loads(f"[{text}]")
    except ValueError:
        return [part.strip() for part in text.split(",")]
