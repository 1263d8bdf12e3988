"""hormesis: how much bad data makes a good model?

Rooms, from left to right; each imports only rooms to its left, and hands on typed values::

    corpus ──► pretrain ──► representation ──► detox ──► evaluate ──► report
       └──────────────┴─────────── study (YAML → cells → results) ───────────┘
    toy (its own small world)

Import from the rooms (``from hormesis.representation import capture_heads``); importing this package loads nothing.
"""

from __future__ import annotations

from importlib.metadata import version

__version__ = version("hormesis")
