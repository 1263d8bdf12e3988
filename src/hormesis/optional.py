"""Packages that only some work needs: which extra brings each, said where one is missing.

``pip install hormesis`` reads results, decides and draws; what runs a model is an extra (``pyproject.toml``).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

from hormesis.errors import HormesisError

EXTRAS = {
    "torch": "steer",
    "transformers": "steer",
    "safetensors": "steer",
    "sklearn": "steer",
    "gguf": "steer",
    "accelerate": "steer",
    "datasets": "steer",
    "tokenizers": "train",
    "olmo_core": "train",
    "trl": "post",
    "peft": "post",
    "lm_eval": "capability",
    "ray": "cluster",
    "vl_convert": "figures",
}
"""Module → the smallest extra that brings it."""


def missing(error: ImportError, work: str = "this") -> HormesisError | None:
    """What to say of a package that is not installed; None where it is none of ours to name.

    :param work: what needs it, as the subject of a sentence.
    """
    package = (error.name or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or package not in EXTRAS:
        return None
    return HormesisError(
        f"{work} needs {package}, which is not installed", f"pip install 'hormesis[{EXTRAS[package]}]'"
    )


def require(work: str, *packages: str) -> None:
    """Whether packages are there, which is not to import them.

    :param work: what needs them, as the subject of a sentence.
    :raises HormesisError: one is not installed.
    """
    for package in packages:
        if importlib.util.find_spec(package) is None:
            error = missing(ModuleNotFoundError(name=package), work)
            assert error is not None, package
            raise error


@contextmanager
def needed_for(work: str) -> Iterator[None]:
    """Around imports, or calls that import.

    :param work: what needs them, as the subject of a sentence.
    :raises HormesisError: one of :data:`EXTRAS` is not installed.
    """
    try:
        yield
    except ImportError as error:
        if (explained := missing(error, work)) is None:
            raise
        raise explained from error
