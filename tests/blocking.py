"""Run code in a process of its own in which packages are not installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

HEAVY = ("torch", "transformers", "olmo_core")

_BLOCK = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""


def run_without(packages: Sequence[str], code: str, *arguments: str) -> str:
    """What ``code`` prints where ``packages`` are absent; ``arguments`` are its ``sys.argv[1:]``."""
    command = [sys.executable, "-c", _BLOCK.format(packages=tuple(packages)) + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
