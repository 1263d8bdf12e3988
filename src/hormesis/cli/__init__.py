"""The command line: everything that a person types or is shown; ``hormesis --help``.

::

    typed text ── inputs ──► typed values ── a room does the work ──► values ── tables ──► a screen, or JSON

- :mod:`~hormesis.cli.entry` is the tree of commands; a command's file (``study``, ``decide``, ``look``, ``detox``,
  ``evaluate``, ``attack``, ``scorer``, ``toy``) is imported when it is run or its help is asked for, and what does the
  work when it works: help and errors of usage are instant and need no extra (:mod:`~hormesis.cli.lazy`).
- Options that several commands have are in :mod:`~hormesis.cli.options`: one name means one thing.
- A command gets a :class:`~hormesis.cli.screen.Screen` and gives it tables for people (``say``) and one value for
  programs (``result``, shown with ``--json``). No other room prints.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
