"""hormesis: how much bad data makes a good model?

Rooms, from left to right; each imports only rooms to its left, and hands on typed values::

    corpus ──► pretrain ──► representation ──► detox ──► evaluate ──► report
       └──────────────┴─────────── study (YAML → cells → results) ───────────┘
    toy (its own small world)

Import from the rooms (``from hormesis.representation import capture_heads``); importing this package loads nothing.
"""

from __future__ import annotations

import lazy_loader

_named, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name == "__version__":  # reading it takes longer than all the rest of `hormesis --version`
        from importlib.metadata import version

        return version("hormesis")
    return _named(name)
