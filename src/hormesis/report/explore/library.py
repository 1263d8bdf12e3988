"""The drawing library of the page: Vega, Vega-Lite and Vega-Embed, as ``vl-convert-python`` bundles them.

Packed beside this file with its licences, for bundling takes seven seconds, and a report needs no such package then.
``python -m tests.report.vega_library`` makes it anew.
"""

from __future__ import annotations

import gzip
from importlib import resources

FILE = "vega.js.gz"
EXPORT = "window.vegaEmbed = vegaEmbed;"
"""What a bundle is made with; it ends so, whatever else it names."""


def library() -> str:
    """The script, which sets ``window.vegaEmbed``."""
    return gzip.decompress(resources.files("hormesis.report.explore").joinpath(FILE).read_bytes()).decode()


def closed(bundle: str) -> str:
    """A bundle whose own names are no one else's."""
    return "(()=>{" + bundle + "\n})();"
