"""What every part of a configuration is: closed, with names that are safe, and with classes found in registries."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from hormesis.registry import Registry, UnknownNameError

T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9 _.-]*[A-Za-z0-9_-])?")
_LONGEST_NAME = 80


def check_name(name: str) -> str:
    """A name that becomes part of a path, a column or a value of one.

    :raises ValueError: it could leave its folder, or mean something to what reads the column.
    """
    if _NAME.fullmatch(name) is None or len(name) > _LONGEST_NAME:
        raise ValueError(
            f"the name {name!r} becomes part of paths and columns: write letters, digits, `_`, `-`, `.` and spaces,"
            f" {_LONGEST_NAME} at most, first and last no dot and no space"
        )
    return name


def check_names_differ(names: Iterable[str]) -> None:
    """Whether names stay apart where case and punctuation are lost, as in the names of figures.

    :raises ValueError: two do not.
    """
    known: dict[str, str] = {}
    for name in names:
        short = re.sub(r"[^a-z0-9]+", "-", name.lower())
        if short in known:
            raise ValueError(f"the names {known[short]!r} and {name!r} are too much alike: both are {short!r} in files")
        known[short] = name


def _named_apart(values: dict[str, T]) -> dict[str, T]:
    check_names_differ(values)
    return values


Name = Annotated[str, AfterValidator(check_name)]
"""What a user calls something that gets a file, a folder or rows of its own."""
Named = Annotated[dict[Name, T], AfterValidator(_named_apart)]
"""Things by such names."""


Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""What random numbers are drawn from. NumPy's generators take no more."""


class Config(BaseModel):
    """Something that a user writes: frozen, and closed to keys that it does not know. Its numbers are finite, and its
    whole numbers are such as arrays can count."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _countable(cls, values: object) -> object:
        for name, value in values.items() if isinstance(values, dict) else ():
            for each in value if isinstance(value, list | tuple) else (value,):
                if isinstance(each, int) and not -(2**63) <= each < 2**63:
                    raise ValueError(f"{name}: a whole number of {len(str(each)) if each < 10**4000 else 4000} digits")
        return values


class OneOf(Generic[T]):
    """Marks a field that is one of a registry's classes: ``Annotated[Base, OneOf(REGISTRY, "kind", class_of)]``.

    It is pydantic's discriminated union, of whatever the registry holds when a value is read: errors name the same
    places, and the JSON schema lists every class. Who imports it need not import them.

    :param key: the field of each class whose only value is its name in the registry.
    :param class_of: the class of an entry of the registry.
    """

    def __init__(self, registry: Registry[T], key: str, class_of: Callable[[T], type[BaseModel]]) -> None:
        self._registry, self._key, self._class_of = registry, key, class_of
        self._classes: tuple[type[BaseModel], ...] = ()
        self._union: TypeAdapter[BaseModel] | None = None

    def _adapter(self) -> TypeAdapter[BaseModel]:
        classes = tuple(self._class_of(entry) for entry in self._registry.values())
        if self._union is None or classes != self._classes:
            union: Any = reduce(operator.or_, classes)
            self._union = TypeAdapter(Annotated[union, Field(discriminator=self._key)])
            self._classes = classes
        return self._union

    def _read(self, value: object) -> BaseModel:
        name = value.get(self._key) if isinstance(value, dict) else None
        if isinstance(name, str) and name not in self._registry:
            try:
                self._registry[name]
            except UnknownNameError as error:
                what = {"problem": error.problem, "fix": error.fix}
                raise PydanticCustomError("unknown_name", "{problem}; {fix}", what) from error
        return self._adapter().validate_python(value)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)  # written as whatever class it is

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(self._adapter().core_schema)


def tag_of(model: type[BaseModel], key: str) -> str:
    """The only value of a field that is a ``Literal`` of one string.

    :raises TypeError: there is no such field.
    """
    field = model.model_fields.get(key)
    values: tuple[Any, ...] = () if field is None else get_args(field.annotation)
    if len(values) != 1 or not isinstance(values[0], str):
        raise TypeError(f'{model.__name__} needs a field `{key}: Literal["its-name"]`')
    return values[0]
