"""A form of a session: its values, which survive pages and reloads, and its errors."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import BaseModel

from synth_assets.studio.context import Studio
from synth_assets.studio.forms import drafts
from synth_assets.studio.forms.fields import Field, fields_of
from synth_assets.studio.forms.values import Problem, merged, problems

PARAMETER = "draft"


@dataclass
class Form:
    """A form with what was entered.

    Attributes:
        name: Its name, unique in the studio.
        model: The model that validates it.
        fields: The model's fields.
        initial: The values that it began with.
        state: ``values``, ``step`` and ``version`` (which changes when all values are replaced).
        number: The number of its draft.
    """

    name: str
    model: type[BaseModel]
    fields: list[Field]
    initial: dict[str, Any]
    state: dict[str, Any]
    number: str

    @property
    def values(self) -> dict[str, Any]:
        """The values as JSON has them, nested as in the model."""
        values: dict[str, Any] = self.state["values"]
        return values

    def key(self, name: str) -> str:
        """The key of a widget.

        Args:
            name: The widget's name in the form.
        """
        return f"{self.name}/{self.state['version']}/{name}"

    def problems(self) -> list[Problem]:
        """What is wrong with the values."""
        return problems(self.model, self.values)

    def settle(self, shown: list[Problem]) -> None:
        """Draws the page anew if what was just entered has other errors than those shown.

        Args:
            shown: The errors that the page has shown.
        """
        if self.problems() != shown:
            st.rerun()

    def replace(self, values: dict[str, Any]) -> None:
        """Replaces all values; widgets begin anew.

        Args:
            values: Nested values; what is missing is as in the beginning.
        """
        self.state["values"] = merged(self.model, deepcopy(self.initial), values)
        self.state["version"] += 1

    def keep(self, studio: Studio) -> None:
        """Writes the draft, if it has changed, and puts its number into the address.

        Args:
            studio: Its home keeps drafts; in read-only mode nothing is written.
        """
        st.query_params[PARAMETER] = self.number
        content = {"values": self.values, "step": self.state["step"]}
        if studio.read_only or self.state.get("kept") == content:
            return
        drafts.write(studio.home, self.name, self.number, content)
        self.state["kept"] = deepcopy(content)


def open_form(studio: Studio, name: str, model: type[BaseModel], initial: dict[str, Any]) -> Form:
    """The form of this session, or the one whose draft the address names.

    Args:
        studio: Its home keeps drafts.
        name: The form's name.
        model: The model that validates it.
        initial: The values to begin with, as JSON has them.
    """
    forms = st.session_state.setdefault("forms", {})
    asked = st.query_params.get(PARAMETER)
    other = asked is not None and (name not in forms or asked != forms[name].number)
    draft = drafts.read(studio.home, name, asked) if asked and other else None
    # An address may name the draft of another form, which changes nothing here.
    if draft is not None or name not in forms:
        values = (
            merged(model, deepcopy(initial), draft.get("values", {}))
            if draft
            else deepcopy(initial)
        )
        state = {"values": values, "step": int(draft.get("step", 0)) if draft else 0, "version": 0}
        number = asked if draft and asked else drafts.new_number()
        forms[name] = Form(name, model, fields_of(model), initial, state, number)
    found: Form = forms[name]
    return found
