"""The registry: built-in things are found without a list, strangers' have a version, and a wrong name is answered."""

from __future__ import annotations

import pytest

from hormesis.errors import HormesisError
from hormesis.registry import Registry, UnknownNameError


@pytest.fixture
def registry() -> Registry[object]:
    return Registry("thing", "hormesis.corpus.recipes", "hormesis.tests-only")


def shout() -> None: ...


def test_a_script_adds_a_thing_whose_version_is_its_source(registry: Registry[object]) -> None:
    registry.register("shout", shout)
    assert registry["shout"] is shout
    assert str(registry.version("shout")).startswith("script@")


def test_what_is_built_in_has_no_version(registry: Registry[object]) -> None:
    registry.register("registry", Registry)
    assert registry.version("registry") is None


def test_a_name_is_not_taken_from_what_is_built_in(registry: Registry[object]) -> None:
    registry.register("registry", Registry)
    with pytest.raises(HormesisError, match="there is a thing 'registry' already"):
        registry.register("registry", shout)


@pytest.mark.parametrize("wrong", ["Shout", "shuot"])
def test_an_unknown_name_names_the_nearest(registry: Registry[object], wrong: str) -> None:
    registry.register("shout", shout)
    with pytest.raises(UnknownNameError, match="did you mean shout") as caught:
        registry[wrong]
    assert isinstance(caught.value, KeyError)
    assert registry.get(wrong) is None
    assert wrong not in registry


def test_a_built_in_keeps_its_name_from_whoever_comes_first() -> None:
    readers: Registry[object] = Registry("reader", "hormesis.corpus.recipes")
    readers.register("own", shout)
    assert readers._package_opened and not readers._opened, "plug-ins are loaded when the registry is looked at"
