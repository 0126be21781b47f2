"""A file or folder to its domain; errors name the file, the line and the field.

A folder has ``domain.yaml``, and may have tables in Python beside it, ``tables/*.py``, each with
``table(scenario) -> Table``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from synth_assets.core.errors import UnknownNameError, UserError, closest
from synth_assets.core.model import Domain, Table
from synth_assets.core.python_files import returned_by
from synth_assets.core.scenario import Scenario
from synth_assets.declarative.compiled_rules import DeclarationError
from synth_assets.declarative.compiler import compile_domain
from synth_assets.declarative.consistency import problems
from synth_assets.declarative.language import model_at
from synth_assets.declarative.model import FORMS, DomainSpec
from synth_assets.declarative.yaml_document import Document, Place, read_document

FILE = "domain.yaml"
FILES = 64


def load_domain(file: Path) -> Domain:
    """The domain of a file.

    Args:
        file: The file; tables in Python are in the folder ``tables`` beside it.

    Raises:
        UserError: The file cannot be read, or something in it is wrong; names line and field.
    """
    document, spec = read_spec(file)

    def more(scenario: Scenario) -> Sequence[Table]:
        files = sorted((file.parent / "tables").glob("*.py"))
        names = [f"tables.{found.stem}" for found in files if not found.name.startswith("_")]
        return [
            returned_by(file.parent, spec.domain, name, "table", Table, scenario) for name in names
        ]

    def located(error: DeclarationError) -> UserError:
        return document.error([(error.place, str(error))])

    try:
        # Another file may be beside tables that are not its own.
        others = more if file.name == FILE else lambda scenario: []
        return compile_domain(spec, others, located)
    except DeclarationError as error:
        raise located(error) from None


def read_spec(file: Path) -> tuple[Document, DomainSpec]:
    """The declaration of a file, and the file's document.

    Args:
        file: The file.

    Raises:
        UserError: The file cannot be read, or something in it is wrong; names line and field.
    """
    changed = file.stat().st_mtime_ns if file.exists() else 0
    return _read(file, changed)


@lru_cache(FILES)
def _read(file: Path, changed: int) -> tuple[Document, DomainSpec]:
    document = read_document(file)
    try:
        spec = DomainSpec.model_validate(document.content)
    except ValidationError as error:
        found = [_in_words(document, each) for each in error.errors(include_url=False)]
        raise document.error(list(dict.fromkeys(found))) from None
    wrong = [(problem.place, problem.message) for problem in problems(spec)]
    if wrong:
        raise document.error(wrong)
    return document, spec


def _in_words(document: Document, error: ErrorDetails) -> tuple[Place, str]:
    """The place of an error of pydantic in the file, and the error in plain words."""
    place = tuple(_place(document.content, error["loc"]))
    field = str(error["loc"][-1]) if error["loc"] else ""
    context: dict[str, Any] = error.get("ctx") or {}
    model = model_at(document.content, place)
    match error["type"]:
        case "extra_forbidden":
            known = list(model_at(document.content, place[:-1]).model_fields)
            return place, str(UnknownNameError("field", str(place[-1]), known))
        case "missing":
            return place, f"{field} is required; the fields are {', '.join(model.model_fields)}"
        case "union_tag_invalid":
            known = [word.strip("'") for word in context["expected_tags"].split(", ")]
            return (*place, "kind"), _unknown_kind(context["tag"], known)
        case "union_tag_not_found":
            return place, "kind is required: it says how the values are made"
        case "model_type" | "model_attributes_type" | "dict_type":
            return place, f"must be a mapping of fields, not {error['input']!r}"
        case "string_pattern_mismatch":
            form = FORMS.get(context["pattern"], f"of the form {context['pattern']}")
            return place, f"{error['input']!r} is not {form}"
        case "too_short":
            least = context["min_length"]
            return place, "must not be empty" if least == 1 else f"must have {least} items or more"
        case "bool_type" | "int_type" | "float_type" | "string_type" if _holds_more(error["input"]):
            return place, f"must be a single value, not {error['input']!r}"
    text = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    shown = isinstance(error["input"], str | int | float | None) and error["type"] != "value_error"
    return place, f"{text}, not {error['input']!r}" if shown else text


def _holds_more(value: Any) -> bool:
    return value is None or isinstance(value, list | dict)


def _unknown_kind(kind: str, known: list[str]) -> str:
    close = closest(kind, known)
    hint = f"; did you mean {close!r}?" if close else ""
    return f"unknown kind {kind!r}: known are {', '.join(known)}{hint}"


def _place(content: Any, location: Sequence[str | int]) -> Iterator[str | int]:
    """The keys of a location that are in the file: the others are kinds and missing fields."""
    for key in location:
        known = range(len(content)) if isinstance(content, list) else content
        if isinstance(known, dict | range) and key in known:
            content = content[key]
            yield key
