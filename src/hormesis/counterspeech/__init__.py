"""Grounded answers about what was said and written, from a store of evidence that the user brings.

One store, which code alone reads and cuts from::

    files ──► documents ──► store ──► locate ──► attribute: was this said, by whom, in these words?

A *store* holds documents with their author, title, year, url and licence. *Locating* is exact: the words of a
quotation, one by one (`wording`), after its marks of editing are read (`quotation`). *Attributing* turns a place and a
claimed author into a verdict by stated rules. No verdict comes from a model, and what is near is never verified.
Nothing upstream knows this room.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
