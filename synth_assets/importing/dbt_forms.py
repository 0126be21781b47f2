"""The forms of what a dbt project writes, in its YAML files and in its manifest.

Only what is read here; everything else may be of any form.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from synth_assets.core.errors import UserError

WRONG = {
    "model_type": "must be a mapping", "dict_type": "must be a mapping",
    "list_type": "must be a list", "string_type": "must be a text", "missing": "is missing",
}  # fmt: skip


def _listed(value: Any) -> Any:
    return [] if value is None else value


def _text(value: Any) -> Any:
    """A text; a number or a truth value is the text that it is written as, null is an empty one."""
    return "" if value is None else str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_text)]
Tests = Annotated[list[Any], BeforeValidator(_listed)]
Mappings = Annotated[list[dict[str, Any]], BeforeValidator(_listed)]
Paths = Annotated[list[Text] | None, BeforeValidator(lambda v: [v] if isinstance(v, str) else v)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


Form = TypeVar("Form", bound=_Form)


class Column(_Form):
    """A column, as dbt describes it."""

    name: Text
    data_type: Text = ""
    description: Text = ""
    constraints: Mappings = []
    data_tests: Tests = []
    tests: Tests = []


class Entry(_Form):
    """A table of a source, a seed or a model."""

    name: Text
    description: Text = ""
    columns: Annotated[list[Column], BeforeValidator(_listed)] = []
    constraints: Mappings = []
    data_tests: Tests = []
    tests: Tests = []


Entries = Annotated[list[Entry], BeforeValidator(_listed)]


class Source(_Form):
    """A source."""

    name: Text = ""
    tables: Entries = []


class Properties(_Form):
    """A YAML file with properties of resources."""

    sources: Annotated[list[Source], BeforeValidator(_listed)] = []
    seeds: Entries = []
    models: Entries = []


class Project(_Form):
    """``dbt_project.yml``."""

    name: Text = ""
    model_paths: Paths = Field(None, alias="model-paths")
    seed_paths: Paths = Field(None, alias="seed-paths")


class Tested(_Form):
    """What a test of a manifest tests."""

    name: Text
    kwargs: Annotated[dict[str, Any], BeforeValidator(lambda v: {} if v is None else v)] = {}


class Node(_Form):
    """A resource of a manifest."""

    name: Text = ""
    resource_type: Text = ""
    package_name: Text = ""
    source_name: Text = ""
    description: Text = ""
    columns: Annotated[dict[str, Column], BeforeValidator(lambda v: {} if v is None else v)] = {}
    constraints: Mappings = []
    test_metadata: Tested | None = None


class Metadata(_Form):
    """What a manifest says of itself."""

    project_name: Text = ""


class Manifest(_Form):
    """``manifest.json``."""

    metadata: Metadata
    sources: dict[str, Node]
    nodes: dict[str, Node]


def checked(form: type[Form], value: Any, path: Path) -> Form:
    """A value of a file as its form.

    Args:
        form: The form.
        value: The value; none is an empty mapping.
        path: The file, for errors.

    Raises:
        UserError: The value has another form.
    """
    try:
        return form.model_validate({} if value is None else value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        said = WRONG.get(first["type"], first["msg"].lower())
        raise UserError(f"{path}: {place}{': ' * bool(place)}{said}") from None
