"""Text of models and of strangers, as a page, a file or a terminal can show it."""

from __future__ import annotations


def legible(text: str) -> str:
    """``text`` as a file can hold it and a terminal show it: control characters and halves of surrogate pairs become
    U+FFFD."""
    return "".join("\ufffd" if _is_broken(ord(character)) else character for character in text)


def _is_broken(code: int) -> bool:
    is_control = (code < 32 and chr(code) not in "\n\t") or 127 <= code < 160
    return is_control or 0xD800 <= code < 0xE000
