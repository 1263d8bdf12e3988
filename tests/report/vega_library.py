"""Makes the packed drawing library anew: ``python -m tests.report.vega_library``."""

from __future__ import annotations

import gzip
from importlib import import_module
from pathlib import Path

from hormesis.report.explore.library import EXPORT, FILE, closed

PACKED = Path(__file__).parents[2] / "src" / "hormesis" / "report" / "explore" / FILE


def made() -> str:
    """The library of the version of ``vl-convert-python`` that is installed."""
    return closed(str(import_module("vl_convert").javascript_bundle(EXPORT)))


if __name__ == "__main__":
    PACKED.write_bytes(gzip.compress(made().encode(), 9, mtime=0))
