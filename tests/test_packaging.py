"""What an installation brings: a light core, and extras that are named where one is missing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from hormesis.errors import HormesisError
from hormesis.optional import EXTRAS, missing, needed_for

_PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_DISTRIBUTIONS = {
    "vl_convert": "vl-convert-python",
    "sklearn": "scikit-learn",
    "olmo_core": "ai2-olmo-core",
    "lm_eval": "lm-eval",
}
"""Where a module is not called like its distribution."""


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=]", requirement)[0] for requirement in requirements}


def test_every_extra_brings_the_packages_that_are_said_to_be_in_it() -> None:
    extras = _PROJECT["optional-dependencies"]
    for module, extra in EXTRAS.items():
        assert _DISTRIBUTIONS.get(module, module) in _names(extras[extra]), (module, extra)
    core = _names(_PROJECT["dependencies"])
    assert not core & {_DISTRIBUTIONS.get(module, module) for module in EXTRAS}
    assert set(extras) == {"steer", "train", "post", "capability", "cluster", "figures", "all", "dev"}


def test_a_missing_package_is_named_with_its_extra() -> None:
    with pytest.raises(HormesisError, match=r"training needs olmo_core.*\n.*hormesis\[train\]"), needed_for("training"):
        raise ModuleNotFoundError("gone", name="olmo_core.nn.attention")
    with pytest.raises(ModuleNotFoundError), needed_for("training"):
        raise ModuleNotFoundError("a defect of ours", name="hormesis.nothing")
    assert missing(ImportError("a name that is not in it", name="torch")) is None
