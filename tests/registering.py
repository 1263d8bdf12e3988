"""What a test adds to a registry is gone after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from hormesis.registry import Registry

T = TypeVar("T")


@contextmanager
def restored(registry: Registry[T]) -> Iterator[Registry[T]]:
    """``registry``, which afterwards holds what it held before."""
    values, versions = dict(registry), {name: registry.version(name) for name in registry}
    try:
        yield registry
    finally:
        registry._values.clear()
        registry._values.update(values)
        registry._versions.clear()
        registry._versions.update({name: version for name, version in versions.items() if version is not None})
