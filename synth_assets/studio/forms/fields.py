"""The fields of a model as a form needs them: every one once, by its path.

A field is a leaf: a value that one widget edits. Fields inside a part that may be left out carry
the path of that part, so that a form offers it with a switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import reduce
from operator import or_
from pathlib import Path as FilePath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from synth_assets.core.scenario import FieldKind, NamedValues, kind_of
from synth_assets.studio.forms.shares import exact

Path = tuple[str, ...]
# Words of names as people read them.
SPELLED = {"num": "number of", "std": "standard", "dev": "deviation", "min": "lowest",
           "max": "highest", "id": "ID", "zip": "ZIP", "ios": "iOS"}  # fmt: skip
# ``json`` takes any value: it is the widget of types that have none of their own.
Widget = Literal[
    "number", "switch", "text", "choice", "date", "shares", "values", "names", "list", "json"
]
# Types whose values are texts in JSON, and those of the values of a simple list.
TEXTS = (str, datetime, time, timedelta, Decimal, UUID, FilePath)
LISTED = (str, int, float)


@dataclass(frozen=True)
class Field:
    """A field of a form.

    Attributes:
        path: Names from the model's field to the innermost one.
        widget: How it is edited.
        description: What it means.
        kind: Who may set it, by the outermost field.
        default: Its default, as JSON has it; None inside a part that is left out by default.
        whole: Whether a number has no fraction.
        least: The lowest number.
        most: The highest number.
        names: Names that may be chosen, or that have values.
        choices: Values of which one is chosen.
        beginning: Its value where it has no default.
        optional: Whether it may be left out (None).
        part: The innermost part around it that may be left out, if there is one.
    """

    path: Path
    widget: Widget
    description: str
    kind: FieldKind
    default: Any
    whole: bool = False
    least: float | None = None
    most: float | None = None
    names: tuple[str, ...] = ()
    choices: tuple[Any, ...] = ()
    beginning: Any = None
    optional: bool = False
    part: Path | None = None

    @property
    def name(self) -> str:
        """The path as errors and files have it."""
        return ".".join(self.path)

    @property
    def label(self) -> str:
        """The innermost name, for people; after that of the part in which it means something."""
        names = self.path[-2:] if len(self.path) > 2 else self.path[-1:]
        text = ": ".join(
            " ".join(SPELLED.get(word, word) for word in name.split("_")) for name in names
        )
        return text[:1].upper() + text[1:]


def fields_of(model: type[BaseModel]) -> list[Field]:
    """The fields of a model and of the models in it, in their order.

    Args:
        model: A scenario, or a configuration.
    """
    return list(_fields(model, (), None, None, (model,)))


def part_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of a field that has fields of its own; None for any other field, or an unknown one.

    Args:
        model: The model around it.
        name: The field's name.
    """
    info = model.model_fields.get(name)
    return _part(_without_none(info.annotation)[0]) if info else None


def part_named(model: type[BaseModel], path: Path) -> tuple[type[BaseModel], str]:
    """The model of a part, and what the part is for.

    Args:
        model: The model around it.
        path: The part's path.
    """
    description = ""
    for name in path:
        inner = part_of(model, name)
        assert inner is not None
        description = model.model_fields[name].description or ""
        model = inner
    return model, description


def _fields(
    model: type[BaseModel],
    above: Path,
    part: Path | None,
    kind: FieldKind | None,
    around: tuple[type[BaseModel], ...],
) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        path = (*above, name)
        of_field = kind or kind_of(model, name)
        annotation, optional = _without_none(info.annotation)
        inner = _part(annotation)
        if inner is None or inner in around:  # a model in itself has no last field
            yield _leaf(path, info, annotation, optional=optional, kind=of_field, part=part)
        else:
            inside = (*around, inner)
            yield from _fields(inner, path, path if optional else part, of_field, inside)


def _leaf(
    path: Path,
    info: FieldInfo,
    annotation: Any,
    *,
    optional: bool,
    kind: FieldKind,
    part: Path | None,
) -> Field:
    annotation, metadata = _unwrapped(annotation, list(info.metadata))
    named = next((m for m in metadata if isinstance(m, NamedValues)), None)
    least, most = _bounds(metadata)
    widget = _widget(annotation, named)
    choices, names = _choices(annotation), named.names if named else ()
    return Field(
        path=path,
        widget=widget,
        description=info.description or "",
        kind=kind,
        default=_default(info),
        whole=annotation is int,
        least=least,
        most=named.most if named else most,
        names=names,
        choices=choices,
        beginning=_beginning(annotation, widget, least, choices, names),
        optional=optional,
        part=part,
    )


def beginning_of(model: type[BaseModel]) -> dict[str, Any]:
    """The values of a part when it is switched on: its defaults, and something where it has none.

    Args:
        model: The part's model.
    """
    required = {name for name, info in model.model_fields.items() if info.is_required()}
    values = {name: _default(info) for name, info in model.model_fields.items()}
    for field in fields_of(model):
        part, name = part_of(model, field.path[0]), field.path[0]
        if name in required:
            values[name] = beginning_of(part) if part else field.beginning
    return values


def _default(info: FieldInfo) -> Any:
    """The default of a field, as JSON has it; None where there is none."""
    if info.is_required():
        return None
    return to_jsonable_python(info.get_default(call_default_factory=True), fallback=str)


def _choices(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return tuple(to_jsonable_python(choice) for choice in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(to_jsonable_python(member) for member in annotation)
    return ()


def _widget(annotation: Any, named: NamedValues | None) -> Widget:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is dict and named:
        return "shares" if named.shares else "values"
    if origin in (list, tuple, set, frozenset):
        simple_ = all(_unwrapped(one, [])[0] in (*LISTED, ...) for one in inside)
        return "names" if named else "list" if simple_ else "json"
    if _choices(annotation):
        return "choice"
    simple: dict[Any, Widget] = {bool: "switch", int: "number", float: "number", date: "date"}
    return simple.get(annotation, "text" if annotation in TEXTS else "json")


def _beginning(
    annotation: Any,
    widget: Widget,
    least: float | None,
    choices: tuple[Any, ...],
    names: tuple[str, ...],
) -> Any:
    """A value to begin with where there is no default."""
    if widget in ("shares", "values"):
        return exact(dict.fromkeys(names, 1.0))
    if widget == "number":
        return annotation(least or 0)
    if widget == "choice":
        return choices[0]
    empty: dict[Widget, Any] = {
        "names": [],
        "list": [],
        "switch": False,
        "date": date.today().isoformat(),
        "json": [] if get_origin(annotation) in (list, tuple, set, frozenset) else {},
    }
    return empty.get(widget, "")


def _bounds(metadata: Sequence[Any]) -> tuple[float | None, float | None]:
    least = most = None
    for mark in metadata:
        least = getattr(mark, "ge", getattr(mark, "gt", least))
        most = getattr(mark, "le", getattr(mark, "lt", most))
    return least, most


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """A type without None, and whether None was in it."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation, False
    some = [part for part in get_args(annotation) if part is not NoneType]
    return reduce(or_, some), NoneType in get_args(annotation)


def _unwrapped(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any]]:
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return _unwrapped(inner, [*metadata, *marks])
    return annotation, metadata


def _part(annotation: Any) -> type[BaseModel] | None:
    return (
        annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    )
