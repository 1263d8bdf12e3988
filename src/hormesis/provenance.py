"""Which code computed something: what every measurement and every trained model is stamped with."""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def code_version() -> str:
    """The package's version, and the commit when it runs from a checkout of its own."""
    try:
        released = version("hormesis")
    except PackageNotFoundError:
        return "not installed"
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        # A checkout of something else around an installed package says nothing about this code.
        tracked = subprocess.run(
            [*git, "ls-files", "--error-unmatch", __file__], capture_output=True, timeout=5, check=False
        )
        if tracked.returncode:
            return released
        commit = subprocess.run(
            [*git, "describe", "--always", "--dirty", "--exclude=*"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return released
    return f"{released}+{commit.stdout.strip()}"
