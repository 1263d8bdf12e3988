"""What every part of the soak hands on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """How often a kind of fault was tried, and what went wrong: every number but ``tried`` should be 0.

    A part of the soak is a module with ``run(scale: float) -> Tally``; 1 is the size that is published.

    :param tracebacks: runs that ended with a traceback instead of an error with its fix.
    :param silent_wrong: runs that ended well, with other values than an undisturbed run.
    :param foreign_touched: files changed or removed that are not ours.
    :param left_over: files or processes still there after the next start.
    :param examples: a line for each of the first things that went wrong.
    """

    name: str
    tried: int
    tracebacks: int = 0
    silent_wrong: int = 0
    foreign_touched: int = 0
    left_over: int = 0
    examples: tuple[str, ...] = ()

    @property
    def faults(self) -> int:
        """All that went wrong."""
        return self.tracebacks + self.silent_wrong + self.foreign_touched + self.left_over
