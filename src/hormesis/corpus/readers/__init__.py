"""Readers of file formats: rows of named columns, streamed, in the order of the file.

One format, one file; :data:`READERS` holds them by suffix. A reader is a function of a file and the columns wanted
(:data:`Reader`), and adds itself with :func:`reader`, which says how to add one more.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
