"""One compressed text of JSON: no markup can be in it, and it is a third as long."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from hormesis.files import Json


def packed(value: Json) -> str:
    """zlib's format in base64, as the browser's ``DecompressionStream("deflate")`` reads it."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")


def unpacked(text: str) -> Any:
    """What was :func:`packed`."""
    return json.loads(zlib.decompress(base64.b64decode(text)))
