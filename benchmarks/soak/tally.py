"""What every part of the soak hands on."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

_EXAMPLES = 20
_TOLD_EVERY = 10


@dataclass(frozen=True)
class Tally:
    """How often a kind of fault was tried, and what went wrong: every number but ``tried`` should be 0.

    A part of the soak is a module with ``run(scale: float) -> Tally``; 1 is the size that is published.

    :param tracebacks: runs that ended with a traceback instead of an error with its fix.
    :param silent_wrong: runs that ended well, with other values than an undisturbed run.
    :param foreign_touched: files changed or removed that are not ours.
    :param left_over: files or processes still there after the next start.
    :param kinds: how often each kind was tried.
    :param examples: a line for each of the first things that went wrong.
    """

    name: str
    tried: int
    tracebacks: int = 0
    silent_wrong: int = 0
    foreign_touched: int = 0
    left_over: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

    @property
    def faults(self) -> int:
        """All that went wrong."""
        return self.tracebacks + self.silent_wrong + self.foreign_touched + self.left_over


@dataclass
class Count:
    """What goes into a tally, while it is counted."""

    tried: Counter[str] = field(default_factory=Counter)
    tracebacks: int = 0
    silent_wrong: int = 0
    foreign_touched: int = 0
    left_over: int = 0
    examples: list[str] = field(default_factory=list)

    def fault(self, kind: str, told: str, number: int = 1) -> None:
        """Something went wrong: ``kind`` is one of the numbers above."""
        setattr(self, kind, getattr(self, kind) + number)
        self.examples.append(f"{kind}: {told}")
        print(f"  {self.examples[-1]}", file=sys.stderr, flush=True)

    def attempt(self, kind: str) -> None:
        """One more was tried; now and then a line says how far it is."""
        self.tried[kind] += 1
        if self.tried.total() % _TOLD_EVERY == 0:
            print(f"  {self.tried.total()} tried, {len(self.examples)} faults", file=sys.stderr, flush=True)

    def tally(self, name: str) -> Tally:
        """All of it."""
        return Tally(
            name, self.tried.total(), self.tracebacks, self.silent_wrong, self.foreign_touched, self.left_over,
            dict(sorted(self.tried.items())), tuple(self.examples[:_EXAMPLES]),
        )  # fmt: skip
