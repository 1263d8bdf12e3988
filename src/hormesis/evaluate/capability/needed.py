"""What is said where lm-eval is missing: it is an extra, for it brings much along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hormesis.errors import HormesisError


@contextmanager
def lm_eval_needed() -> Iterator[None]:
    """Around imports of modules that import lm-eval.

    :raises HormesisError: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "lm_eval":
            raise
        raise HormesisError(
            "capability tasks and zero-shot detection need lm-eval, which is not installed",
            "pip install 'hormesis[capability]'",
        ) from error
