"""``python -m hormesis``: the command line."""

from __future__ import annotations

from hormesis.cli import main

if __name__ == "__main__":
    main()
