"""The words in which the page speaks of measurements."""

from __future__ import annotations


def share_in_words(share: float) -> str:
    """A share as text: 0.05 → ``5 %``."""
    return f"{100 * share:.4g} %"


def counted(number: int, noun: str) -> str:
    """``1 measurement``, ``1,200 measurements``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def in_digits(value: float) -> str:
    """Three decimals; two digits where these would hide a small value: 0.00042, not 0.000."""
    return f"{value:.2g}" if 0 < abs(value) < 0.0095 else f"{value:.3f}"
