"""The fields of a model as a form needs them: every one once, by its path.

A field is a leaf: a value that one widget edits. Fields inside a part that may be left out carry
the path of that part, so that a form offers it with a switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from synth_assets.core.scenario import FieldKind, NamedValues, kind_of

Path = tuple[str, ...]
# Words of names as people read them.
SPELLED = {"num": "number of", "std": "standard", "dev": "deviation", "min": "lowest",
           "max": "highest", "id": "ID", "zip": "ZIP", "ios": "iOS"}  # fmt: skip
Widget = Literal["number", "switch", "text", "choice", "date", "shares", "values", "names", "list"]


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
    return list(_fields(model, (), None, None))


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
    model: type[BaseModel], above: Path, part: Path | None, kind: FieldKind | None
) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        path = (*above, name)
        of_field = kind or kind_of(model, name)
        annotation, optional = _without_none(info.annotation)
        inner = _part(annotation)
        if inner is None:
            yield _leaf(path, info, annotation, optional=optional, kind=of_field, part=part)
        else:
            yield from _fields(inner, path, path if optional else part, kind or of_field)


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
    choices: tuple[str, ...] = ()
    if get_origin(annotation) is Literal:
        choices = tuple(map(str, get_args(annotation)))
    default = info.get_default(call_default_factory=True)
    return Field(
        path=path,
        widget=_widget(annotation, named),
        description=info.description or "",
        kind=kind,
        default=default.isoformat() if isinstance(default, date) else default,
        whole=annotation is int,
        least=least,
        most=named.most if named else most,
        names=named.names if named else choices,
        optional=optional,
        part=part,
    )


def _widget(annotation: Any, named: NamedValues | None) -> Widget:
    origin = get_origin(annotation)
    if origin is dict:
        return "shares" if named and named.shares else "values"
    if origin in (list, tuple):
        return "names" if named else "list"
    if origin is Literal:
        return "choice"
    simple: dict[Any, Widget] = {bool: "switch", int: "number", float: "number", date: "date"}
    return simple.get(annotation, "text")


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
    return (some[0] if len(some) == 1 else str), NoneType in get_args(annotation)


def _unwrapped(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any]]:
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return _unwrapped(inner, [*metadata, *marks])
    return annotation, metadata


def _part(annotation: Any) -> type[BaseModel] | None:
    return (
        annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    )
