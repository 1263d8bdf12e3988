"""Try every kind of fault: ``make soak``, or ``python -m benchmarks.soak --scale 0.05 kills``."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.soak.tally import Tally

PARTS = ("inputs", "damage", "full_disk", "kills")


def main() -> int:
    """Run the parts asked for, print a line for each, and add them to the file; 1 where anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)}; default: all")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is what is published: about an hour on two cores")
    parser.add_argument("--out", type=Path, default=Path("results/soak.json"))
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no part named {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if len(arguments.parts) != 1:  # each in a process of its own: forks of one that has threads may hang
        command = [
            sys.executable,
            "-m",
            "benchmarks.soak",
            "--scale",
            f"{arguments.scale}",
            "--out",
            f"{arguments.out}",
        ]
        return max([subprocess.run([*command, part]).returncode for part in arguments.parts or PARTS])
    recorded = json.loads(arguments.out.read_text()) if arguments.out.is_file() else {}
    faults = 0
    for part in arguments.parts:
        began = time.monotonic()
        tally: Tally = importlib.import_module(f"benchmarks.soak.{part}").run(arguments.scale)
        seconds = round(time.monotonic() - began)
        print(
            f"{tally.name}: {tally.tried} tried in {seconds} s; {tally.tracebacks} tracebacks, {tally.silent_wrong}"
            f" silent wrong, {tally.foreign_touched} foreign files touched, {tally.left_over} left over",
            *tally.examples,
            sep="\n  ",
            flush=True,
        )
        recorded[tally.name] = dataclasses.asdict(tally) | {"scale": arguments.scale, "seconds": seconds}
        faults += tally.faults
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
