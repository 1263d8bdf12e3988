"""Short ``repr``: what a value is, never the texts and numbers that it holds.

A notebook shows the last value of a cell. Of a corpus that would be hundreds of kilobytes, and hateful ones.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from pathlib import PurePath
from typing import TypeVar

_LONGEST_NAME, _LONGEST, _FEW = 40, 400, 4
T = TypeVar("T")


def short_repr(cls: type[T]) -> type[T]:
    """A class decorator, above ``@dataclass``: its fields, texts and arrays by their size."""

    def __repr__(self: T) -> str:
        fields = (field for field in dataclasses.fields(self) if field.repr)  # type: ignore[arg-type]
        return _cut(type(self).__name__, [f"{field.name}={shortly(getattr(self, field.name))}" for field in fields])

    cls.__repr__ = __repr__  # type: ignore[method-assign, assignment]
    return cls


def shortly(value: object) -> str:
    """``value`` in a few words."""
    if value is None or isinstance(value, bool | int | float | complex | enum.Enum | PurePath):
        return f"{value:.6g}" if isinstance(value, float) else str(value)
    if isinstance(value, str):
        is_name = len(value) <= _LONGEST_NAME and not any(each.isspace() for each in value)
        return repr(value) if is_name else f"<{len(value):,} characters>"
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    if (shape := getattr(value, "shape", None)) is not None and not callable(shape):  # arrays, tensors, frames
        return f"<{type(value).__name__} {' × '.join(f'{size:,}' for size in shape) or 'of one number'}>"
    if isinstance(value, Mapping):
        return f"<{len(value):,} {'entry' if len(value) == 1 else 'entries'}>"
    if isinstance(value, tuple | list | set | frozenset):
        if len(value) <= _FEW and all(each is None or isinstance(each, bool | int | float) for each in value):
            return f"({', '.join(map(shortly, value))})"
        return f"<{len(value):,} {'item' if len(value) == 1 else 'items'}>"
    if dataclasses.is_dataclass(value) and len(said := repr(value)) <= _LONGEST // 4:
        return said
    return f"<{type(value).__name__}>"


def _cut(name: str, fields: list[str]) -> str:
    """As many fields as fit."""
    for count in range(len(fields), -1, -1):
        said = f"{name}({', '.join([*fields[:count], *(['…'] if count < len(fields) else [])])})"
        if len(said) <= _LONGEST:
            return said
    return f"{name}(…)"
