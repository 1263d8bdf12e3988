"""One command of hormesis, run in this process as ``hormesis …`` is, and what came of it."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from huggingface_hub import constants as hub

_SECONDS = 60


class _Slow(BaseException):
    """It takes longer than anyone here waits; that is no fault."""


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    :param code: its exit status; None where it was stopped, for it took long.
    :param said: standard output and error.
    :param traceback: the last lines of one; empty where there is none.
    """

    code: int | None
    said: str
    traceback: str = ""

    @property
    def wordless(self) -> bool:
        """Whether it failed and does not say why."""
        return bool(self.code) and not self.said.strip()


def command(arguments: Sequence[str], folder: Path) -> Ended:
    """``hormesis ARGUMENTS`` in ``folder``."""
    from hormesis.cli import main

    said = io.StringIO()
    with _as_called(arguments, folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main()
            code: int | None = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except _Slow:
            code = None
        except BaseException:
            return Ended(1, said.getvalue(), "".join(traceback.format_exc().splitlines(keepends=True)[-4:]))
    text = said.getvalue()
    return Ended(code, text, text[-400:] if "Traceback (most recent call last)" in text else "")


@contextlib.contextmanager
def _as_called(arguments: Sequence[str], folder: Path) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise _Slow

    argv, here, offline = sys.argv, Path.cwd(), hub.HF_HUB_OFFLINE
    before = signal.signal(signal.SIGALRM, stop)
    sys.argv = ["hormesis", *arguments]
    os.chdir(folder)
    hub.HF_HUB_OFFLINE = True  # else a wrong name is looked for, again and again
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        os.chdir(here)
        hub.HF_HUB_OFFLINE = offline
        sys.argv = argv
