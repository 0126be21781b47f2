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
# What a draft has of a form's state.
KEPT = ("values", "step", "locks")


@dataclass
class Form:
    """A form with what was entered.

    Attributes:
        name: Its name, unique in the studio.
        model: The model that validates it.
        fields: The model's fields.
        initial: The values that it began with.
        state: ``values``, ``step`` and ``locks``; ``version``, which changes when all values are
            replaced; the draft as it is ``kept``, and its ``revision`` (None if there is none).
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
            values: Nested values that the model takes; what is missing is as in the beginning.
        """
        found = self.model.model_validate(merged(self.model, deepcopy(self.initial), values))
        # As the model has them: a number may have been a text, a day a moment.
        self.state["values"] = found.model_dump(mode="json")
        self.state["version"] += 1

    def locks(self, field: str) -> list[str]:
        """The names of shares that stay while others change.

        Args:
            field: The field of the shares.
        """
        found: list[str] = self.state["locks"].get(field, [])
        return found

    def lock(self, field: str, name: str, *, locked: bool) -> None:
        """Locks a share, or unlocks it.

        Args:
            field: The field of the shares.
            name: The share's name.
            locked: Whether it stays while others change.
        """
        others = [one for one in self.locks(field) if one != name]
        found = sorted([*others, name] if locked else others)
        # A field without locks has no entry, as in the beginning.
        self.state["locks"] = {
            **{one: names for one, names in self.state["locks"].items() if one != field},
            **({field: found} if found else {}),
        }

    def keep(self, studio: Studio) -> None:
        """Writes the draft, if it has changed, and puts its number into the address.

        A form in which nothing was entered has no draft: those of others are kept instead.

        Args:
            studio: Its home keeps drafts; in read-only mode nothing is written.
        """
        content = {name: self.state[name] for name in KEPT}
        if self.state["kept"] != content and not studio.read_only:
            try:
                self._write(studio, content)
            except drafts.ChangedError:
                self.number, self.state["revision"] = drafts.new_number(), None
                self._write(studio, content)
                st.warning(
                    "This form was changed in another tab. What is entered here is kept as a form "
                    "of its own, under the new address of this page."
                )
        if self.state["revision"] is not None:
            st.query_params[PARAMETER] = self.number

    def _write(self, studio: Studio, content: dict[str, Any]) -> None:
        revision = drafts.write(
            studio.home, self.name, self.number, content, self.state["revision"]
        )
        self.state |= {"revision": revision, "kept": deepcopy(content)}


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
        number = asked if draft and asked else drafts.new_number()
        state = _state(model, initial, draft or {})
        forms[name] = Form(name, model, fields_of(model), initial, state, number)
    found: Form = forms[name]
    return found


def _state(
    model: type[BaseModel], initial: dict[str, Any], draft: dict[str, Any]
) -> dict[str, Any]:
    """What a form begins with: what its draft has, and what it does not have as it is."""
    kept = {
        "values": merged(model, deepcopy(initial), draft.get("values", {})),
        "step": int(draft.get("step", 0)),
        "locks": dict(draft.get("locks", {})),
    }
    return {**deepcopy(kept), "version": 0, "revision": draft.get("revision"), "kept": kept}
