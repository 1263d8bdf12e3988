"""Reading a page as its script does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hormesis.report.explore.packed import unpacked


def data_of(page: Path) -> Any:
    """What is packed in the page."""
    found = re.search(r'<script type="application/json" id="data">"([A-Za-z0-9+/=]*)"</script>', markup_of(page))
    assert found is not None
    return unpacked(found[1])


def markup_of(page: Path) -> str:
    """The page as a file."""
    return page.read_text(encoding="utf-8")


def words_of(page: Path) -> str:
    """All that the page can show: its markup without scripts, and its data as text."""
    shown = re.sub(r"<script>.*?</script>", "", markup_of(page), flags=re.DOTALL)
    return shown + json.dumps(data_of(page), ensure_ascii=False)
