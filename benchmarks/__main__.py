"""Run the paired benchmarks and write their ratios: ``make bench``, or ``python -m benchmarks --full generation``."""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
from pathlib import Path

from benchmarks.result import BenchmarkResult

ROOMS = ("pretraining", "probing", "generation", "steering", "toy", "statistics", "report")


def main() -> None:
    """Run the rooms asked for, print a line for each result, and add them to the file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rooms", nargs="*", help=f"which of {', '.join(ROOMS)}; default: all")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks.json"))
    parser.add_argument("--full", action="store_true", help="at the sizes of the targets: about an hour")
    arguments = parser.parse_args()
    if unknown := set(arguments.rooms) - set(ROOMS):
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(ROOMS)}")
    recorded = json.loads(arguments.out.read_text()) if arguments.out.is_file() else {}
    for room in arguments.rooms or ROOMS:
        results: list[BenchmarkResult] = importlib.import_module(f"benchmarks.{room}").run(not arguments.full)
        for result in results:
            met = "meets" if result.ratio >= result.target else "MISSES"
            print(f"{result.name}: {result.ratio:.2f} ({met} {result.target:g}); {result.note}", flush=True)
            recorded[result.name] = {
                "ratio": round(result.ratio, 4),
                "target": result.target,
                "runs": [round(ratio, 4) for ratio in result.runs],
                "spread": round(statistics.pstdev(result.runs), 4),
                "full": arguments.full,
                "note": result.note,
            }
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
