"""The report room: measurement rows in, a page that a careful reader can check out.

A pure function. It trains nothing, scores nothing and asks no network, so a results folder can be redrawn
anywhere, and the same rows give the same bytes. In the order of reading:

- the room ``statistics`` checks the rows and interpolates between strengths; ``headline`` reads off its frontiers what
  each share leaves at *equal* cost: strengths of different models are never compared;
- ``judgement`` asks what of that the data decide: paired differences, a dip, a share to recommend, the tails of probes;
- ``cautions`` looks for reasons to doubt: too few seeds, a control that does as much, broken text, holes in
  the grid;
- ``page`` shows it: one file to explore, whose data ``explore`` works out and whose script only chooses from them;
  ``tables`` and ``summary`` are for machines, ``figures`` for paper, where they are asked for. What was not measured is
  left out with a note.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
