"""The language as data: the model at each place of a file, and the published JSON Schema.

Run ``python -m synth_assets.declarative.language`` after a model has changed; a test fails while
the file differs.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from synth_assets.declarative.model import DomainSpec

ADDRESS = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The JSON Schema of a file, as text."""
    schema = DomainSpec.model_json_schema()
    schema = {"$schema": ADDRESS, "title": "A domain of synth-assets", **schema}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def model_at(content: Any, place: tuple[str | int, ...]) -> type[BaseModel]:
    """The model of the innermost mapping of fields at a place of a file.

    Args:
        content: The content of the file.
        place: The keys that lead to it.
    """
    model: type[BaseModel] = DomainSpec
    annotation: Any = DomainSpec
    for key in place:
        content = content[key]
        annotation = _inside(annotation, key)
        found = _chosen(annotation, content)
        model = found or model
        annotation = found or annotation
    return model


def _inside(annotation: Any, key: str | int) -> Any:
    """The type of a field, or of the values of a mapping or list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        info = annotation.model_fields.get(str(key))
        return None if info is None else info.annotation
    for option in _options(annotation):
        if get_origin(option) in (dict, list):
            return get_args(option)[-1]
    return None


def _chosen(annotation: Any, content: Any) -> type[BaseModel] | None:
    """The model of a mapping: the only one, or that of its kind."""
    models = [o for o in _options(annotation) if isinstance(o, type) and issubclass(o, BaseModel)]
    if len(models) == 1:
        return models[0]
    kind = content.get("kind") if isinstance(content, dict) else None
    return next((model for model in models if kind in _kinds(model)), None)


def _kinds(model: type[BaseModel]) -> tuple[Any, ...]:
    info = model.model_fields.get("kind")
    return get_args(info.annotation) if info and get_origin(info.annotation) is Literal else ()


def _options(annotation: Any) -> list[Any]:
    """The members of a union, without what they are annotated with."""
    if get_origin(annotation) is Annotated:
        return _options(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [option for each in get_args(annotation) for option in _options(each)]
    return [annotation]


if __name__ == "__main__":
    from synth_assets.core.variables import PACKAGE

    Path(PACKAGE.parent / "docs" / "schemas" / "domain.schema.json").write_text(schema_text())
