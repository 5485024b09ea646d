"""The shape of a site file and of a profile: which tables and keys there are.

The keys of options come from the options table; only ``[[route]]`` and a profile's own words are declared here.
pydantic judges the shape; what it finds is turned into one line with file, line and the nearest known name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, ValidationInfo, create_model
from pydantic_core import ErrorDetails

from antechamber.errors import ConfigError
from antechamber.policy.document import Document
from antechamber.policy.locate import KeyPath
from antechamber.policy.match import covers
from antechamber.policy.model import Kind
from antechamber.policy.option import Option
from antechamber.policy.options import OPTIONS
from antechamber.policy.quantities import Duration, Size
from antechamber.policy.route_table import RouteTable, shape_of
from antechamber.policy.suggest import did_you_mean, nearest
from antechamber.policy.value import ValueProblem, ValueType, items_of, quoted, text_of
from antechamber.policy.words import known_word

ModelT = TypeVar("ModelT", bound=BaseModel)

_SHAPE = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"))

_SEGMENT = re.compile(r":[A-Za-z][A-Za-z0-9_-]*|(?!\.{1,2}$)[A-Za-z0-9._~!$&'()+,;=@%-]+")
"""A named segment, or path characters of RFC 3986, section 3.3, but no dot segment."""

_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*")
_METHOD = re.compile(r"[A-Z]+")


def _by(value_type: ValueType[object]) -> PlainValidator:
    """A pydantic field that is read by one of our value types."""

    def read(raw: object, info: ValidationInfo) -> object:
        document = info.context
        assert isinstance(document, Document)
        return value_type.parse(raw, base=document.base)

    return PlainValidator(read)


def _route_path(raw: object) -> str:
    way_out = "Write /exact, /with/:name/segments or /prefix/*."
    path = text_of(raw, what="a path", way_out=way_out)
    if not path.startswith("/"):
        raise ValueProblem(f"the path {quoted(path)} does not start with a slash", way_out)
    segments = path[1:].removesuffix("/*").split("/") if path not in ("/", "/*") else []
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise ValueProblem(f"{quoted(path)} is not a route's path", way_out)
    return path


def _example(raw: object, info: ValidationInfo) -> str:
    path = info.data.get("path", raw)  # where it is missing or wrong, that is said already
    example = _route_path(raw)
    if "/:" in example or example.endswith("/*") or not covers(path, example):
        way_out = f"Write a path that {quoted(path)} stands for, without names or stars."
        raise ValueProblem(f"{quoted(example)} is no example of {quoted(path)}", way_out)
    return example


def _kind(raw: object) -> Kind:
    kinds = tuple(kind.value for kind in Kind)
    word = text_of(raw, what="a kind", way_out=f"Known: {', '.join(kinds)}.")
    if word not in kinds:
        raise known_word(word, kinds, what="a kind of route")
    return Kind(word)


def _methods(raw: object) -> tuple[str, ...]:
    way_out = 'Write a list such as ["GET", "POST"].'
    methods = items_of(raw, what="a list of methods", way_out=way_out)
    for method in methods:
        if not _METHOD.fullmatch(method):
            raise ValueProblem(f"{quoted(method)} is not a method", way_out)
    return tuple(methods)


def _version(raw: object) -> str:
    version = text_of(raw, what="a version", way_out='Write it as text, such as "1.16.1".')
    if not _VERSION.fullmatch(version):
        raise ValueProblem(f"{quoted(version)} is not a version", 'Write it as text, such as "1.16.1".')
    return version


class RouteShape(BaseModel):
    """One ``[[route]]``. What is not written is taken from the profile's route of the same path."""

    model_config = _SHAPE

    path: Annotated[str, PlainValidator(_route_path)] = Field(
        description="`/exact`, `/with/:name/segments` or `/prefix/*` (which stands for `/prefix` too). Required."
    )
    name: str = Field(default="", strict=True, description="What people call it; the path where it is not given.")
    kind: Annotated[Kind | None, PlainValidator(_kind)] = Field(
        default=None,
        description="`page`, `api`, `upload`, `sse` or `websocket`. Required for a route that the profile has not.",
    )
    methods: Annotated[tuple[str, ...], PlainValidator(_methods)] = Field(
        default=(), description="The methods that the app answers there; for people and checks, never enforced."
    )
    heartbeat: Annotated[float | None, _by(Duration())] = Field(
        default=None, description="The longest silence of a healthy app on this route."
    )
    first: str = Field(default="", strict=True, description="A piece of what the app sends first by itself.")
    since: Annotated[str, PlainValidator(_version)] = Field(default="", description="First app version that has it.")
    until: Annotated[str, PlainValidator(_version)] = Field(default="", description="Last app version that has it.")
    seed: bool = Field(default=False, strict=True, description="Whether the app's own reverse-proxy guide names it.")
    body_limit: Annotated[int | None, _by(Size())] = Field(
        default=None, description="The largest request body here, instead of `limits.body`."
    )
    response_timeout: Annotated[float | None, _by(Duration())] = Field(
        default=None, description="How long the app may take to answer here, instead of `timeouts.response`."
    )
    stream_idle_timeout: Annotated[float | None, _by(Duration())] = Field(
        default=None, description="How long a stream may be silent here, instead of `timeouts.stream-idle`."
    )
    example: Annotated[str, PlainValidator(_example)] = Field(
        default="", description="A path of it for checks to ask for, where a made-up one would not show everything."
    )
    hashed: bool = Field(
        default=False,
        strict=True,
        description="Whether its names change with its content: then any cache may keep what it serves.",
    )
    note: str = Field(default="", strict=True, description="Anything else worth knowing.")

    def table(self) -> RouteTable:
        """The same without pydantic."""
        return RouteTable(
            **{name: getattr(self, name) for name in RouteShape.model_fields}, written=frozenset(self.model_fields_set)
        )


class _RoutesShape(BaseModel):
    model_config = _SHAPE

    route: tuple[RouteShape, ...] = ()


class _ProfileShape(_RoutesShape):
    name: str = Field(min_length=1, strict=True)
    app: str = Field(min_length=1, strict=True)
    about: str = Field(default="", strict=True)
    port: int = Field(default=0, ge=0, le=65535, strict=True)


def site_routes(document: Document) -> tuple[RouteTable, ...]:
    """The routes of a site file, once its whole shape has been checked."""
    options = [option for option in OPTIONS if option.key]
    routes = _checked(_with_options(_RoutesShape, options), document, options).route
    _refuse_twins(routes, document)
    return tuple(route.table() for route in routes)


def profile_shape(document: Document) -> tuple[str, str, tuple[RouteTable, ...]]:
    """Name, the app's name, and the routes of a profile, once its whole shape has been checked."""
    options = [option for option in OPTIONS if option.in_profile]
    checked = _checked(_with_options(_ProfileShape, options), document, options)
    for index, route in enumerate(checked.route):
        for key, value in (("name", route.name), ("kind", route.kind)):
            if not value:
                raise ConfigError(f'the route has no "{key}"', place=document.place(("route", index)))
    _refuse_twins(checked.route, document)
    return checked.name, checked.app, tuple(route.table() for route in checked.route)


def _refuse_twins(routes: Iterable[RouteShape], document: Document) -> None:
    first: dict[str, int] = {}
    for index, route in enumerate(routes):
        twin = first.setdefault(shape_of(route.path), index)
        if twin != index:
            line = document.line(("route", twin))
            raise ConfigError(
                f'the route "{route.path}" stands here twice (first on line {line})',
                place=document.place(("route", index)),
                way_out="Make one of the two.",
            )


def _with_options(shape: type[ModelT], options: Iterable[Option[object]]) -> type[ModelT]:
    """``shape`` with the keys of ``options``, whose values are read elsewhere."""
    tables: dict[str, list[str]] = {"": []}
    for option in options:
        table, _, leaf = option.key.rpartition(".")
        tables.setdefault(table, []).append(leaf)
    top: dict[str, Any] = {_python(leaf): _anything(leaf) for leaf in tables.pop("")}  # what create_model takes
    for table, leaves in tables.items():
        fields: dict[str, Any] = {_python(leaf): _anything(leaf) for leaf in leaves}
        inner = create_model(table, __config__=_SHAPE, **fields)
        top[_python(table)] = (inner | None, Field(default=None, alias=table))
    return create_model(shape.__name__, __base__=shape, **top)


def _anything(leaf: str) -> tuple[object, object]:
    return (object, Field(default=None, alias=leaf))


def _python(name: str) -> str:
    return name.replace("-", "_")


def _checked(shape: type[ModelT], document: Document, options: Iterable[Option[object]]) -> ModelT:
    try:
        return shape.model_validate(document.tree, context=document)
    except ValidationError as error:
        first = min(error.errors(include_url=False), key=lambda detail: document.line(detail["loc"]))
        raise _refusal(first, document, options) from None


def _refusal(detail: ErrorDetails, document: Document, options: Iterable[Option[object]]) -> ConfigError:
    path: KeyPath = detail["loc"]
    key = str(path[-1]) if path else ""
    problem, way_out = _explain(detail, key)
    if detail["type"] == "extra_forbidden":
        way_out = _nearest_key(path, options)
    return ConfigError(problem, place=document.place(path), way_out=way_out)


def _explain(detail: ErrorDetails, key: str) -> tuple[str, str]:
    error = detail.get("ctx", {}).get("error")
    if isinstance(error, ValueProblem):
        return error.problem, error.way_out
    match detail["type"]:
        case "extra_forbidden":
            return f'unknown key "{key}"', ""
        case "missing":
            return f'the key "{key}" is missing', ""
        case "model_type" | "model_attributes_type":
            return f'"{key}" is a table', f"Write [{key}], and its keys on the lines below."
        case "tuple_type":
            return f'"{key}" is a list of tables', f"Write [[{key}]] with two brackets."
        case "string_type":
            return f'"{key}" is text', f'Write {key} = "…".'
        case "bool_type":
            return f'"{key}" is true or false, without quotes', ""
        case _:
            return f'"{key}": {detail["msg"].lower()}', ""


def _nearest_key(path: KeyPath, options: Iterable[Option[object]]) -> str:
    """The sentence that names the nearest key: in the same table, or where a flag's name has its key in the file."""
    word = str(path[-1])
    table = ".".join(part for part in path[:-1] if isinstance(part, str))
    if table == "route":
        return did_you_mean(word, [field.alias or name for name, field in RouteShape.model_fields.items()])
    keys = [option.key for option in options]
    here = sorted(_names_in(table, keys))
    elsewhere = {key.rpartition(".")[2]: key for key in keys} | {option.name: option.key for option in options}
    meant = nearest(word, [*elsewhere, *here])
    if not meant:
        return f"Known here: {', '.join(here)}."
    return f"Did you mean {meant if meant in here else elsewhere[meant]}?"


def _names_in(table: str, keys: Iterable[str]) -> set[str]:
    """The keys and tables that may stand in ``table``; the root is ``""``."""
    prefix = f"{table}." if table else ""
    names = {key.removeprefix(prefix).partition(".")[0] for key in keys if key.startswith(prefix)}
    return names if table else names | {"route"}
