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
from synth_assets.studio.forms.fields import Field, Path, beginning_of, part_named
from synth_assets.studio.forms.form import Form
from synth_assets.studio.forms.share_widgets import draw_shares
from synth_assets.studio.forms.values import Problem, get, put, read_value

# Above this a browser's numbers are no longer exact.
MOST_EXACT = 2**53 - 1
# Characters of a value as text.
MOST_CHARACTERS = 100_000
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
        put(form.values, part, beginning_of(model))
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
            value = deepcopy(field.beginning if field.default is None else field.default)
    draw_ = {
        "number": _number,
        "switch": _switch,
        "text": _text,
        "choice": _choice,
        "date": _date,
        "names": _names,
        "values": _values,
        "list": _list,
        "json": _json,
    }
    fits = _fits(field, value)
    if field.widget == "shares" and fits:
        put(form.values, field.path, value)
        draw_shares(form, field, help_, fixed)
        return
    # A value that its widget cannot show, such as one of a file, is shown as it is.
    new = draw_[field.widget if fits else "json"](form, field, value, help_, fixed)
    if new != value or get(form.values, field.path) is None:
        put(form.values, field.path, new)


def _fits(field: Field, value: Any) -> bool:
    """Whether the widget of a field can show a value."""
    match field.widget:
        case "number":
            return _is_number(value) and (isinstance(value, int) or not field.whole)
        case "switch":
            return isinstance(value, bool)
        case "text":
            return isinstance(value, str)
        case "choice":
            return any(value == one and type(value) is type(one) for one in field.choices)
        case "date":
            return _is_date(value)
        case "names":
            return isinstance(value, list) and all(name in field.names for name in value)
        case "list":
            return isinstance(value, list) and not any(isinstance(v, list | dict) for v in value)
        case "shares" | "values":
            inside = isinstance(value, dict) and set(value) <= set(field.names)
            return inside and all(map(_is_number, value.values()))
    return True


def _is_number(value: Any) -> bool:
    """Whether a browser's field of a number has the value exactly."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and (isinstance(value, float) or _is_exact(value))


def _is_exact(value: int) -> bool:
    return abs(value) <= MOST_EXACT


def _is_date(value: Any) -> bool:
    try:
        return EARLIEST <= date.fromisoformat(value) <= LATEST
    except (TypeError, ValueError):
        return False


def _number(form: Form, field: Field, value: Any, help_: str, fixed: str) -> Any:
    # Without bounds: a browser keeps a number that is out of them to itself, and the old one would
    # go on. The model refuses it, and says what is allowed.
    options: dict[str, Any] = {
        "key": form.key(field.name),
        "help": help_,
        "disabled": bool(fixed),
    }
    if field.whole:
        step = max(1, int(_step(_usual(field))))
        return int(st.number_input(field.label, value=int(value), step=step, **options))
    least, most = field.least, field.most
    if least == 0 and most is not None and 0 <= value <= most <= 1:
        return st.slider(field.label, 0.0, float(most), float(value), 0.001, "%.3f", **options)
    return float(
        st.number_input(
            field.label, value=float(value), step=_step(_usual(field)), format="%.6g", **options
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


def _choice(form: Form, field: Field, value: Any, help_: str, fixed: str) -> Any:
    return st.selectbox(
        field.label, field.choices, field.choices.index(value),
        format_func=lambda choice: str(choice).replace("_", " "), key=form.key(field.name),
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
    usual = field.default or {}
    columns = st.columns(min(3, len(field.names)))
    for index, name in enumerate(field.names):
        before = float(value.get(name, 0))
        with columns[index % len(columns)]:
            new[name] = st.number_input(
                formats.label(name), value=before, step=_step(float(usual.get(name, 1))),
                format="%.6g", key=form.key(f"{field.name}.{name}"), disabled=bool(fixed),
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


def _json(form: Form, field: Field, value: Any, help_: str, fixed: str) -> Any:
    text = st.text_input(
        field.label, json.dumps(value, ensure_ascii=False), MOST_CHARACTERS,
        form.key(f"{field.name} as text"), help=f"{help_} As JSON or YAML.", disabled=bool(fixed),
    )  # fmt: skip
    if isinstance(value, int) and not _is_exact(value):
        st.caption(f"A browser's numbers end at {MOST_EXACT:,}: check the digits of larger ones.")
    return read_value(text)
